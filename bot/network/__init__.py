"""The way out: which servers the bot may speak to, through which proxy and trusting which certificates.

The clients of GitHub, of models and of git are handed what is made here and know nothing of it.
"""
