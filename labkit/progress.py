"""The line in a cell that tells how a recording goes on, with its Stop button."""

from __future__ import annotations

import contextlib
from html import escape
from typing import Any, Protocol

import ipywidgets

from labkit.bench import Bench
from labkit.clock import RealClock
from labkit.comms import serve_while_busy
from labkit.errors import RecordingFailed
from labkit.observing import ObserverThread
from labkit.recorded.tables import length_text, size_text
from labkit.runfile.packing import Tally
from labkit.shown import close_parts
from labkit.still import Still, plain
from labkit.stopview import stop_view

__all__ = ["ProgressLine", "show_progress"]

EVERY_NS = 250_000_000
NS_PER_S = 1_000_000_000


class Progressing(Protocol):
    """What the line asks of a recording; see `labkit.recording.Recording`."""

    @property
    def name(self) -> str: ...
    @property
    def is_recording(self) -> bool: ...
    @property
    def outcome(self) -> str: ...
    @property
    def problem(self) -> str: ...
    @property
    def elapsed(self) -> float: ...
    @property
    def tally(self) -> Tally: ...
    @property
    def samples_values(self) -> bool: ...
    def stop(self, by: str) -> Any: ...


class ProgressLine(Still, ipywidgets.HBox):  # type: ignore[misc]
    """Elapsed time, edges, samples, bytes and rate, four times a second at most; and how it ended.

    A screen reader is told when the recording begins and ends, and what goes wrong, but not every figure.
    """

    def __init__(self, bench: Bench, recording: Progressing) -> None:
        self._recording = recording
        self._clock = RealClock()
        self._last = (0, 0)
        self._edges_per_s = 0.0
        self.state = ipywidgets.HTML()
        self.figures = ipywidgets.HTML()
        self.problem = ipywidgets.HTML()
        self.button = ipywidgets.Button(
            description="Stop", icon="stop", tooltip=f"End the recording {recording.name}", layout={"width": "80px"}
        )
        self.button.on_click(self._stop)
        # Last: it says when the button has to wait.
        super().__init__([self.state, self.figures, self.button, self.problem, stop_view(bench, bar=False)])
        self.add_class("labkit-progress")
        self.add_class("labkit-framed")
        self.layout.flex_flow, self.layout.align_items = "row wrap", "center"
        serve_while_busy(self)
        self._thread = ObserverThread(self._clock.now_ns, self._look, "labkit-progress")

    def close(self) -> None:
        """Show it no more."""
        self._thread.close()
        super().close()
        close_parts(self)

    def still(self) -> str:
        """Which recording; its figures of now would mislead."""
        self.look()
        return plain(self.state.value)

    def look(self) -> None:
        """Show how it stands now."""
        recording = self._recording
        is_recording, problem = recording.is_recording, recording.problem
        said = f"● recording {recording.name}" if is_recording else f"■ {recording.name}: {recording.outcome}"
        colour = "error" if is_recording else "font"
        self._set(self.state, f'<span role="status" style="color:var(--jp-{colour}-color1)">{escape(said)}</span>')
        self._set(self.figures, f'<span role="timer" aria-live="off">&ensp;{escape(self._figures())}&ensp;</span>')
        style = "color:var(--jp-warn-color1)"
        self._set(self.problem, f'<span role="alert" style="{style}">{escape(problem)}</span>' if problem else "")
        if not is_recording and not self.button.disabled:
            self.button.disabled = True
            self.button.layout.display = "none"

    def _look(self) -> int | None:
        self.look()
        if not self._recording.is_recording:
            self._thread.close()
            return None
        return self._clock.now_ns() + EVERY_NS

    def _figures(self) -> str:
        recording, tally = self._recording, self._recording.tally
        now_ns = self._clock.now_ns()
        then_ns, edges = self._last
        if now_ns - then_ns >= NS_PER_S:
            self._edges_per_s = (tally.edges - edges) * NS_PER_S / (now_ns - then_ns)
            self._last = now_ns, tally.edges
        parts = [length_text(recording.elapsed), f"{tally.edges:,} edges"]
        if recording.samples_values:
            parts.append(f"{tally.samples:,} samples")
        parts.append(size_text(tally.bytes))
        if recording.is_recording:
            parts.append(f"{self._edges_per_s:,.0f} edges/s")
        return " · ".join(parts)

    def _set(self, widget: Any, value: str) -> None:
        if widget.value != value:
            widget.value = value

    def _stop(self, _button: Any) -> None:
        with contextlib.suppress(RecordingFailed):  # the line says so
            self._recording.stop("the Stop button")
        self.look()


def show_progress(bench: Bench, recording: Progressing) -> ProgressLine:
    """Put the line into the cell that is running; it goes when the cell runs again."""
    from IPython.display import display

    line = ProgressLine(bench, recording)
    bench.keep(line)
    display(line)
    return line
