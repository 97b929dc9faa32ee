"""What a scope sends, to whom and when: only what changed, at each view's own pace."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from labkit.history import Lane
from labkit.scope.channels import Channel
from labkit.scope.conditions import Crossing, Fresh
from labkit.scope.feed import COLUMNS, Feed
from labkit.scope.track import Track
from labkit.scope.trigger import Trigger
from labkit.scope.view import COMM_CREDIT, CREDIT

S = 1_000_000_000
WINDOW = 10 * S
FRAME = S // 60


class Bench:
    """A pump's turns by hand: `red` is a pin, `pot` is sampled."""

    def __init__(self):
        self.tracks = {"red": Track(True, 0, 0.0), "pot": Track(False, 0)}
        channels = [Channel("red", "red", None, pin="GPIO17"), Channel("pot", "pot", None, unit="V")]
        self.now = self.real = 0
        self.sent = []
        self.changes = 0
        self.comm_pages = set()
        lanes = SimpleNamespace(
            pairs=[(channel, self.tracks[channel.key]) for channel in channels],
            lanes=[Lane(0, "red", True), Lane(1, "pot", False, "V")],
            columns=lambda begin, end, count: {
                number: track.columns(begin, end, count, self.now) for number, track in enumerate(self.tracks.values())
            },
            look_for_ends=lambda: False,
        )
        desk = SimpleNamespace(send=self.send, is_cheap=lambda page: page not in self.comm_pages)
        self.feed = Feed(lanes, desk, WINDOW, self.changed)

    def send(self, view, message, buffers=()):
        self.sent.append((view[1], message, buffers))
        return view[0] != "lost"

    def changed(self):
        self.changes += 1

    def turn(self, seconds=1 / 60, red=(), pot=()):
        """Time passes, then red's edges and pot's samples are shown; whether more is expected."""
        self.now += round(seconds * S)
        self.real += round(seconds * S)
        news = {}
        for key, rows in (("red", red), ("pot", pot)):
            if rows:
                times = np.array([round(time * S) for time, _ in rows])
                values = np.array([float(value) for _, value in rows])
                news[key] = Fresh(times, values, self.tracks[key].level_before(int(times[0])), key == "red")
                self.tracks[key].append(times, values)
        return self.feed.turn(self.now, self.real, news)

    def pictures(self, view):
        return [message for name, message, _ in self.sent if name == view and isinstance(message, list)]


@pytest.fixture
def lab():
    return Bench()


def columns(buffer):
    """Of the analog lane low and high, of the digital one low, high and edges."""
    count = len(buffer) // 11
    analog = np.frombuffer(buffer[: 8 * count], "<f4").reshape(2, count)
    return analog, np.frombuffer(buffer[8 * count :], np.uint8).reshape(3, count)


def test_a_new_view_gets_the_whole_window(lab):
    lab.feed.start(("page", "v"))
    lab.turn(5, red=[(1, 1), (2, 0)])
    _, (_, number, now, first), (buffer,) = lab.sent[-1]
    _, (low, high, edges) = columns(buffer)
    assert (number, now, first) == (1, 5 * S, 500 - COLUMNS)
    assert len(low) == COLUMNS + 1
    # 255 is not known: before the channel began.
    assert low[COLUMNS - 501] == 255
    at = 100 - first
    assert [*low[at - 1 : at + 2]] == [0, 0, 250]
    assert [*high[at - 1 : at + 2]] == [0, 250, 250]
    assert edges.sum() == 2


def test_later_pictures_hold_only_what_changed(lab):
    lab.feed.start(("page", "v"))
    lab.turn(5)
    lab.turn(0.1, red=[(5.05, 1)])
    _, (_, _, _, first), (buffer,) = lab.sent[-1]
    assert first == 500
    assert columns(buffer)[1].shape == (3, 11)


def test_an_edge_that_comes_late_is_sent_again_with_its_column(lab):
    lab.feed.start(("page", "v"))
    lab.turn(5)
    lab.turn(0.1, red=[(4.2, 1)])
    assert lab.sent[-1][1][3] == 420


def test_a_glitch_of_a_nanosecond_is_in_the_picture(lab):
    lab.feed.start(("page", "v"))
    lab.turn(5)
    lab.turn(1, red=[(5.5, 1), (5.500_000_001, 0)])
    _, (_, high, edges) = columns(lab.sent[-1][2][0])
    assert high.max() == 250
    assert edges.max() == 2


def test_a_view_that_does_not_paint_gets_no_more_than_its_credit_and_then_all_it_missed(lab):
    lab.feed.start(("page", "v"))
    for number in range(100):
        lab.turn(red=[((number + 1) / 60, number % 2)])
    assert len(lab.pictures("v")) == CREDIT
    assert lab.feed.painted(("page", "v"), CREDIT)
    lab.turn(red=[(101 / 60, 1)])
    _, (_, _, _, first), (buffer,) = lab.sent[-1]
    missed = CREDIT / 60
    assert first <= missed * 100 + 1
    # Its first column may hold one that was sent.
    assert 101 - CREDIT <= columns(buffer)[1][2].sum() <= 103 - CREDIT


def test_views_keep_their_own_pace(lab):
    for name in ("slow", "fast"):
        lab.feed.start(("page", name))
    for number in range(100):
        lab.turn(red=[((number + 1) / 60, number % 2)])
        lab.feed.painted(("page", "fast"), number + 1)
    assert len(lab.pictures("slow")) == CREDIT
    assert len(lab.pictures("fast")) == 100


def test_over_a_comm_there_are_fewer_pictures(lab):
    lab.comm_pages.add("vscode")
    lab.feed.start(("vscode", "v"))
    for number in range(60):
        lab.turn(red=[((number + 1) / 60, number % 2)])
    assert len(lab.pictures("v")) == COMM_CREDIT
    for number in range(60):
        lab.feed.painted(("vscode", "v"), len(lab.pictures("v")))
        lab.turn(red=[((number + 61) / 60, number % 2)])
    assert 25 <= len(lab.pictures("v")) - COMM_CREDIT <= 32


def test_silence_is_told_now_and_then_and_asks_for_no_turns(lab):
    lab.feed.start(("page", "v"))
    assert lab.turn(1, red=[(0.5, 1)])
    for _ in range(60):
        lab.turn()
    assert not lab.turn()
    assert 2 <= len(lab.pictures("v")) <= 7
    assert lab.turn(red=[(2, 0)])


def test_nobody_looking_asks_for_no_turns(lab):
    assert not lab.turn(1, red=[(0.5, 1)])
    lab.feed.start(("page", "v"))
    lab.feed.follow(("page", "v"), False)
    assert not lab.turn(1, red=[(1.5, 0)])
    assert lab.sent == []


def test_a_view_that_comes_back_from_history_gets_everything(lab):
    lab.feed.start(("page", "v"))
    lab.turn(5)
    lab.feed.follow(("page", "v"), False)
    lab.turn(3600)
    lab.feed.follow(("page", "v"), True)
    lab.turn(1)
    _, (_, _, _, first), (buffer,) = lab.sent[-1]
    # An hour, but no more than a window.
    assert columns(buffer)[1].shape[1] == COLUMNS + 1
    assert first == 3606 * 100 - COLUMNS


def test_who_is_gone_gets_nothing(lab):
    for page, name in (("page", "a"), ("page", "b"), ("other", "c"), ("lost", "d")):
        lab.feed.start((page, name))
    lab.turn(1, red=[(0.5, 1)])
    assert lab.feed.views == [("page", "a"), ("page", "b"), ("other", "c")]
    lab.feed.forget("page")
    lab.feed.leave(("other", "c"))
    assert lab.feed.views == []


def test_acknowledgements_of_what_was_never_sent_count_for_nothing(lab):
    lab.feed.start(("page", "v"))
    lab.turn(1, red=[(0.5, 1)])
    for number in (-1, 0, 2, 10**9):
        lab.feed.painted(("page", "v"), number)
    assert not lab.feed.painted(("page", "nobody"), 1)
    for _ in range(60):
        lab.turn(red=[(lab.now / S + 0.01, 1)])
    assert len(lab.pictures("v")) == CREDIT


def captures(lab):
    return [message for _, message, _ in lab.sent if isinstance(message, dict)]


def test_a_trigger_makes_the_picture_stand_still(lab):
    lab.feed.restart(trigger=Trigger(Crossing("red", "rising"), "normal", 0.2))
    lab.feed.start(("page", "v"))
    lab.turn(20)
    assert lab.sent == []
    lab.turn(1, red=[(20.5, 1), (20.6, 0)])
    assert lab.sent == []
    lab.turn(8)
    (capture,) = captures(lab)
    assert capture["at"] == round(20.5 * S)
    assert capture["begin"] == round(18.5 * S)
    assert columns(lab.sent[-1][2][0])[1].shape == (3, COLUMNS)
    lab.turn(1)
    assert len(lab.sent) == 1


def test_a_single_trigger_tells_that_it_stopped(lab):
    lab.feed.restart(trigger=Trigger(Crossing("red", "rising"), "single", 0.5))
    lab.feed.start(("page", "v"))
    lab.turn(20, red=[(10, 1), (11, 0)])
    assert lab.changes == 1
    lab.turn(20, red=[(30, 1)])
    assert len(captures(lab)) == 1


def test_auto_runs_on_until_something_happens(lab):
    lab.feed.restart(window_ns=S // 10, trigger=Trigger(Crossing("red", "rising"), "auto", 0.5))
    lab.feed.start(("page", "v"))
    lab.turn(1)
    assert len(lab.pictures("v")) == 1
    lab.turn(0.1, red=[(1.05, 1)])
    assert len(captures(lab)) == 1
    for _ in range(10):
        lab.turn(0.1)
    assert len(captures(lab)) == 1
    assert len(lab.pictures("v")) > 2
    # The picture that runs on is a whole one.
    _, _, now, first = lab.pictures("v")[1]
    assert first == now // (S // 10_000) - COLUMNS


def test_a_new_layout_begins_anew(lab):
    lab.feed.start(("page", "v"))
    lab.turn(5)
    lab.feed.restart(window_ns=2 * S)
    lab.turn(0.1)
    layout, _, _, first = lab.sent[-1][1]
    assert layout == 2
    assert first == 5100 // 2 - COLUMNS
