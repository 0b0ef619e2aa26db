"""GitHub Actions on loopback: which workflows start, what runs them, and what comes back."""
