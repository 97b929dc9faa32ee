"""The page on checks: its examples run, and its table names the whole vocabulary and every setting."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from pathlib import Path

import labkit.checking
from labkit.checking import Check, Verdict

PAGE = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")


def test_every_block_of_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    names = {}
    for block in blocks:
        exec(compile(block, "checks.md", "exec"), names)


def test_every_claim_and_every_setting_is_told_of():
    public = (getattr(labkit.checking, name) for name in labkit.checking.__all__)
    claims = [one.__name__ for one in public if inspect.signature(one).return_annotation == Verdict.__name__]
    assert len(claims) >= 8
    settings = {field.name for field in fields(Check)} - {"name", "judge"}
    for name in [*claims, *settings]:
        assert re.search(rf"^\| `{name}[`(]", PAGE, re.MULTILINE), name
