"""What can be said of traces, and whether it is so: the small vocabulary of lesson checks, and of any test.

Each function judges one or more traces and returns a `Verdict`, which is true or false, says in a sentence what
was seen, and when it first differed. `assert blinks(red, period=1.0, times=3)` works in plain pytest.
All times are seconds of lab time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from labkit.checking.shapes import (
    both_on,
    changes,
    end_of,
    first_at,
    like,
    regular,
    same_level,
    sampled,
    states_of,
    stepped,
)
from labkit.checking.words import lights, listed, nth, should, span, state, times_in_words, verb
from labkit.trace import Trace

__all__ = ["Verdict", "blinks", "follows", "goes_through", "near", "never_both", "responds", "stays", "within"]

TOLERANCE_S = 0.01


@dataclass(frozen=True)
class Verdict:
    """Whether a claim about traces holds.

    Attributes:
        holds: Whether it does; also the verdict's truth.
        sentence: What was seen, for a reader.
        at: Seconds at which it first differed; None where there is no such instant.
        expected: What the traces should have been, by name, as far as the claim determines that.
    """

    holds: bool
    sentence: str
    at: float | None = None
    expected: tuple[Trace, ...] = ()

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        return f"<{'holds' if self.holds else 'does not hold'}: {self.sentence}>"


def blinks(
    trace: Trace,
    period: float,
    times: int | None = None,
    *,
    on: float | None = None,
    start: float = 0.0,
    stop: float | None = None,
    tolerance: float | None = None,
) -> Verdict:
    """The pin comes on again and again, one period after the other.

    Args:
        trace: Of one pin.
        period: From one coming on to the next.
        times: How often it comes on between start and stop; None for at least twice.
        on: How long it is on each time; None for any time.
        start, stop: The window to look at; stop None for all that was recorded.
        tolerance: How far each time may be off; a hundredth of the period, at least 1 ms, by default.

    Raises:
        ValueError: The period is not above 0.
    """
    if not period > 0:
        raise ValueError(f"a period of {period!r} s is none: give more than 0")
    off = max(period / 100, 0.001) if tolerance is None else tolerance
    rising = [now for now in trace.rising if now >= start and (stop is None or now < stop)]
    if not rising:
        wanted = regular(trace.pin, start, period, times or 2, on or period / 2)
        return Verdict(False, f"{trace.pin} never came on", start, (wanted,))
    wanted = regular(trace.pin, rising[0], period, times or max(2, len(rising)), on or period / 2)
    for number, (earlier, later) in enumerate(pairwise(rising), 1):
        if abs(later - earlier - period) > off:
            took = f"{span(later - earlier)} instead of {span(period)}"
            said = f"{trace.pin}: from coming on the {nth(number)} time to the next it took {took}"
            return Verdict(False, said, min(later, earlier + period), (wanted,))
    if on is not None:
        for number, began in enumerate(rising, 1):
            ended = next((now for now in trace.falling if now > began), None)
            if ended is not None and abs(ended - began - on) > off:
                said = f"{trace.pin} was on for {span(ended - began)} the {nth(number)} time, not for {span(on)}"
                return Verdict(False, said, min(ended, began + on), (wanted,))
            if ended is None and (stop is None or stop - began > on + off):
                return Verdict(
                    False, f"{trace.pin} stayed on from {span(began)}, not for {span(on)}", began + on, (wanted,)
                )
    if times is not None and len(rising) != times:
        at = rising[times] if len(rising) > times else rising[-1] + period
        return Verdict(
            False, f"{trace.pin} came on {times_in_words(len(rising))}, not {times_in_words(times)}", at, (wanted,)
        )
    if times is None and len(rising) < 2:
        return Verdict(False, f"{trace.pin} came on only once", rising[0] + period, (wanted,))
    return Verdict(True, f"{trace.pin} came on {times_in_words(len(rising))}, every {span(period)}")


def stays(trace: Trace, level: float, start: float = 0.0, stop: float | None = None) -> Verdict:
    """The pin has that level from start to just before stop, without a change; stop None for all that was recorded.

    A level of 1 means on: any duty cycle above 0 does, unless the level is a duty cycle itself.
    """
    wanted = (Trace(trace.pin, (), level),)
    so, until = state(level), "to the end" if stop is None else f"to {span(stop)}"
    if not same_level(trace.at(start), level):
        return Verdict(False, f"{trace.pin} was {state(trace.at(start))} at {span(start)}, not {so}", start, wanted)
    for now, value in changes(trace, start, stop):
        if not same_level(value, level):
            said = f"{trace.pin} was {state(value)} from {span(now)}; it should stay {so} from {span(start)} {until}"
            return Verdict(False, said, now, wanted)
    return Verdict(True, f"{trace.pin} stayed {so} from {span(start)} {until}")


def within(trace: Trace, low: float, high: float, start: float, stop: float) -> Verdict:
    """The pin's mean level from start to stop lies between low and high: a brightness, a speed, a duty cycle.

    Raises:
        ValueError: The window, or the range, is empty.
    """
    if high < low:
        raise ValueError(f"no level lies between {low:g} and {high:g}: give the lower one first")
    mean = trace.duty(start, stop)
    said = f"{trace.pin} was on {mean:.0%} of the time from {span(start)} to {span(stop)}"
    if low <= mean <= high:
        return Verdict(True, said)
    wanted = f"{low:.0%}" if low == high else f"{low:.0%} to {high:.0%}"
    return Verdict(False, f"{said}, not {wanted}", start, (Trace(trace.pin, (), (low + high) / 2),))


def near(
    trace: Trace, wanted: Callable[[float], float], start: float, stop: float, *, tolerance: float = 0.05
) -> Verdict:
    """From start to stop the pin's level stays near what it should be at each instant: a fade, a ramp, a wave.

    Args:
        trace: Of a pin that takes levels between 0 and 1.
        wanted: The level by the second of lab time.
        start, stop: The window, which is looked at two hundred times, and at each change.
        tolerance: How far the level may be off.
    """
    course = sampled(trace.pin, wanted, start, stop)
    instants = sorted(
        {*(now for now, _ in changes(course, start, stop)), *(now for now, _ in changes(trace, start, stop))}
    )
    for now in (start, *instants):
        if abs(trace.at(now) - wanted(now)) > tolerance:
            said = f"{trace.pin} was {state(trace.at(now))} at {span(now)}, and should be near {wanted(now):.0%}"
            return Verdict(False, said, now, (course,))
    return Verdict(True, f"{trace.pin} stayed near its course from {span(start)} to {span(stop)}")


def never_both(first: Trace, second: Trace, *others: Trace, start: float = 0.0, stop: float | None = None) -> Verdict:
    """At no time are two of the pins on at once; one may take over from the other at an instant."""
    overlaps = [
        (began, ended, one, other)
        for one, other in combinations((first, second, *others), 2)
        for began, ended in both_on(one, other, start, stop)
    ]
    names = listed([trace.pin for trace in (first, second, *others)])
    if not overlaps:
        return Verdict(True, f"never were two of {names} on together")
    began, ended, one, other = min(overlaps, key=lambda overlap: overlap[0])
    lasted = "from then on" if ended is None else f"for {span(ended - began)}"
    return Verdict(False, f"{one.pin} and {other.pin} were both on at {span(began)}, {lasted}", began)


def follows(
    output: Trace,
    source: Trace,
    within: float = TOLERANCE_S,
    *,
    inverted: bool = False,
    start: float = 0.0,
    stop: float | None = None,
) -> Verdict:
    """The output has the source's level; it differs for at most `within` seconds at a time.

    So it may answer that late, and may miss what does not last that long.
    """
    wanted = like(output.pin, source, inverted)
    end = end_of(stop, output, source)
    differs_since: float | None = None
    instants = sorted({start, *(now for trace in (output, wanted) for now, _ in changes(trace, start, end))})
    for now in instants:
        if differs_since is not None and now - differs_since > within:
            break
        if same_level(output.at(now), wanted.at(now)):
            differs_since = None
        elif differs_since is None:
            differs_since = now
    else:
        if differs_since is None or end - differs_since <= within:
            return Verdict(True, f"{output.pin} followed {source.pin}")
    assert differs_since is not None
    what = f"{output.pin} was {state(output.at(differs_since))} while {source.pin} was"
    said = f"{what} {state(source.at(differs_since))}, from {span(differs_since)} for more than {span(within)}"
    return Verdict(False, said, differs_since, (wanted,))


def responds(
    output: Trace,
    to: Trace,
    within: float,
    *,
    after: float = 0.0,
    edge: str = "rising",
    level: float = 1,
    start: float = 0.0,
    stop: float | None = None,
) -> Verdict:
    """Each time the other pin changes, the output takes a level: not before `after` seconds, at the latest `within`.

    Args:
        output: Of the pin that answers.
        to: Of the pin that asks.
        within, after: Seconds from the change that asks.
        edge: Which change: "rising", "falling" or "both".
        level: Which level the output takes.
        start, stop: The window of the changes to look at.

    Raises:
        ValueError: The edge is none of these, or `after` comes later than `within`.
    """
    if edge not in ("rising", "falling", "both"):
        raise ValueError(f"an edge is 'rising', 'falling' or 'both', not {edge!r}")
    if after > within:
        raise ValueError(f"an answer after {after:g} s can't come within {within:g} s")
    asked = sorted((to.rising if edge != "falling" else []) + (to.falling if edge != "rising" else []))
    asked = [now for now in asked if now >= start and (stop is None or now < stop)]
    if not asked:
        return Verdict(False, f"{to.pin} never changed, so there was nothing to answer", start)
    for now in asked:
        waited = f"after {to.pin} changed at {span(now)}"
        answer = first_at(output, level, now)
        if answer is None or answer - now > within:
            late = "it never did" if answer is None else f"it took {span(answer - now)}"
            said = f"{output.pin} did not {verb(level)} within {span(within)} {waited}: {late}"
            return Verdict(False, said, now + within)
        if answer - now < after:
            said = f"{output.pin} was {state(level)} {span(answer - now)} {waited}, which is before {span(after)}"
            return Verdict(False, said, answer)
    return Verdict(True, f"{output.pin} answered {to.pin} {times_in_words(len(asked))}, within {span(within)}")


def goes_through(
    traces: Mapping[str, Trace],
    states: Sequence[tuple[Iterable[str], float | None]],
    *,
    start: float = 0.0,
    rounds: int = 1,
    tolerance: float = 0.05,
    passing: float = 0.0,
) -> Verdict:
    """The pins go through states, one after the other: which of them are on, and for how long.

    Args:
        traces: By the names that the states use.
        states: Such as `[({"red"}, 3.0), ({"red", "amber"}, 1.0)]`; None for any time above 0.
        start: When the first one is looked for, or later.
        rounds: How often all of them come, in that order.
        tolerance: How far each duration may be off; the last state's end is not looked at.
        passing: What is shorter is on the way from one state to the next, and does not count. In real time two pins
            never change at one instant.

    Raises:
        ValueError: A state names a pin that is not there.
    """
    wanted = [(frozenset(on), seconds) for on, seconds in states] * rounds
    unknown = sorted(set().union(*(on for on, _ in wanted)) - set(traces))
    if unknown:
        raise ValueError(f"there is no trace {unknown[0]!r}: there are {listed(sorted(traces))}")
    seen = states_of(traces, start, passing)
    # What is on before the first state begins is the time of getting ready.
    while seen and wanted and seen[0][0] != wanted[0][0] and not seen[0][0]:
        seen.pop(0)
    expected = stepped(list(traces), wanted, seen[0][1] if seen else start)
    for number, (on, seconds) in enumerate(wanted):
        if number >= len(seen):
            last = f"after {lights(seen[-1][0], traces)} from {span(seen[-1][1])}" if seen else f"from {span(start)}"
            at = (seen[-1][1] + (wanted[number - 1][1] or 0.0)) if seen else start
            return Verdict(False, f"{last} nothing changed any more; {should(on, traces)}", at, expected)
        lit, began, ended = seen[number]
        if lit != on:
            return Verdict(False, f"at {span(began)} {lights(lit, traces)}; {should(on, traces)}", began, expected)
        is_last = number == len(wanted) - 1
        if seconds is None or is_last:
            continue
        lasted = None if ended is None else ended - began
        if lasted is None or abs(lasted - seconds) > tolerance:
            how = "to the end" if lasted is None else f"for {span(lasted)}"
            said = f"{lights(lit, traces)} from {span(began)} {how}"
            if lasted is not None and lasted < seconds:
                return Verdict(False, f"{said}, not for {span(seconds)}", began + lasted, expected)
            said += f"; after {span(seconds)} {should(wanted[number + 1][0], traces)}"
            return Verdict(False, said, began + seconds, expected)
    times = "" if rounds == 1 else f", {times_in_words(rounds)}"
    return Verdict(True, f"{listed(list(traces))} went through all {len(states)} states in order{times}")
