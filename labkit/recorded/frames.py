"""Runs as pandas' tables; pandas is loaded here, and only when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labkit.errors import NotInstalled
from labkit.runfile.contents import Channel

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["long_table", "series", "wide_table"]

NS_PER_S = 1_000_000_000


def series(name: str, seconds: NDArray[np.float64], values: NDArray[np.float64]) -> pd.Series[float]:
    """One channel's levels or values by seconds."""
    pandas = _pandas()
    return pandas.Series(values, pandas.Index(seconds, name="seconds"), name=name)


def long_table(entries: NDArray[Any], names: dict[int, str], zero_ns: int) -> pd.DataFrame:
    """A row for each edge and sample: everything there is."""
    pandas = _pandas()
    numbers = sorted(names)
    codes = np.searchsorted(numbers, entries["channel"])
    columns = {
        "time_ns": entries["time_ns"] - zero_ns,
        "channel": pandas.Categorical.from_codes(codes, [names[number] for number in numbers]),
        "value": entries["value"],
        "number": entries["number"],
        "late": entries["late"],
    }
    return pandas.DataFrame(columns, pandas.Index((entries["time_ns"] - zero_ns) / NS_PER_S, name="seconds"))


def wide_table(entries: NDArray[Any], channels: list[Channel], initial: dict[int, float], zero_ns: int) -> pd.DataFrame:
    """A column for each channel, a row for each instant at which something happened.

    A level holds until the next edge; a value stands only where it was sampled.
    """
    pandas = _pandas()
    instants, rows = np.unique(entries["time_ns"], return_inverse=True)
    columns = {}
    for channel in channels:
        own = entries["channel"] == channel.number
        column = np.full(len(instants), np.nan)
        # Of several in one instant the last one stands: assignment goes in order.
        column[rows[own]] = entries["value"][own]
        if channel.kind == "digital":
            known = np.concatenate(([0], np.where(np.isnan(column), 0, np.arange(1, len(column) + 1))))
            column = np.concatenate(([initial[channel.number]], column))[np.maximum.accumulate(known)][1:]
        columns[channel.name] = column
    return pandas.DataFrame(columns, pandas.Index((instants - zero_ns) / NS_PER_S, name="seconds"))


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise NotInstalled(
            "pandas is not installed here. Install it with: pip install pandas; or use to_numpy(), which needs nothing."
        ) from None
    return pandas
