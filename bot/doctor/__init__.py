"""Looking whether all that the bot needs is there, before a run finds out that it is not."""
