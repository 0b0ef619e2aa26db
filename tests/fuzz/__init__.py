"""Parsers against bytes that nobody meant: in the suite by Hypothesis, longer and guided by coverage with atheris."""
