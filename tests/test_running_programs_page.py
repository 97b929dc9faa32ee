"""The page about running programs: its example runs, its tables are complete."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from labkit.run import Options, Run, Status
from labkit.sim.scenario import Scenario
from labkit.sim.scenariofile import WAVEFORMS
from labkit.sim.verbs import VERBS

PAGE = (Path(__file__).parents[1] / "docs" / "running-programs.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def run_example(tmp_path: Path, scenario: str) -> Run:
    (plan := tmp_path / "s.yaml").write_text(scenario, encoding="utf-8")
    (program := tmp_path / "program.py").write_text(blocks("python")[0], encoding="utf-8")
    made = Run(str(program), (), Options(seconds=60, scenario=plan))
    made.run()
    return made


def test_the_pages_scenario_runs_with_the_pages_program_and_is_met(tmp_path):
    (scenario,) = blocks("yaml")
    assert [str(failure) for failure in run_example(tmp_path, scenario).failures] == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("edges: 8", "edges: 10"),
        ("[1 s, 1100 ms]", "[500 ms, 1 s]"),
        ("during: [36 s, 60 s]", "during: [30 s, 60 s]"),
        ("distance: [5 cm", "distance: [11 cm"),
    ],
)
def test_every_expectation_of_the_page_can_fail(tmp_path, right, wrong):
    (scenario,) = blocks("yaml")
    assert right in scenario
    assert len(run_example(tmp_path, scenario.replace(right, wrong)).failures) == 1


def test_the_pages_python_plans_the_same(tmp_path):
    names: dict[str, object] = {}
    exec(compile(blocks("python")[1], "page", "exec"), names)
    (plan := tmp_path / "s.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    from_file, from_python = Scenario.load(plan).plan, names["plan"].plan
    assert [part.parameters for part in from_python.parts] == [part.parameters for part in from_file.parts]
    assert from_python.environment == from_file.environment
    planned = [(event.when, event.verb, event.target, event.arguments) for event in from_file.events]
    for event in from_python.events:
        assert (event.when, event.verb, event.target, event.arguments) in planned


def test_the_page_has_every_verb_waveform_setting_and_status():
    for verb in (*VERBS, "replay", "expect"):
        assert f"`{verb}`" in PAGE
    for verb in VERBS.values():
        assert all(f"`{name}`" in PAGE for name in verb.takes)
    for name, kind in WAVEFORMS.items():
        (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` | `") and line.count("|") == 3]
        assert all(f"`{field.name}`" in row for field in fields(kind))
    for name, status in vars(Status).items():
        if name.isupper():
            assert f"| {status} |" in PAGE
