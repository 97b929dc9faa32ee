"""Value change dump, IEEE 1364-2005 section 18: the format that GTKWave, PulseView and Surfer open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

__all__ = ["VcdWriter"]

FIRST_ID, IDS = 33, 94  # the printable characters, "!" to "~"


class VcdWriter:
    """Writes levels as 1-bit wires, and pins that ever had a duty cycle as reals. Unit: 1 ns.

    The format wants all signals declared before the first change, and a program makes its devices as
    it goes. So changes go to `NAME.vcd.part`; `close` puts declarations and changes together. It knows no times before
    0: where the first change has one, that is its 0, and the comment says so.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._body = self._part.open("w", encoding="ascii", newline="")
        try:
            path.open("a").close()  # say now, not after ten minutes, that it can't be written
        except OSError:
            self._body.close()
            self._part.unlink()
            raise
        self._ids: dict[str, str] = {}
        self._reals: set[str] = set()
        self._now_ns: int | None = None
        self._zero_ns = 0

    def change(self, pin: str, timestamp_ns: int, level: float) -> None:
        if timestamp_ns != self._now_ns:
            if self._now_ns is None:
                self._zero_ns = min(0, timestamp_ns)
            self._now_ns = timestamp_ns
            self._body.write(f"#{timestamp_ns - self._zero_ns}\n")
        code = self._ids.get(pin)
        if code is None:
            code = self._ids[pin] = _code(len(self._ids))
        if level in (0, 1):
            self._body.write(f"{int(level)}{code}\n")
        else:
            self._reals.add(code)
            self._body.write(f"r{float(level)!r} {code}\n")

    def close(self, names: Mapping[str, str], end_ns: int) -> None:
        self._body.close()
        with self._path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(self._header(names))
            with self._part.open(encoding="ascii", newline="") as body:
                for line in body:
                    file.write(self._as_real(line) if self._reals else line)
            if self._now_ns is None or end_ns > self._now_ns:
                file.write(f"#{end_ns - self._zero_ns}\n")
        self._part.unlink()

    def _header(self, names: Mapping[str, str]) -> Iterator[str]:
        shift = f", times from {self._zero_ns / 1e9:g} s on" if self._zero_ns else ""
        yield f"$comment labkit{shift} $end\n$timescale 1 ns $end\n$scope module board $end\n"
        taken: set[str] = set()
        for pin in sorted(self._ids, key=lambda name: (len(name), name)):
            code, name = self._ids[pin], _word(names.get(pin, pin))
            name = f"{name}_{pin}" if name in taken else name
            taken.add(name)
            yield f"$var real 64 {code} {name} $end\n" if code in self._reals else f"$var wire 1 {code} {name} $end\n"
        yield "$upscope $end\n$enddefinitions $end\n#0\n$dumpvars\n"
        for code in self._ids.values():
            yield f"r0 {code}\n" if code in self._reals else f"0{code}\n"
        yield "$end\n"

    def _as_real(self, line: str) -> str:
        if line[0] in "01" and line[1:-1] in self._reals:
            return f"r{line[0]} {line[1:]}"
        return line


def _code(number: int) -> str:
    code = chr(FIRST_ID + number % IDS)
    return code if number < IDS else code + _code(number // IDS - 1)


def _word(name: str) -> str:
    """A name without what a viewer would take for a range, a space or a path."""
    return re.sub(r"[^\w]+", "_", name).strip("_") or "signal"
