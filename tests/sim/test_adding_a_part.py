"""The walk-through in the documentation, followed to the letter."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-part.md"


def test_every_block_of_the_walk_through_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 2
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
