"""Circuits of declared parts: checked, wired on the simulated board, drawn, read and written."""
