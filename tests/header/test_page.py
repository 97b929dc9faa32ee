"""The page on the header, followed to the letter."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "header.md"


def test_the_code_on_the_page_runs():
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(block, str(PAGE), "exec", dont_inherit=True), {})
