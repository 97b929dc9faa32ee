"""What a good teacher would say of a learner's program: in a sentence, with the line, and what to do now."""

from __future__ import annotations

import inspect
import linecache
import traceback
from collections.abc import Iterable, Mapping
from types import CodeType, TracebackType
from typing import Any

from gpiozero import CallbackSetToNone, GPIOPinInUse, PinInvalidPin

from labkit.checking.trial import Trial
from labkit.checking.words import listed
from labkit.sightings import Sighting
from labkit.sim.time.endings import Deadlock, TimeBudgetSpent, WallBudgetSpent

__all__ = [
    "brackets_too_many", "ending", "left_open", "returned_at_once", "sleeps_instead", "takes_something_else",
    "wrong_pins",
]  # fmt: skip

LIBRARIES = ("/gpiozero/", "/labkit/", "/threading.py", "/colorzero/")


def ending(trial: Trial, work: Any) -> str:
    """Why the program did not come to a good end; empty where it did."""
    error = trial.ended_by
    if isinstance(error, Deadlock):
        return (
            f"Your program waits for something that never happens here: {_waiting_line(error)}. "
            "What it waits for must be able to come: check the pin, and what you wait for."
        )
    # A thread that was starved on a busy machine is noted as well, and is no fault of the program's.
    spun = any("MainThread turns in a loop" in note for note in trial.notes)
    if isinstance(error, WallBudgetSpent) or (isinstance(error, TimeBudgetSpent) and spun):
        loop = next((note.partition("\n  at ")[2] for note in trial.notes if "\n  at " in note), "")
        where = f" at {loop}" if loop else ""
        return (
            f"Your program turns in a loop that never waits{where}, so nothing else gets its turn. "
            "Put a sleep into the loop, or better: wait for what you want, such as button.wait_for_press()."
        )
    if error is not None and not isinstance(error, TimeBudgetSpent):
        return _raised("Your program", error, work)
    for thread, failure in trial.failures:
        return _raised(f"A callback of yours (in thread {thread})", failure, work)
    return ""


def wrong_pins(trial: Trial, pins: Mapping[str, str], outputs: Iterable[str]) -> str:
    """A device that is missing on its pin, and where the program has one instead; empty where all are there.

    Args:
        trial: What the program did.
        pins: The pins that the check looks at, by their names in the lesson.
        outputs: The names of those that the program must drive or read itself.
    """
    used = {pin: sighting for sighting in (*trial.given, *trial.sightings) for pin in sighting.pins}
    spare = [pin for pin in used if pin not in pins.values()]
    for name in outputs:
        pin = pins[name]
        if pin in used:
            continue
        if not used:
            return f"Your program makes no device. The lesson's {name} is on {pin}: make one for it."
        if spare:
            found = used[spare[0]]
            return (
                f"Nothing of yours is on {pin}, where the lesson has {name}; "
                f"your {found.title} is on {spare[0]}. Which number did you mean?"
            )
        return f"Nothing of yours is on {pin}, where the lesson has {name}: make a device for it."
    return ""


def brackets_too_many(trial: Trial) -> str:
    """A callback that was called in place of being handed over; empty where none was."""
    if not any(issubclass(warned.category, CallbackSetToNone) for warned in trial.warned):
        return ""
    return (
        "An event was given nothing to call: write the function without brackets, such as when_pressed = red.on. "
        "With brackets it is called at once, and what it gives back is handed over."
    )


def left_open(sightings: Iterable[Sighting]) -> str:
    """Devices that were still open; empty where none is."""
    titles = [sighting.title for sighting in sightings]
    if not titles:
        return ""
    return (
        f"When your program ended, {', '.join(titles)} {'was' if len(titles) == 1 else 'were'} still open: "
        "close it, or make it in a `with` line, which closes it whatever happens."
    )


def returned_at_once(trial: Trial) -> str:
    """A program whose devices went before anything could happen; empty for any other."""
    if trial.ended_by is not None or not trial.sightings or trial.left_open:
        return ""
    return (
        "Your program came to its end, and its devices went with it: nobody is there any more to react. "
        "End it with pause() (from signal import pause) or a loop that waits, or give them back with `return`."
    )


def takes_something_else(work: Any, given: Iterable[str]) -> str:
    """A function that does not take what the check gives it; empty where it does."""
    names = list(given)
    try:
        signature = inspect.signature(work)
    except (TypeError, ValueError):  # some callables tell nothing of themselves
        return ""
    try:
        signature.bind(**dict.fromkeys(names))
    except TypeError:
        name = getattr(work, "__name__", "your function")
        takes = listed(list(signature.parameters)) if signature.parameters else "nothing"
        gets = f"Your function takes {takes}; here it gets {listed(names) if names else 'nothing'}."
        return f"{gets} Begin it with `def {name}({', '.join(names)}):`."
    return ""


def sleeps_instead(work: Any) -> str:
    """A program that sleeps and looks, where it could wait for an event; empty for any other."""
    code = code_of(work)
    if code is None:
        return ""
    names = _names(code)
    waits = any(name.startswith(("when_", "wait_for_")) or name == "source" for name in names)
    if "sleep" not in names or waits:
        return ""
    return (
        "Your program looks now and then and sleeps in between: what happens while it sleeps is missed, or answered "
        "late. Let the device tell you: when_pressed = …, or wait_for_press()."
    )


def code_of(work: Any) -> CodeType | None:
    """The compiled code of a function, a method or compiled lines; None of anything else."""
    if isinstance(work, CodeType):
        return work
    found = getattr(getattr(work, "__func__", work), "__code__", None)
    return found if isinstance(found, CodeType) else None


def _names(code: CodeType) -> set[str]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*(_names(one) for one in inner))


def _waiting_line(error: Deadlock) -> str:
    """The main thread's own line out of a deadlock's message."""
    lines = str(error).splitlines()
    places = [line.strip().removeprefix("at ") for line in lines if line.strip().startswith("at ")]
    return next(
        (place for place in places if not any(each in place for each in LIBRARIES)), places[0] if places else ""
    )


def _raised(who: str, error: BaseException, work: Any) -> str:
    where = _own_line(error.__traceback__, work)
    at = f" {where}" if where else ""
    # Python's own suggestion is in it: "Did you mean: 'on'?"
    said = list(traceback.TracebackException.from_exception(error).format_exception_only())[-1].strip()
    advice = ""
    if isinstance(error, GPIOPinInUse):
        advice = " Two devices want the same pin: make each of them once, and none that your function was given."
    elif isinstance(error, PinInvalidPin):
        advice = " Use the GPIO numbers, as printed on the header's picture."
    elif isinstance(error, TypeError) and "argument" in str(error):
        advice = " Look at what the call takes: help(name) tells."
    elif isinstance(error, NameError):
        advice = " Is it spelled right, and was it made, or imported, before?"
    return f"{who} stopped with an error{at}: {said}{'' if said.endswith(('?', '.')) else '.'}{advice}"


def _own_line(trace: TracebackType | None, work: Any) -> str:
    """The innermost line that is the learner's: by its number and its text."""
    frames = traceback.extract_tb(trace)
    own = [frame for frame in frames if not any(library in frame.filename for library in LIBRARIES)]
    if not own:
        return ""
    frame = own[-1]
    text = (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip()
    code = code_of(work)
    # In a notebook every cell is a file of its own, whose name says nothing to a person.
    line = frame.lineno or 0
    if code is not None and code.co_filename == frame.filename and code.co_name != "<module>":
        return f"in line {line - code.co_firstlineno + 1} of {code.co_name} ({text})"
    return f"in line {line} ({text})"
