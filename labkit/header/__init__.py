"""The board's pin header, live: what each pin is, who holds it, its level and its edges."""

from labkit.header.widget import Header, header

__all__ = ["Header", "header"]
