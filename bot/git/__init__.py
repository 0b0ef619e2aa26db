"""Git as an edge: bare caches of repositories, read-only views of their commits, and the user's own clone."""
