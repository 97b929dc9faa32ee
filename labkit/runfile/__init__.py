"""The file of a run: an append-only log of records. docs/recording.md describes it for readers in any language."""
