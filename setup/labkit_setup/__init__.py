"""Turns a machine into a secure JupyterLab for GPIO work."""
