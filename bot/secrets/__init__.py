"""Secrets: the one place that knows what a credential looks like, for whatever leaves the bot or is kept by it."""
