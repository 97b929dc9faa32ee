"""The page on circuits: its examples run, and its tables say what the code says."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

import labkit
from labkit.circuits.files import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "circuits.md"


def shown(value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value).replace("()", "[]").replace("{}", "{}")


def reference() -> str:
    """The tables of settings, as the code has them."""
    told = []
    for name, kind in KINDS.items():
        rows = []
        for one in fields(kind):
            default = one.default_factory() if one.default_factory is not MISSING else one.default
            rows.append(
                f"| `{one.name}` | {one.metadata['takes']} | {'needed' if default is MISSING else shown(default)} |"
            )
        told.append(
            "\n".join(
                [
                    f"### {name}",
                    "",
                    kind.__doc__.split("\n")[0],
                    "",
                    "| setting | takes | default |",
                    "|---|---|---|",
                    *rows,
                ]
            )
        )
    return "\n\n".join(told)


def test_the_reference_is_that_of_the_code():
    assert reference() in PAGE.read_text(encoding="utf-8"), f"docs/circuits.md needs:\n\n{reference()}"


@pytest.mark.filterwarnings("ignore::labkit.errors.UnsafeCircuit")
def test_every_block_of_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    Path("traffic.circuit.yaml").write_text(example, encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) >= 4
    names: dict[str, object] = {}
    try:
        for block in blocks:
            exec(compile(block, str(PAGE), "exec", dont_inherit=True), names)
    finally:
        labkit.bench("simulated").close()


def test_every_rule_is_in_the_page():
    text = PAGE.read_text(encoding="utf-8")
    sources = "".join(
        path.read_text(encoding="utf-8") for path in (Path(labkit.__file__).parent / "circuits" / "rules").glob("*.py")
    )
    rules = set(re.findall(r'^\s+"([a-z0-9]+(?:-[a-z0-9]+)+)"', sources, re.MULTILINE))
    assert len(rules) > 20
    assert [rule for rule in sorted(rules) if f"`{rule}`" not in text] == []
