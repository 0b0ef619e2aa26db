"""What runs inside the sandbox; only the standard library may be imported here, see `runner`."""
