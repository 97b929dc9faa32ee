"""The house rules, as tests: lint, formatting, types, and who may import whom."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=cwd, capture_output=True, text=True, timeout=300)


def assert_clean(ran: subprocess.CompletedProcess[str]) -> None:
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_code_is_clean_by_ruffs_rules():
    assert_clean(run("-m", "ruff", "check", "."))


def test_the_code_is_formatted():
    assert_clean(run("-m", "ruff", "format", "--check", "."))


def test_both_packages_are_typed_strictly():
    assert_clean(run("-m", "mypy"))


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    # In the copy's own folder: its packages shadow the installed ones.
    code = (
        "import sys; sys.path[:0] = ['.', 'setup']\n"
        "from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"
    )
    return run("-c", code, cwd=root)


def test_imports_keep_to_the_layers():
    assert_clean(lint_imports(ROOT))


def copied(root: Path) -> Path:
    """A copy of the two packages and the contracts, to do wrong in."""
    import shutil

    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("labkit", "setup"):
        shutil.copytree(ROOT / name, root / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("labkit/trace.py", "import labkit.bench", "labkit's layers, top to bottom BROKEN"),
        ("labkit/panels/outputs.py", "import labkit.sim.pins", "panels know nothing of the simulation BROKEN"),
        ("labkit/bench.py", "import labkit_setup", "the bench and the set-up never import each other BROKEN"),
        ("setup/labkit_setup/__init__.py", "import labkit", "the bench and the set-up never import each other BROKEN"),
        ("labkit/newcomer.py", "", "Missing layer"),
    ],
    ids=["upwards", "panels on sim", "labkit on set-up", "set-up on labkit", "a module without a place"],
)
def test_a_deliberate_violation_is_caught(tmp_path, module, line, broken):
    root = copied(tmp_path)
    path = root / module
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}\n{line}\n")
    ran = lint_imports(root)
    assert ran.returncode != 0
    assert broken in ran.stdout.replace("*", "") or "newcomer" in ran.stdout, ran.stdout


def test_nothing_but_the_bench_assigns_the_pin_factory():
    assigning = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "labkit").rglob("*.py"))
        if "Device.pin_factory =" in path.read_text()
    ]
    assert assigning == ["labkit/bench.py"]


def test_every_dependency_has_a_lower_bound_and_a_reason():
    text = (ROOT / "pyproject.toml").read_text()
    project = tomllib.loads(text)["project"]
    extras = [each for extra in project["optional-dependencies"].values() for each in extra]
    needed = [*project["dependencies"], *(each for each in extras if not each.startswith("gpio-labkit["))]
    assert [requirement for requirement in needed if not re.search(r"[<>]=?\d", requirement)] == []
    for requirement in project["dependencies"]:
        (line,) = [line for line in text.splitlines() if f'"{requirement}"' in line]
        assert "#" in line, f"{requirement} has no reason"
