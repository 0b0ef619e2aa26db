"""Learning: what failures suggest, registered before the tasks that judge it, and what becomes a proposal."""
