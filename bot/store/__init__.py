"""All that is kept: tables, and functions that return frozen values."""
