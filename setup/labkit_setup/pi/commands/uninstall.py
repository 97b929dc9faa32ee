"""`uninstall`: the machine as it was before the first `apply`."""

import sys
from importlib import import_module
from pathlib import Path

from ... import steps
from ...errors import ConfigurationError, SetupError
from ...journal import Entry
from ..context import Context

__all__ = ["uninstall"]

# Each has verbs of its own, or is what Python looks for only when it needs it.
_LATER = ("..firewall", "..groups", "..packages", "..service", "..notebooks", "json.encoder", "traceback")


def uninstall(context: Context) -> int:
    """Take everything back; the notebooks stay, unless they are to go, too."""
    # What is removed may be the very packages that this runs from.
    _load_what_comes_later()
    if not context.is_ours and context.host.look(context.layout.journal) is None:
        context.answer(["There is nothing to take back."], ok=True, undone=[])
        return 0
    undone: list[str] = []
    with context.journal.alone():
        entries = context.journal.entries()
        folders = [folder for entry in entries for folder in _notebooks(entry)]
        _confirm(context, entries, folders)

        def say(name: str) -> None:
            undone.append(name)
            context.say(f"  · {name}")

        troubles = steps.take_back(context.host, context.journal, say, context.options.force)
    if troubles:
        raise SetupError(f"Not everything could be taken back: {'; '.join(troubles)} The same command tries again.")
    if context.options.purge:
        for folder in folders:
            context.host.remove(folder)
    if not context.is_ours:
        _remove_empty_folders(context)
    kept = [] if context.options.purge else [folder for folder in folders if context.host.look(folder)]
    if not entries:
        lines = ["There is nothing to take back."]
    else:
        lines = ["Everything is as it was before.", *(f"Your notebooks are still in {folder}." for folder in kept)]
    context.answer(lines, ok=True, undone=undone, kept=kept)
    return 0


def _remove_empty_folders(context: Context) -> None:
    """Those that a user's lab was put into, as far up as nothing else is in them."""
    home = Path(context.environment.get("HOME", "/"))
    for folder in context.layout.journal.parents:
        if folder == home or folder in home.parents or context.host.entries(folder):
            return
        context.host.remove(folder)


def _notebooks(entry: Entry) -> list[Path]:
    return [Path(action.arguments["path"]) for action in entry.undo if action.verb == "keep_notebooks"]


def _confirm(context: Context, entries: list[Entry], folders: list[Path]) -> None:
    if not entries or context.options.yes or not sys.stdin.isatty():
        if context.options.purge and folders and not context.options.yes:
            raise ConfigurationError(f"--purge would remove all notebooks in {folders[0]}; add --yes if that is meant.")
        return
    context.say(*(f"  {action.words}" for entry in reversed(entries) for action in reversed(entry.undo)))
    if context.options.purge:
        context.say(*(f"  remove {folder} WITH ALL NOTEBOOKS" for folder in folders))
    print("\nGo on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise ConfigurationError("Nothing was changed.")


def _load_what_comes_later() -> None:
    for name in _LATER:
        import_module(name, __package__)
