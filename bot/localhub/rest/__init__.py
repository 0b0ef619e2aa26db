"""The REST API, one noun a file; each file ends with the table of its endpoints and what each of them asks for."""
