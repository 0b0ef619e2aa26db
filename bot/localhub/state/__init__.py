"""What the loopback GitHub knows, one noun a file; mutable, because a server's memory is."""
