"""Workflow files of GitHub Actions, read without running them: what starts them, and what is certain of an expression.

Everything here errs to one side: what is not certainly excluded is taken to happen.
"""
