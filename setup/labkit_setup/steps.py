"""Steps as data, and the three loops over them: plan, apply, take back.

A step is made whole or not at all, and what was there before is on disk before it is begun. So a run that is killed
anywhere is finished by the next one, and taking everything back needs nothing but the journal.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .errors import ConfigurationError, SetupError
from .host import Host
from .journal import Entry, Journal, digest
from .undo import Action

__all__ = ["Change", "Step", "apply", "plan", "take_back"]

Say = Callable[[str], None]


@dataclass(frozen=True)
class Step:
    """One change to the machine.

    Attributes:
        name: What it is about, as in "file /etc/labkit/settings.json"; its identity from run to run.
        is_done: Whether there is nothing to do; reads only.
        apply: Do it. May be begun on any half-done state that a kill can leave.
        undo: What will take it back to how the machine is now; reads only.
        shows: What it would do, for people, a line each; never a secret; reads only.
        writes: The files whose whole content is this step's; a hand's edits to them are not overwritten.
        is_secret: Whether the content of `writes` must not be shown.
    """

    name: str
    is_done: Callable[[Host], bool]
    apply: Callable[[Host], None]
    undo: Callable[[Host], Sequence[Action]]
    shows: Callable[[Host], Sequence[str]]
    writes: Mapping[Path, bytes] = field(default_factory=dict)
    is_secret: bool = False


@dataclass(frozen=True)
class Change:
    """What `apply` would do about one step; `undo` says in words how it would be taken back."""

    step: str
    shows: tuple[str, ...]
    undo: tuple[str, ...]


def plan(host: Host, journal: Journal, steps: Sequence[Step]) -> list[Change]:
    """What `apply` would do now; writes nothing."""
    entries = {entry.step: entry for entry in journal.entries()}
    wanted = {step.name for step in steps}
    changes = [
        Change(entry.step, (f"no longer wanted: {'; '.join(_words(entry.undo))}",), ())
        for entry in reversed(entries.values())
        if entry.step not in wanted
    ]
    for step in steps:
        shown = _shown(host, step)
        if shown is not None:
            # Where it was made before, uninstalling goes back to how things were before that.
            undo = entries[step.name].undo if step.name in entries else step.undo(host)
            changes.append(Change(step.name, shown, tuple(_words(undo))))
    return changes


def _shown(host: Host, step: Step) -> tuple[str, ...] | None:
    """What a step would do; None where that is nothing."""
    try:
        return None if step.is_done(host) else tuple(step.shows(host))
    except ImportError:
        return ("made, or kept as it is, once the packages are there that can tell",)


def apply(host: Host, journal: Journal, steps: Sequence[Step], say: Say, force: bool = False) -> list[str]:
    """Make every step that is not done, and take back what is no longer wanted; returns their names.

    The caller holds `journal.alone()`.

    Args:
        host: The machine.
        journal: What was there before.
        steps: In the order to make them.
        say: Told the name of each step before it is made.
        force: Replace files that were edited by hand.

    Raises:
        ConfigurationError: A file that labkit manages was edited by hand. Nothing was changed then.
        SetupError: A step failed; it was taken back, those before it stay.
    """
    wanted = {step.name: step for step in steps}
    entries = journal.entries()
    orphans = [entry for entry in reversed(entries) if entry.step not in wanted]
    if not force:
        refuse_edited(host, orphans)
        for step in steps:
            _refuse_foreign(host, step, next((entry for entry in entries if entry.step == step.name), None))
    changed = []
    for entry in orphans:
        say(f"{entry.step}: no longer wanted")
        _undo(host, entry.undo)
        journal.forget(entry)
        changed.append(entry.step)
    for step in steps:
        if step.is_done(host):
            _adopt(journal, step)
        else:
            say(step.name)
            _make(host, journal, step)
            changed.append(step.name)
    return changed


def take_back(host: Host, journal: Journal, say: Say, force: bool = False) -> list[str]:
    """Bring the machine back to how it was before the first `apply`; returns what could not be taken back.

    What failed stays in the journal, so that the next run tries again. The caller holds `journal.alone()`.

    Raises:
        ConfigurationError: A file that labkit manages was edited by hand. Nothing was changed then.
    """
    entries = journal.entries()
    if not force:
        refuse_edited(host, entries)
    troubles = []
    for entry in reversed(entries):
        say(entry.step)
        try:
            _undo(host, entry.undo)
            journal.forget(entry)
        except SetupError as error:
            troubles.append(f"{entry.step}: {error}")
    return troubles


def refuse_edited(host: Host, entries: Sequence[Entry]) -> None:
    """Raise `ConfigurationError` if a file was edited by hand since labkit wrote it."""
    for entry in entries:
        for name in entry.wrote:
            content = host.read(Path(name))
            if content is not None and not entry.knows(Path(name), content):
                raise ConfigurationError(
                    f"{name} was edited by hand since labkit wrote it; keep a copy of your version, and add --force."
                )


def diff(path: Path, before: bytes | None, after: bytes) -> list[str]:
    """What changes in a text file, in the form of `diff -u`."""
    old = [] if before is None else before.decode(errors="replace").splitlines()
    new = after.decode(errors="replace").splitlines()
    source = "/dev/null" if before is None else str(path)
    return list(difflib.unified_diff(old, new, source, str(path), lineterm="", n=2))


def _make(host: Host, journal: Journal, step: Step) -> None:
    back = tuple(step.undo(host))
    known = journal.find(step.name)
    entry = known or journal.begin(step.name, back)
    new = {str(path): digest(content) for path, content in step.writes.items()}
    # Both, as a kill leaves either; which of them must not look like somebody's edit.
    journal.store(entry.with_wrote({name: (*entry.wrote.get(name, ()), now) for name, now in new.items()}))
    try:
        step.apply(host)
        if not step.is_done(host):
            raise SetupError(f"The step “{step.name}” had no effect; run `labkit-setup doctor` to see why.")
    except BaseException as error:
        _roll_back(host, journal, step, back, known)
        if isinstance(error, OSError):
            raise SetupError(f"The step “{step.name}” failed ({error}); mend that and run the same again.") from error
        raise
    journal.store(entry.with_wrote({name: (now,) for name, now in new.items()}))


def _adopt(journal: Journal, step: Step) -> None:
    """What somebody edited a file to is what it is to be: from now on it counts as labkit's."""
    entry = journal.find(step.name) if step.writes else None
    if entry is not None and not all(entry.knows(path, content) for path, content in step.writes.items()):
        journal.store(entry.with_wrote({str(path): (digest(content),) for path, content in step.writes.items()}))


def _roll_back(host: Host, journal: Journal, step: Step, back: Sequence[Action], known: Entry | None) -> None:
    try:
        _undo(host, back)
        if known is not None:
            journal.store(known)
        elif entry := journal.find(step.name):
            journal.forget(entry)
    except SetupError as error:
        # Its record stays, so the next run or an uninstall goes on from here.
        raise SetupError(f"The step “{step.name}” failed and could not be taken back: {error}") from error


def _refuse_foreign(host: Host, step: Step, entry: Entry | None) -> None:
    for path, wanted in step.writes.items():
        found = host.read(path)
        if found is None or found == wanted:
            continue
        if entry is not None and entry.knows(path, found):
            continue
        what = "was edited by hand since labkit wrote it" if entry else "is there already and is not labkit's"
        shown = "" if step.is_secret else "\n" + "\n".join(diff(path, found, wanted))
        raise ConfigurationError(f"{path} {what}; keep a copy if you need it, and add --force to replace it.{shown}")


def _undo(host: Host, actions: Sequence[Action]) -> None:
    for action in reversed(actions):
        action.do(host)


def _words(actions: Sequence[Action]) -> list[str]:
    return [action.words for action in reversed(actions)]
