"""What a check said, for people: a picture in a notebook, lines in a terminal."""

from __future__ import annotations

import sys
from html import escape
from typing import TYPE_CHECKING, Any

from labkit.cells import notebook_shell
from labkit.trace import Trace
from labkit.waves import text_waves, wave_svg

if TYPE_CHECKING:
    from labkit.checking.check import Result

__all__ = ["html", "show", "show_again", "text"]

MOST_LANES = 8


_shown: tuple[Any, int] = (None, 0)
"""The last result that was shown, and in which execution."""


def show(result: Result) -> None:
    """Show it now: in a notebook as a picture, elsewhere in lines on stderr."""
    global _shown
    shell = notebook_shell()
    if shell is None or not hasattr(shell, "kernel"):
        print(result, file=sys.stderr)
        return
    from IPython.display import HTML, display

    _shown = (result, shell.execution_count)
    display(HTML(html(result)), metadata={"labkit": result.to_dict()})


def show_again(result: Result) -> None:
    """Show it, unless this execution did already."""
    shell = notebook_shell()
    if shell is None or _shown[0] is not result or _shown[1] != shell.execution_count:
        show(result)


def html(result: Result) -> str:
    """The verdict, the sentence, the hint, and both traces one over the other."""
    colour = "var(--jp-success-color1,#15803d)" if result.passed else "var(--jp-error-color1,#b3261e)"
    head = f"✓ {escape(result.check)}" if result.passed else f"✗ {escape(result.check)}: not yet"
    said = [f'<div style="color:{colour};font-weight:600">{head}</div>', f"<div>{escape(_full(result))}</div>"]
    if result.hint:
        said.append(f'<div style="margin-top:4px"><i>Hint: {escape(result.hint)}</i></div>')
    said += [f'<div style="color:var(--jp-warn-color0,#92400e)">{escape(remark)}</div>' for remark in result.remarks]
    lanes = _lanes(result)
    if lanes:
        said.append(wave_svg(lanes, result.expected, result.seconds, result.at))
        if result.expected:
            said.append('<div style="color:var(--jp-ui-font-color2,#666)">line: yours · dashed: expected</div>')
    if result.trial.printed:
        said.append(f"<details><summary>What it printed</summary><pre>{escape(result.trial.printed)}</pre></details>")
    state = "passed" if result.passed else "failed"
    return (
        f'<div class="labkit-check" data-check="{escape(result.check)}" data-state="{state}" role="status" '
        f'style="border-left:4px solid {colour};padding:4px 12px;margin:4px 0;'
        f'color:var(--jp-ui-font-color1,#111)">{"".join(said)}</div>'
    )


def text(result: Result) -> str:
    """The same in lines."""
    mark = "✓" if result.passed else "✗"
    lines = [f"{mark} {result.check}: {_full(result)}"]
    if result.hint:
        lines.append(f"  Hint: {result.hint}")
    lines += [f"  {remark}" for remark in result.remarks]
    lanes = _lanes(result)
    if lanes and not result.passed:
        both = {name: trace for lane in lanes for name, trace in _both(lane, result)}
        lines.append(text_waves(both, 0.0, result.seconds))
        if result.at is not None:
            lines.append(f"  first difference at {result.at:.3g} s")
    return "\n".join(lines)


def _both(lane: str, result: Result) -> list[tuple[str, Trace]]:
    found = [(lane, result.seen[lane])]
    if lane in result.expected:
        found.append((f"{lane} expected", result.expected[lane]))
    return found


def _lanes(result: Result) -> dict[str, Trace]:
    """What is worth seeing: the lesson's pins, and others that moved, but for those of devices that were given."""
    given = {pin for sighting in result.trial.given for pin in sighting.pins}
    named = {name: trace for name, trace in result.seen.items() if not name.startswith("GPIO")}
    others = {pin: trace for pin, trace in result.seen.items() if pin not in named and pin not in given and len(trace)}
    shown = named | others
    return dict(list(shown.items())[:MOST_LANES])


def _full(result: Result) -> str:
    sentence = result.sentence
    # What the program calls a device stays as it is.
    begins_with_name = sentence.replace(":", " ").split(" ")[0] in result.seen
    said = sentence if begins_with_name else sentence[:1].upper() + sentence[1:]
    return said if said.endswith((".", "?", "!")) else f"{said}."
