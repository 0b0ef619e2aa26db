"""Fractal-RMO: labelled issues become validated pull requests, and failures become better checklists."""

__version__ = "0.1.0"
