"""CI: from check runs to a verdict, and from hostile reports to typed findings."""
