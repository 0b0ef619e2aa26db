"""Making the bot's own GitHub App, from the form to the credentials file."""
