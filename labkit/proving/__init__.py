"""Proves notebooks: each in a kernel of its own, on simulated pins, in virtual time; `pytest --labkit PATH`."""
