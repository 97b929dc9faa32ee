"""Scenarios in YAML: the same vocabulary, and the line of every mistake."""

import pytest
from gpiozero import LED, Button

from labkit.devices import BenchFactory
from labkit.errors import ScenarioError
from labkit.sim.parts.adc import Mcp3xxx
from labkit.sim.scenario import Scenario

WHOLE = """\
environment: {temperature: 25 °C, lux: 40}
parts:
  go: {kind: PushButton, pin: GPIO2, bounces: 2}
  tank: {kind: Potentiometer, position: 0.25}
  adc: {kind: Mcp3xxx, channels: {0: tank}}
events:
  - {at: 1 s, press: go, seconds: 200 ms}
  - {after: 1 s, every: 0.5 s, times: 3, press: 3, seconds: 0.1}
  - at: 5 s
    set: tank
    position: {ramp: {to: 75 %, seconds: 2 s, step: 1 s}}
  - {at: 8 s, drive: 17, level: 1}
  - {expect: 17, high: true, during: [8 s, 9 s]}
  - {expect: 3, falling: 3, within: [0, 10]}
  - {at: 6 s, expect: tank, position: 0.5}
"""


def written(tmp_path, text):
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_says_all_that_python_can(board, tmp_path):
    performance = Scenario.load(written(tmp_path, WHOLE)).start(board)
    assert (board.environment.temperature, board.environment.lux) == (25.0, 40)
    with BenchFactory(board=board) as factory, Button(2, pin_factory=factory) as go, Button(3, pin_factory=factory):
        board.clock.run_for(1.01)
        assert go.is_pressed
        board.clock.run_for(20)
        assert isinstance(adc := board.parts["adc"], Mcp3xxx)
        assert adc.convert(0, differential=False) == 768
    assert performance.finish() == []


def test_a_wrong_expectation_in_a_file_fails_with_its_line(board, tmp_path):
    wrong = WHOLE.replace("falling: 3", "falling: 4")
    performance = Scenario.load(written(tmp_path, wrong)).start(board)
    with BenchFactory(board=board) as factory, Button(2, pin_factory=factory), Button(3, pin_factory=factory):
        board.clock.run_for(20)
    assert [str(failure) for failure in performance.finish()] == [
        f"{tmp_path / 'plan.yaml'}, line 14: expected GPIO3 with 4 falling within 0 s to 10 s; "
        "there were 3 falling, the last at 3.1 s"
    ]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", None, "the scenario is empty; it has parts, environment, events"),
        ("- a", 1, "a scenario is a mapping with parts, environment, events"),
        ("event: []", 1, r"a scenario has no 'event' \(did you mean 'events'\?\); it has parts, environment, events"),
        ("events:\n  at: 1", 2, "events is a list: each entry begins with a dash"),
        ("events:\n- press", 2, "an event is a mapping"),
        (
            "events:\n\n- {at: 1, pres: 2}",
            3,
            r"nothing happens here \(did you mean 'press'\?\); an event has one of pre",
        ),
        ("events:\n- {at: 1}", 2, "nothing happens here; an event has one of press, release, .*expect"),
        ("events:\n- {at: 1, press: 2, release: 2}", 2, "press and release at once: make two events"),
        ("events:\n- {press: 2}", 2, "say when, with at or after"),
        ("events:\n- {at: 1, after: 1, press: 2}", 2, "say when, with at or after"),
        ("events:\n- {at: 1, times: 3, press: 2}", 2, "times and until belong to every"),
        ("events:\n- {at: 1, every: 0, press: 2}", 2, "every needs a period above 0 s"),
        ("events:\n- {at: 1, every: 1, times: 0, press: 2}", 2, "times must be a whole number of 1 or more, not 0"),
        ("events:\n- {at: 1, at: 2, press: 2}", 2, "'at' is there twice"),
        ("events:\n- {at: 1 fortnight, press: 2}", 2, "at: '1 fortnight' is no time"),
        ("events:\n- {at: 1, press: 2, secnds: 2}", 2, r"press has no 'secnds' \(did you mean 'seconds'\?\)"),
        ("events:\n- {at: 1, press: 2, seconds: [1]}", 2, r"seconds: \[1\] is no time"),
        ("events:\n- {at: 1, press: [2]}", 2, r"press needs a pin or a part, not \[2\]"),
        ("events:\n- {at: 1, press: 28}", 2, "there is no GPIO28"),
        ("events:\n- {at: 1, rotate: 5}", 2, "rotate needs steps"),
        ("events:\n- {at: 1, set: pot0}", 2, "set needs a quantity and its value"),
        ("events:\n- {at: 1, set: pot0, positon: 1}", 2, r"pot0 has no 'positon' \(did you mean 'position'\?\)"),
        ("events:\n- {at: 1, set: environment, lox: 1}", 2, r"environment has no 'lox' .*it has temperature, lux"),
        ("events:\n- {at: 1, set: distance24, distance: 3 kg}", 2, "distance: '3 kg' does not fit"),
        ("events:\n- {at: 1, set: a, x: {sin: 1}}", 2, r"no waveform 'sin' \(did you mean 'sine'\?\); there are sine"),
        ("events:\n- {at: 1, set: a, x: {sine: 1}}", 2, "sine needs amplitude and period"),
        ("events:\n- {at: 1, set: a, x: {noise: {sgma: 1}}}", 2, r"noise has no 'sgma' \(did you mean 'sigma'\?\)"),
        ("events:\n- {at: 1, set: a, x: {steps: {values: 3, every: 1}}}", 2, "steps needs a list"),
        ("events:\n- {at: 1, set: a, x: {}}", 2, "a value, or a waveform: sine"),
        ("events:\n- {at: 1, replay: 2, file: no.csv, signal: GPIO2}", 2, r"replay: .*no\.csv: can't read it: No such"),
        ("events:\n- {expect: 17, high: true}", 2, "say when, with at or after"),
        ("events:\n- {expect: 17, within: [1, 2]}", 2, "expect needs something to look for"),
        ("events:\n- {at: 1, every: 1, expect: 17, high: true}", 2, "expect looks once"),
        ("parts: [a]", 1, "parts is a mapping of names to kinds and pins"),
        ("parts:\n  go: PushButton", 2, "the part go is a mapping with kind, pins and parameters"),
        ("parts:\n  go: {pin: 2}", 2, "the part go needs a kind"),
        ("parts:\n  go: {kind: Button, pin: 2}", 2, "there is no kind of part 'Button'"),
        ("parts:\n  go: {kind: PushButton}", 2, "PushButton needs pin"),
        ("parts:\n  go: {kind: Led, pin: 2}\n  go: {kind: Led, pin: 3}", 3, "'go' is there twice"),
        ("parts:\n  go: {kind: Led, pin: 2}\nevents:\n- {at: 1, press: go}", 4, "go can't press: it is a Led"),
        ("environment: {lux: 5 V}", 1, "lux: '5 V' does not fit"),
        ("events: [", 1, "this is no YAML"),
        ("a: &x 1\nb: *y", 2, "this is no YAML: found undefined alias"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line_and_what_there_is(tmp_path, text, line, says):
    path = written(tmp_path, text)
    with pytest.raises(ScenarioError, match=says) as caught:
        Scenario.load(path)
    place = f"{path}, line {line}: " if line else f"{path}: "
    assert str(caught.value).startswith(place)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_no_text_is_one_sentence(tmp_path):
    with pytest.raises(ScenarioError, match=r"none\.yaml: can't read the scenario: No such file"):
        Scenario.load(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(ScenarioError, match="this is no text in UTF-8"):
        Scenario.load(tmp_path / "bytes.yaml")


def test_a_file_without_such_mistakes_is_not_refused(tmp_path, board):
    Scenario.load(written(tmp_path, "events:\n- {at: 1, press: 2, seconds: 0.1}")).start(board)


def test_a_part_that_is_missing_when_due_names_the_files_line(tmp_path, board):
    Scenario.load(written(tmp_path, "events:\n\n- {at: 1, press: 2}")).start(board)
    with (
        BenchFactory(board=board) as factory,
        LED(17, pin_factory=factory),
        pytest.raises(ScenarioError, match=r"plan\.yaml, line 3: there is no part on GPIO2 at 1 s; there are .*led17"),
    ):
        board.clock.run_for(2)


def test_a_recordings_place_is_relative_to_the_scenario(tmp_path, board):
    (tmp_path / "run.csv").write_text("timestamp_ns,pin,level\n1000000000,GPIO2,0\n3000000000,GPIO2,1\n")
    path = written(tmp_path, "events:\n- {at: 10 s, replay: 2, file: run.csv, signal: GPIO2}")
    Scenario.load(path).start(board)
    with BenchFactory(board=board) as factory, Button(2, pin_factory=factory) as button:
        held = []
        button.when_pressed = lambda: held.append(board.clock.now_ns())
        button.when_released = lambda: held.append(board.clock.now_ns())
        board.clock.run_for(20)
    assert held == [11_000_000_000, 13_000_000_000]
