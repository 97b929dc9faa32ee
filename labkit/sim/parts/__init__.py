"""Simulated components, one family per file."""
