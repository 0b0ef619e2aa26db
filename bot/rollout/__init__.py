"""Rollout: which task is told which item, and what its tasks' outcomes decide."""
