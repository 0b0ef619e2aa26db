"""GitHub over its API: the only place that knows its URLs, its tokens and its limits."""
