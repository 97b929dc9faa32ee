"""What a scope sends its views: only columns that changed, at each view's own pace, or pictures that stand still."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from labkit.scope.conditions import Fresh
from labkit.scope.desk import Desk, ViewKey
from labkit.scope.encoding import encode_columns
from labkit.scope.lanes import Lanes
from labkit.scope.pump import News
from labkit.scope.trigger import Trigger
from labkit.scope.view import CAPTURE_NS, View

__all__ = ["COLUMNS", "Feed"]

NS_PER_S = 1_000_000_000
COLUMNS = 1000  # of a live picture, whatever its width: pages stretch them
# For that long after something happened, the next is expected soon.
AWAKE_NS = NS_PER_S // 2
LOOK_FOR_ENDS_NS = NS_PER_S // 4


class Feed:
    """Callable from any thread; `turn` is the pump's.

    Attributes:
        layout: Counts changes of lanes and of the window: pictures of another layout are not understood.
        window_ns: From edge to edge of the live picture.
        trigger: What it stands still at; None while it just runs.
        capture_ns: The instant that it stands still at.
    """

    def __init__(self, lanes: Lanes, desk: Desk, window_ns: int, changed: Callable[[], None]) -> None:
        self.layout = 1
        self.window_ns = window_ns
        self.trigger: Trigger | None = None
        self.capture_ns: int | None = None
        self._lanes = lanes
        self._desk = desk
        self._changed = changed
        self._views: dict[ViewKey, View] = {}
        self._lock = threading.RLock()
        self._news_ns = -AWAKE_NS
        self._looked_ns = 0
        self._runs_on = True

    @property
    def column_ns(self) -> int:
        """How wide a live column is."""
        return max(1, self.window_ns // COLUMNS)

    @property
    def views(self) -> list[ViewKey]:
        """Who looks at it."""
        return list(self._views)

    def start(self, view: ViewKey) -> None:
        """A view is there, or came by another way: it gets everything."""
        with self._lock:
            self._views[view] = View(self._desk.is_cheap(view[0]))

    def follow(self, view: ViewKey, is_live: bool) -> None:
        """A view follows, or looks at history and asks for itself."""
        with self._lock:
            known = self._views.get(view)
            if known is not None:
                known.is_live = is_live
                known.start()

    def painted(self, view: ViewKey, number: int) -> bool:
        """A view has painted that picture, and may be sent more; whether it had used up its credit."""
        known = self._views.get(view)
        if known is None or not known.painted < number <= known.sent:
            return False
        was_due, known.painted = known.is_due, number
        return not was_due

    def forget(self, page: str) -> None:
        """A page is gone."""
        with self._lock:
            self._views = {view: known for view, known in self._views.items() if view[0] != page}

    def leave(self, view: ViewKey) -> None:
        """A view is gone."""
        with self._lock:
            self._views.pop(view, None)

    def restart(self, window_ns: int | None = None, trigger: Trigger | None = None) -> None:
        """Lanes, window or trigger are others from now on."""
        with self._lock:
            self.layout += 1
            self.window_ns = window_ns or self.window_ns
            self.trigger = trigger
            self.capture_ns = None
            for view in self._views.values():
                view.start()

    def turn(self, now_ns: int, real_ns: int, news: News) -> bool:
        """Send every view what it may have; whether somebody waits for more."""
        with self._lock:
            own = {channel.key: news[channel.key] for channel, _ in self._lanes.pairs if channel.key in news}
            if own:
                self._news_ns = real_ns
                self._note(min(int(each.times[0]) for each in own.values()))
            state = self.trigger.state if self.trigger is not None else ""
            self._look_at_trigger(now_ns, own)
            is_awake = real_ns - self._news_ns < AWAKE_NS
            for key, view in list(self._views.items()):
                self._serve(key, view, now_ns, real_ns, not own)
            has_changed = self._has_ended(real_ns) or (self.trigger is not None and self.trigger.state != state)
            wanted = is_awake and any(view.is_live and view.is_due for view in self._views.values())
        if has_changed:
            self._changed()
        return wanted

    def _note(self, since_ns: int) -> None:
        column = since_ns // self.column_ns
        for view in self._views.values():
            if view.column is not None:
                view.column = min(view.column, column)

    def _look_at_trigger(self, now_ns: int, news: News) -> None:
        trigger = self.trigger
        if trigger is None:
            self._runs_on = True
            return
        pairs = {channel.key: track for channel, track in self._lanes.pairs}
        fresh = {
            key: news.get(key) or _nothing(pairs[key].newest, pairs[key].is_digital)
            for key in trigger.condition.channels
            if key in pairs
        }
        found = trigger.look(fresh, now_ns, self.window_ns)
        if found is not None:
            self.capture_ns = found
        runs_on = trigger.runs_on(now_ns, self.window_ns)
        if runs_on and not self._runs_on:
            self.capture_ns = None
            for view in self._views.values():
                view.start()
        self._runs_on = runs_on

    def _has_ended(self, real_ns: int) -> bool:
        if real_ns - self._looked_ns < LOOK_FOR_ENDS_NS:
            return False
        self._looked_ns = real_ns
        return self._lanes.look_for_ends()

    def _serve(self, key: ViewKey, view: View, now_ns: int, real_ns: int, is_silent: bool) -> None:
        if not view.is_live or not view.is_due:
            return
        if self._runs_on:
            if view.column is not None and view.waits(real_ns, is_silent):
                return
            is_there = self._send_columns(key, view, now_ns)
        elif self.capture_ns is not None and self.capture_ns != view.capture_ns:
            if real_ns - view.sent_ns < CAPTURE_NS:
                return
            is_there = self._send_capture(key, view, self.capture_ns)
        else:
            return
        view.sent_ns = real_ns
        if not is_there:
            self._views.pop(key, None)

    def _send_columns(self, key: ViewKey, view: View, now_ns: int) -> bool:
        """From the first column that changed to the one that now lies in, as `[layout, number, now, first column]`."""
        newest = now_ns // self.column_ns
        first = max(newest - COLUMNS, newest - COLUMNS if view.column is None else view.column)
        buffer = self._encoded(first * self.column_ns, (newest + 1) * self.column_ns, newest + 1 - first)
        view.column = newest
        view.sent += 1
        return self._desk.send(key, [self.layout, view.sent, now_ns, first], [buffer])

    def _send_capture(self, key: ViewKey, view: View, at_ns: int) -> bool:
        begin_ns = at_ns - round((self.trigger.pre if self.trigger is not None else 0.0) * self.window_ns)
        view.capture_ns = at_ns
        view.column = None
        view.sent += 1
        told = {"type": "capture", "layout": self.layout, "number": view.sent, "at": at_ns, "begin": begin_ns}
        width_ns = self.column_ns * COLUMNS
        return self._desk.send(key, told, [self._encoded(begin_ns, begin_ns + width_ns, COLUMNS)])

    def _encoded(self, begin_ns: int, end_ns: int, count: int) -> bytes:
        lanes, columns = self._lanes.lanes, self._lanes.columns(begin_ns, end_ns, count)
        return encode_columns(lanes, [columns[lane.number] for lane in lanes])


def _nothing(level: float, is_digital: bool) -> Fresh:
    return Fresh(np.empty(0, np.int64), np.empty(0), level, is_digital)
