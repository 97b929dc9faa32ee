"""Columns and points as the bytes that a page draws from; `static/scope/decode.js` reads them.

Columns, channel after channel: of analog ones low and high as 32-bit floats, then of digital ones low, high and the
number of edges as bytes. A level is 0 to 250; 255 where it is not known. Edges count up to 255.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labkit.history import Columns, Lane, Points

__all__ = ["encode_columns", "encode_points"]

FULL, UNKNOWN = 250, 255
NS_PER_S = 1_000_000_000


def encode_columns(lanes: Sequence[Lane], columns: Sequence[Columns]) -> bytes:
    """One buffer for all lanes."""
    parts: list[bytes] = []
    for lane, each in zip(lanes, columns, strict=True):
        if not lane.is_digital:
            parts += [each.low.astype("<f4").tobytes(), each.high.astype("<f4").tobytes()]
    for lane, each in zip(lanes, columns, strict=True):
        if lane.is_digital:
            counts = np.minimum(each.counts, 255).astype(np.uint8)
            parts += [_levels(each.low), _levels(each.high), counts.tobytes()]
    return b"".join(parts)


def _levels(levels: NDArray[np.float64]) -> bytes:
    # Levels are 0 to 1; what is not known compares as nothing, and so takes the last choice.
    scaled = np.where(levels <= 1, np.where(levels >= 0, levels * FULL + 0.5, 0), np.where(levels > 1, FULL, UNKNOWN))
    return scaled.astype(np.uint8).tobytes()


def encode_points(points: Points, begin_ns: int) -> list[bytes]:
    """Seconds from the window's beginning as 64-bit floats, and levels or values as 64-bit floats."""
    return [((points.times_ns - begin_ns) / NS_PER_S).astype("<f8").tobytes(), points.values.astype("<f8").tobytes()]
