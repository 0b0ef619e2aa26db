"""The language every part of the bot shares: frozen values and closed unions, no behaviour that does I/O."""
