"""What the user calls a device: the name that its constructor's value is given, read from the program's source."""

from __future__ import annotations

import ast
import linecache
from functools import lru_cache
from types import FrameType

__all__ = ["name_given_in"]


def name_given_in(frame: FrameType) -> str | None:
    """The variable that takes the value of the call which a frame is in the middle of; None where none does.

    `red` for `red = LED(17)`, `self.red = LED(17)` and `with LED(17) as red`; `leds[]` for an element of a
    list, a tuple or a comprehension that is called `leds`.
    """
    tree = _tree(frame.f_code.co_filename)
    position = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    if tree is None or position[0] is None or position[2] is None:
        return None
    at = position[0], position[2]
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and _covers(node, at)]
    return _name_in(statements[-1], at) if statements else None  # ast.walk comes to the innermost last


@lru_cache(maxsize=64)
def _tree(file: str) -> ast.Module | None:
    source = "".join(linecache.getlines(file))
    try:
        return ast.parse(source)
    except SyntaxError:
        return None


def _covers(node: ast.stmt | ast.expr, at: tuple[int, int]) -> bool:
    end = node.end_lineno or node.lineno, node.end_col_offset or 0
    return (node.lineno, node.col_offset) <= at < end


def _name_in(statement: ast.stmt, at: tuple[int, int]) -> str | None:
    match statement:
        case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
            return _of_target(target, value, at)
        case ast.With(items=items):
            for item in items:
                if item.optional_vars is not None and _covers(item.context_expr, at):
                    return _of_target(item.optional_vars, item.context_expr, at)
    return None


def _of_target(target: ast.expr, value: ast.expr, at: tuple[int, int]) -> str | None:
    elements = value.elts if isinstance(value, ast.Tuple | ast.List) else None
    if isinstance(target, ast.Tuple) and elements is not None and len(target.elts) == len(elements):
        pairs = zip(target.elts, elements, strict=True)
        return next((_of_target(one, element, at) for one, element in pairs if _covers(element, at)), None)
    name = ast.unparse(target).removeprefix("self.")
    if isinstance(value, ast.Call):
        return name if (value.lineno, value.col_offset) == at else None
    inside = elements or ([value.elt] if isinstance(value, ast.ListComp) else [])
    return f"{name}[]" if any((one.lineno, one.col_offset) == at for one in inside) else None
