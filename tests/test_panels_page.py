"""The page on adding a panel, followed to the letter."""

import re
from pathlib import Path

import labkit

PAGE = Path(__file__).parents[1] / "docs" / "adding-a-panel.md"


def test_every_block_of_the_page_runs():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 4
    names = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec", dont_inherit=True), names)
    labkit.bench("simulated").close()
