"""Parsers of the reports that a commit's checks leave behind; none raises, whatever bytes it is given."""
