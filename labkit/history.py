"""What a figure asks of something recorded, to draw any window of it at any width. Times: nanoseconds of lab time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Columns", "History", "Lane", "Points"]


class Lane(NamedTuple):
    """One channel of a figure.

    Attributes:
        number: By which the data is asked for.
        name: What the user calls it.
        is_digital: Levels that hold until the next edge; else values that were sampled.
        unit: Of values; empty where it is not known.
    """

    number: int
    name: str
    is_digital: bool
    unit: str = ""


class Columns(NamedTuple):
    """A channel over a window, one entry for each of the columns that divide it evenly.

    Attributes:
        low: The lowest level or value within the column; of a digital lane also the level that it begins with.
        high: The highest. Not a number, both, where nothing was sampled.
        counts: How many edges or samples lie in it: two or more where a pulse is narrower than a pixel.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    counts: NDArray[np.int64]


class Points(NamedTuple):
    """A channel's edges or samples within a window, one by one.

    Attributes:
        times_ns: When, in order.
        values: Levels after the edges, or what was sampled.
        before: The level that a digital lane begins with.
    """

    times_ns: NDArray[np.int64]
    values: NDArray[np.float64]
    before: float


class History(Protocol):
    """Callable from any thread."""

    @property
    def lanes(self) -> Sequence[Lane]:
        """What there is to draw."""
        ...

    @property
    def span_ns(self) -> tuple[int, int]:
        """From the first instant that it tells of to the last."""
        ...

    @property
    def zero_ns(self) -> int:
        """The instant that people count from: the start of a run; of a bench, that of lab time."""
        ...

    @property
    def marks(self) -> Sequence[tuple[int, str]]:
        """What happened, in words, by its instant."""
        ...

    def columns(self, begin_ns: int, end_ns: int, pixels: int) -> Mapping[int, Columns]:
        """Every lane in so many columns, by the lane's number. No edge is missed, however short its pulse.

        Where the window holds some millions of edges, an edge may show in the neighbouring column as well.
        """
        ...

    def points(self, begin_ns: int, end_ns: int, most: int) -> Mapping[int, Points] | None:
        """Every edge and sample of a window, by the lane's number; None where there are more than `most`."""
        ...
