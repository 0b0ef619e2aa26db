"""What a project's own deterministic tools say of it, run one by one and written down."""
