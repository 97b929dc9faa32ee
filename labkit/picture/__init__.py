"""The wiring picture of a circuit, live: to operate on simulated pins, to compare with on real ones."""

from labkit.picture.widget import Picture, picture

__all__ = ["Picture", "picture"]
