"""Physics of the parts, one family per file."""
