"""`migrate`: what becomes of an old Jupyter configuration, setting by setting, and the `apply` that carries it over."""

import shlex
import sys
from pathlib import Path

from ...errors import ConfigurationError, UsageError
from ..context import Context
from ..jupyterfiles import OldFile, Setting, candidates, read
from ..migration import Migration, Verdict
from ..options import parse

__all__ = ["migrate"]

_NOBODYS = "jupyter_notebook_config"


def migrate(context: Context) -> int:
    """Tell what becomes of each setting; carry over what can be only where that is asked for."""
    host = context.host
    user = context.person(context.options.user)
    paths = [path.absolute() for path in context.options.files] or candidates(host, user.home)
    files = [read(host, path) for path in paths]
    migration = Migration(host, user, [setting for file in files for setting in file.settings])
    verdicts, options = migration.verdicts(), _options(context, migration)
    lines = [line for file in files for line in _told(file, verdicts)] or ["There is no old Jupyter configuration."]
    if options:
        program = "labkit-setup" if context.clone is None else "python3 setup pi"
        lines += ["To carry over what can be:", "", f"  {program} apply {shlex.join(options)}", ""]
    elif files:
        lines.append("Nothing of it needs an option of `apply`.")
    if not context.options.apply:
        context.answer(lines, ok=True, files=[_values(file, verdicts) for file in files], apply=options)
        return 0
    if not files:
        raise ConfigurationError("There is no old Jupyter configuration to carry over; `apply` alone sets a lab up.")
    # The answer is then that of `apply`.
    context.say(*lines)
    return _apply(context, options)


def _options(context: Context, migration: Migration) -> list[str]:
    user = context.options.user
    found = migration.options()
    return [*found, "--user", user] if user and found else found


def _apply(context: Context, options: list[str]) -> int:
    from ..main import run

    asked = context.options
    flags = ("json", "yes", "generate", "password_stdin")
    words = ["apply", *options, *(f"--{flag.replace('_', '-')}" for flag in flags if asked.values[flag])]
    if asked.root is not None:
        words += ["--root", str(asked.root)]
    if not (asked.yes or asked.json or sys.stdin.isatty()):
        raise UsageError("There is no terminal to confirm on; look at what migrate says, and add --yes to --apply.")
    return run(Context.of(parse(words, "labkit-setup"), context.clone, context.host, words))


def _told(file: OldFile, verdicts: list[Verdict]) -> list[str]:
    ignored = "   (JupyterLab never looked at it)" if file.path.name.startswith(_NOBODYS) else ""
    lines = [f"{file.path}{ignored}"]
    for verdict in _of(file, verdicts):
        where = f"line {verdict.setting.line}: " if verdict.setting.line else ""
        lines.append(f"  {where}{_name(verdict.setting)}")
        lines.append(f"      {verdict.outcome}: {verdict.words}")
    if not file.settings:
        lines.append("  sets nothing")
    if file.code:
        numbers = ", ".join(map(str, sorted(set(file.code))))
        lines.append(f"  Code in line {numbers} was not run: look yourself whether it sets something you need.")
    return [*lines, ""]


def _values(file: OldFile, verdicts: list[Verdict]) -> dict[str, object]:
    settings = [
        {
            "setting": _name(verdict.setting),
            "line": verdict.setting.line or None,
            "outcome": verdict.outcome,
            "words": verdict.words,
            "options": verdict.options,
        }
        for verdict in _of(file, verdicts)
    ]
    return {"path": str(Path(file.path)), "settings": settings, "code": sorted(set(file.code))}


def _of(file: OldFile, verdicts: list[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict.setting in file.settings]


def _name(setting: Setting) -> str:
    # It comes from a file: no line of it may pass for one of ours.
    return f"{setting.section}.{setting.name}".encode("unicode_escape").decode()[:100]
