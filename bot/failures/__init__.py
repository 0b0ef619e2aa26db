"""Failures: from typed findings to the closed features that are learned from: category, rule, fingerprint."""
