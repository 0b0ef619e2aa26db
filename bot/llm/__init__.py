"""Language models as an edge: one request in, one answer of tool calls out, with what it cost."""
