"""Mining: counting contexts and failures in an embedded engine, fast and incremental."""
