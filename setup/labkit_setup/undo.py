"""What takes a change back, as data: written to disk before the change is made, so that nothing can forget it.

A verb must be safe to do twice, and on a machine where somebody has done it already: set-up may be killed at any
point and start again.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import ConfigurationError
from .host import Found, Host, Owner

__all__ = ["VERBS", "Action", "Verb", "restore", "restored_content"]


@dataclass(frozen=True)
class Action:
    """One verb with its arguments; JSON holds both."""

    verb: str
    arguments: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As a plain object."""
        return {"verb": self.verb, **self.arguments}

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> "Action":
        """From what `to_json` made.

        Raises:
            ConfigurationError: The verb is none of this version's.
        """
        verb = str(value.get("verb"))
        if verb not in VERBS:
            raise ConfigurationError(
                f"The record of what was there before holds {verb!r}, which this version of labkit does not "
                "know; use the version that set this machine up."
            )
        return cls(verb, {name: what for name, what in value.items() if name != "verb"})

    def do(self, host: Host) -> None:
        """Take the change back."""
        VERBS[self.verb].do(host, **self.arguments)

    @property
    def words(self) -> str:
        """What it does, for people, as in "remove /etc/labkit"."""
        return VERBS[self.verb].words(**self.arguments)


@dataclass(frozen=True)
class Verb:
    """How to do it, and how to say it; both take the action's arguments by name."""

    do: Callable[..., None]
    words: Callable[..., str]


def restore(host: Host, path: Path) -> Action:
    """An action that brings back what is at a path now; the content of a folder is not part of that."""
    found = host.look(path)
    arguments: dict[str, Any] = {"path": str(path), "kind": "nothing" if found is None else found.kind}
    if found is not None:
        owner = found.owner or Owner(0, 0)
        arguments |= {"mode": found.mode, "uid": owner.uid, "gid": owner.gid}
        if found.kind == "file":
            arguments["content"] = base64.b64encode(host.read(path) or b"").decode()
        elif found.kind == "link":
            arguments["target"] = found.target
        elif found.kind == "other":
            raise ConfigurationError(f"{path} is neither file, folder nor link; move it away and start again.")
    return Action("restore", arguments)


def restored_content(action: Action, path: Path) -> bytes | None:
    """What an action puts into a file; None if it is not about that file's content."""
    about = action.verb == "restore" and action.arguments["path"] == str(path) and action.arguments["kind"] == "file"
    return base64.b64decode(action.arguments["content"]) if about else None


def _restore(host: Host, path: str, kind: str, mode: int = 0, uid: int = 0, gid: int = 0, **what: str) -> None:
    at = Path(path)
    found = host.look(at)
    host.sweep(at)
    if kind == "nothing":
        host.remove(at)
        return
    if found is not None and found.kind != kind:
        host.remove(at)
        found = None
    owner = Owner(uid, gid)
    match kind:
        case "file":
            content = base64.b64decode(what["content"])
            # Comparing first: on a full disk there may be no room for the file that is there already.
            if host.read(at) != content or not _is_as(found, mode, owner):
                host.write(at, content, mode, owner)
        case "link":
            if found is None or found.target != what["target"]:
                host.link(at, what["target"])
        case "folder":
            if not _is_as(found, mode, owner):
                host.make_folder(at, mode, owner)


def _is_as(found: Found | None, mode: int, owner: Owner) -> bool:
    return found is not None and found.mode == mode and found.belongs_to(owner)


def _restore_words(path: str, kind: str, mode: int = 0, **_: Any) -> str:
    if kind == "nothing":
        return f"remove {path}"
    return f"bring back the {kind} {path}" + ("" if kind == "link" else f" (mode {mode:04o})")


# Other modules add theirs when they are imported; `recipe` imports them all.
VERBS: dict[str, Verb] = {"restore": Verb(_restore, _restore_words)}
