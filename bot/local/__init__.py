"""A whole world in one process: a GitHub on loopback, the bot, and a person. For demonstrations and local runs."""
