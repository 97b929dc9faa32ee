"""The rules of the lint, one family per file: each is a function that yields findings."""
