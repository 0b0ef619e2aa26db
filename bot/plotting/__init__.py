"""Plotting: figures as PNG files."""
