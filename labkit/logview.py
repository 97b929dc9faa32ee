"""The log of a bench to look at: it follows the newest line, and a page that can't keep up is sent less."""

from __future__ import annotations

import threading
from dataclasses import astuple
from html import escape
from typing import Any

import anywidget
import traitlets

from labkit.bench import Bench
from labkit.comms import serve_while_busy
from labkit.frontend import front_end
from labkit.log import Entry
from labkit.still import Still

__all__ = ["LogView", "log_view"]

# What one message takes of a flood; the log itself has the rest.
MOST_AT_ONCE = 300
# What a notebook's file keeps of it.
MOST_IN_STILL = 20


class LogView(Still, anywidget.AnyWidget):
    """One model, shown in any number of cells and browsers, each at its own pace.

    A view says `{"type": "hello"}` and `{"type": "painted", "revision": …}`, each with its name as `view`, and is sent
    at most one message before it has painted the last: `{"type": "entries", "to", "entries", "first", "missing",
    "revision"}`, where an entry is `[number, time_s, source, kind, text, repeats]`, those below `first` are gone,
    and `missing` came in between and went unsent. `{"type": "clear"}` empties the log.

    Traits:
        folded: Views begin as one line, to be unfolded.
    """

    _esm = front_end("log.js")
    folded = traitlets.Bool(False).tag(sync=True)

    def __init__(self, bench: Bench, *, folded: bool = False) -> None:
        self._log = bench.log
        self._seen: dict[str, int] = {}
        self._waiting: set[str] = set()
        self._lock = threading.Lock()
        super().__init__(folded=folded)
        serve_while_busy(self)
        self.on_msg(self._receive)
        bench.watch(None, self._send_news)

    def still(self) -> str:
        """The newest lines."""
        lines = [escape(str(entry)) for entry in list(self._log)[-MOST_IN_STILL:]]
        return "<strong>Log</strong><br>" + (f"<pre>{chr(10).join(lines)}</pre>" if lines else "Nothing in it yet.")

    def _receive(self, _widget: Any, message: dict[str, Any], _buffers: Any) -> None:
        kind, view = message.get("type"), str(message.get("view"))
        if kind == "clear":
            self._log.clear()
        elif kind == "bye":
            with self._lock:
                self._seen.pop(view, None)
                self._waiting.discard(view)
        elif kind in ("hello", "painted"):
            with self._lock:
                self._seen[view] = -1 if kind == "hello" else self._seen.get(view, -1)
                self._waiting.add(view)
            self._send_news()

    def _send_news(self) -> None:
        with self._lock:
            for view in tuple(self._waiting):
                entries, first, revision = self._log.since(self._seen[view])
                is_first = self._seen[view] < 0
                if revision == self._seen[view]:
                    continue
                self._seen[view] = revision
                self._waiting.discard(view)
                shown = entries if is_first else entries[-MOST_AT_ONCE:]
                self.send(
                    {"type": "entries", "to": view, "entries": [_plain(entry) for entry in shown], "first": first}
                    | {"missing": len(entries) - len(shown), "revision": revision}
                )


def _plain(entry: Entry) -> list[Any]:
    return list(astuple(entry))


_view: LogView | None = None


def log_view(bench: Bench) -> LogView:
    """The bench's log; asking again gives the same one."""
    global _view
    if _view is None or _view._log is not bench.log:
        _view = LogView(bench)
    return _view
