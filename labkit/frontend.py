"""Front-end modules share code without a build step: what one imports is put into the one file that a widget has."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path

__all__ = ["front_end"]

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "(\.\.?/[\w./]+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const|let) (\w+))", re.MULTILINE)


@cache
def front_end(name: str) -> str:
    """The text of a module in `static/` with everything that it imports from there, or from below.

    A module imports with lines `import { a, b } from "./c.js";` and exports with `export` before a function,
    class or const. Each imported module keeps a scope of its own and is evaluated once, before who imports it.
    """
    done: dict[str, str] = {}
    body = _resolved(name, done, (name,))
    return "\n".join([*done.values(), body])


def _resolved(name: str, done: dict[str, str], path: tuple[str, ...]) -> str:
    text = (STATIC / name).read_text(encoding="utf-8")
    for _, target in IMPORT.findall(text):
        wanted = _beside(name, target)
        if wanted in path:
            raise ValueError(f"front-end modules import each other in a circle: {' → '.join((*path, wanted))}")
        if wanted not in done:
            inner = _resolved(wanted, done, (*path, wanted))
            exported = ", ".join(EXPORT.findall(inner))
            inner = EXPORT.sub("", inner)
            done[wanted] = f"const {_scope(wanted)} = (() => {{\n{inner}\nreturn {{ {exported} }};\n}})();"
    return IMPORT.sub(lambda match: f"const {{ {match[1]} }} = {_scope(_beside(name, match[2]))};", text)


def _beside(name: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), target))


def _scope(name: str) -> str:
    return "labkit_" + re.sub(r"\W", "_", name)
