"""Benchmarks: distributions and ratios, printed as tables. Nothing here passes or fails by the clock."""
