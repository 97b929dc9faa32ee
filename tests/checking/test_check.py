"""A learner's program on a bench of its own: what it is told, and that nothing of the notebook's bench is touched."""

from __future__ import annotations

import json
import re
import threading
from signal import pause
from time import sleep

import pytest
from gpiozero import LED, Button, DistanceSensor

from labkit.checking import blinks, check, define, gives_back, responds, results
from labkit.checking.asking import UnknownCheck, checks
from labkit.checking.trial import try_out
from labkit.sim.scenario import Scenario
from labkit.sim.time.endings import TimeBudgetSpent


def by_the_book():
    red = LED(17)
    while True:
        red.on()
        sleep(0.5)
        red.off()
        sleep(0.5)


@pytest.fixture
def first_blink():
    @define("first blink", pins={"red": 17}, seconds=5, solution=by_the_book, hints=["on and off", "sleep(0.5)"])
    def judge(seen):
        yield blinks(seen["red"], period=1.0, times=5)

    return judge


@pytest.fixture
def answer():
    scenario = Scenario().at(1).press(2, seconds=0.5).at(3.15).press(2, seconds=0.05)

    @define("answer", pins={"red": 17, "go": 2}, seconds=5, scenario=scenario, wants_events=True)
    def judge(seen):
        yield responds(seen["red"], seen["go"], edge="falling", within=0.02)

    return judge


def test_the_right_program_passes(first_blink):
    result = first_blink.result(by_the_book)
    assert result
    assert result.sentence == "red came on 5 times, every 1 s"
    assert isinstance(result.trial.ended_by, TimeBudgetSpent), "which is fine for a program without end"


def test_a_few_lines_are_a_program_too(first_blink, capsys):
    lines = "from gpiozero import LED\nred = LED(17)\nred.blink(0.5, 0.5, n=5, background=False)"
    assert check("first blink", lines)
    assert "✓ first blink" in capsys.readouterr().err
    result = check("first blink", lines + "\nred.onn()")
    assert "in line 4 (red.onn())" in result.sentence
    assert result.trial.sightings[0].title == "red (LED)"


def wrong_pin():
    red = LED(18)
    red.blink(0.5, 0.5)
    pause()


def too_slow():
    red = LED(17)
    red.blink(1, 1)
    pause()


def typing_error():
    red = LED(17)
    red.onn()


def busy():
    LED(17)
    while True:
        pass


def nothing():
    pass


def waits_in_vain():
    red, go = LED(17), Button(2)
    go.wait_for_press()
    red.on()


def ends_at_once():
    red = LED(17)
    red.on()


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (wrong_pin, r"Nothing of yours is on GPIO17, where the lesson has red; your red \(LED\) is on GPIO18"),
        (too_slow, "took 2 s instead of 1 s"),
        (
            typing_error,
            r"error in line 3 of typing_error \(red.onn\(\)\): AttributeError: 'LED' object has no attribute",
        ),
        (busy, r"turns in a loop that never waits at .*in busy: while True"),
        (nothing, "makes no device. The lesson's red is on GPIO17"),
        (waits_in_vain, r"waits for something that never happens here: .*go.wait_for_press\(\)"),
        (ends_at_once, r"came on once, not 5 times. Your program came to its end, and its devices went with it"),
    ],
)
def test_each_mistake_gets_the_sentence_of_a_teacher(first_blink, program, says):
    result = first_blink.result(program)
    assert not result
    assert re.search(says, result.sentence), result.sentence


def test_waiting_for_the_next_press_is_a_good_end_where_all_claims_hold(answer):
    def one_after_the_other():
        red, go = LED(17), Button(2)
        while True:
            go.wait_for_press()
            red.on()
            go.wait_for_release()
            red.off()

    def waits_for_what_never_comes():
        red, go = LED(17), Button(2)
        red.off()
        go.wait_for_release()
        Button(3).wait_for_press()

    assert answer.result(one_after_the_other)
    assert "waits for something that never happens here" in answer.result(waits_for_what_never_comes).sentence


def test_looking_now_and_then_is_told_apart_from_waiting_for_events(answer):
    def polls():
        red, go = LED(17), Button(2)
        while True:
            red.value = go.value
            sleep(0.1)

    def listens():
        red, go = LED(17), Button(2)
        go.when_pressed, go.when_released = red.on, red.off
        pause()

    assert "Let the device tell you" in answer.result(polls).sentence
    assert answer.result(listens)


def test_an_error_in_a_callback_is_the_programs(answer, capsys):
    def fails():
        red, go = LED(17), Button(2)
        go.when_pressed = lambda: red.onn()
        pause()

    result = answer.result(fails)
    assert "A callback of yours" in result.sentence
    assert "line 3 of fails" in result.sentence
    assert capsys.readouterr() == ("", ""), "and is printed nowhere"


def test_devices_left_open_are_named_where_it_matters():
    @define("closes", pins={"red": 17}, seconds=2, wants_closed=True)
    def judge(seen):
        yield blinks(seen["red"], period=1.0, times=1)

    kept = []

    def leaves_open():
        kept.append(LED(17))
        kept[0].on()

    def closes():
        with LED(17) as red:
            red.on()
            sleep(0.5)

    assert "LED was still open" in judge.result(leaves_open).sentence
    assert judge.result(closes)


def test_the_expected_trace_is_that_of_the_solution(first_blink):
    result = first_blink.result(too_slow)
    assert result.at == pytest.approx(1.0)
    assert blinks(result.expected["red"], period=1.0, times=5)
    picture = result._repr_html_()
    assert 'class="labkit-expected"' in picture
    assert "first difference, 1 s" in picture
    assert "red expected" in str(result)


def test_hints_get_more_concrete_with_each_try(first_blink):
    assert check("first blink", by_the_book)
    hints = [check("first blink", too_slow).hint for _ in range(3)]
    assert hints == ["on and off", "sleep(0.5)", "sleep(0.5)"]
    assert check("first blink", by_the_book).hint == ""
    assert check("first blink", too_slow).hint == "on and off", "after passing it begins anew"


def test_an_unknown_check_names_its_neighbour(first_blink):
    with pytest.raises(UnknownCheck, match="Did you mean 'first blink'"):
        check("frist blink", by_the_book)
    with pytest.raises(TypeError, match="write its name without brackets"):
        check("first blink", None)


def test_checks_come_from_the_file_beside_the_notebook(tmp_path):
    (tmp_path / "checks.py").write_text(
        "from labkit.checking import define, stays\n"
        "@define('dark', pins={'red': 17}, seconds=1)\n"
        "def dark(seen):\n"
        "    return stays(seen['red'], 0)\n"
    )
    found = checks(tmp_path)["dark"]

    def stays_dark():
        LED(17)

    def lights_up():
        red = LED(17)
        red.on()
        pause()

    assert found.result(stays_dark)
    assert not found.result(lights_up)


def test_a_solution_in_such_a_file_lives_in_virtual_time(tmp_path):
    (tmp_path / "checks.py").write_text(
        "from time import sleep\n"
        "from gpiozero import LED\n"
        "from labkit.checking import blinks, define\n"
        "def solution():\n"
        "    red = LED(17)\n"
        "    while True:\n"
        "        red.toggle()\n"
        "        sleep(60)\n"
        "@define('minutes', pins={'red': 17}, seconds=3600, solution=solution)\n"
        "def minutes(seen):\n"
        "    return blinks(seen['red'], period=120)\n"
    )
    found = checks(tmp_path)["minutes"]
    assert blinks(found.result(lambda: LED(17)).expected["red"], period=120, times=30)


def test_results_are_collected_as_json(first_blink, tmp_path, monkeypatch):
    file = tmp_path / "results.jsonl"
    monkeypatch.setenv("LABKIT_CHECK_RESULTS", str(file))
    before = len(results())
    check("first blink", too_slow)
    check("first blink", by_the_book)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["passed"] for line in lines] == [False, True]
    assert [line["passed"] for line in results()[before:]] == [False, True]


def test_the_notebooks_own_bench_is_untouched(bench, first_blink):
    mine = LED(17)
    mine.on()
    edges = []
    bench.tap.subscribe(edges.append)
    assert first_blink.result(by_the_book)
    assert mine.is_lit
    assert not mine.closed
    assert edges == []
    assert LED(18).pin_factory is bench.factory


def test_a_check_within_virtual_time_takes_no_time_of_its_own(bench, first_blink):
    with bench.virtual_time() as clock:
        lamp = LED(4)
        lamp.blink(1, 1)
        sleep(10.5)
        before = clock.now_ns()
        assert first_blink.result(by_the_book)
        assert clock.now_ns() == before
        assert lamp.is_lit
        sleep(1)
        assert not lamp.is_lit, "what ran before goes on"


def test_a_program_that_prints_without_end_fills_no_memory(first_blink):
    def chatty():
        LED(17)
        for _ in range(100_000):
            print("a long line of text, again and again")

    assert len(first_blink.result(chatty).trial.printed) <= 20_000


@pytest.fixture
def given_red():
    @define("given", pins={"red": 17}, seconds=5, given={"red": lambda: LED(17)})
    def judge(seen):
        yield blinks(seen["red"], period=1.0, times=5)

    return judge


def test_devices_that_are_given_live_on_as_the_notebooks_own_would(given_red):
    def blinks_behind(red):
        red.blink(0.5, 0.5)

    assert given_red.result(blinks_behind)


def test_a_function_that_takes_something_else_is_told_how_to_begin(given_red):
    def takes_nothing():
        pass

    sentence = given_red.result(takes_nothing).sentence
    assert sentence == "Your function takes nothing; here it gets red. Begin it with `def takes_nothing(red):`."


def test_a_device_that_was_given_need_not_be_made(given_red):
    def makes_another(red):
        LED(17)

    def does_nothing(red):
        pass

    assert "none that your function was given" in given_red.result(makes_another).sentence
    assert given_red.result(does_nothing).sentence == "red never came on"


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (lambda times: sum(times) / len(times), ""),
        (lambda times: None, "the mean gave nothing back: end it with `return` and the value"),
        (lambda times: sum(times), "the mean gave back 0.6, not 0.2"),
        (lambda times: "0.2 s", "the mean gave back '0.2 s', not 0.2"),
    ],
)
def test_what_a_function_gives_back_can_be_judged(program, says):
    @define("mean", seconds=1, given={"times": lambda: [0.1, 0.2, 0.3]})
    def judge(seen):
        yield gives_back(seen.returned, 0.2, tolerance=1e-6, what="the mean")

    assert judge.result(program).sentence == (says or "the mean gave back 0.2")
    assert bool(judge.result(program)) == (not says)


def test_lists_are_compared_value_by_value():
    assert gives_back([1, 2.0005], [1, 2], tolerance=0.001)
    assert gives_back([1, 5], [1, 2], what="steps").sentence == "value 2 of steps is 5, not 2"
    assert gives_back([1], [1, 2]).sentence == "your function gave back [1], not 2 values"
    assert gives_back(15_000, 16.15).sentence == "your function gave back 15000, not 16.15"
    assert gives_back(3, [1, 2]).sentence == "your function gave back 3, not 2 values"


def test_checks_of_all_lessons_are_found_in_their_files(tmp_path):
    for lesson in ("01_one", "02_two"):
        (tmp_path / f"{lesson}.checks.py").write_text(
            f"from labkit.checking import define, stays\n@define({lesson!r}, pins={{'red': 17}}, seconds=1)\n"
            "def dark(seen):\n    return stays(seen['red'], 0)\n"
        )
    assert {"01_one", "02_two"} <= set(checks(tmp_path))


def test_a_distance_sensor_of_the_bench_does_not_keep_the_trials_waiting():
    held, over = threading.Event(), threading.Event()

    def measure_for_long():
        with DistanceSensor.ECHO_LOCK:
            held.set()
            over.wait(30)

    def alarm():
        near, ranger = LED(17), DistanceSensor(24, 23, queue_len=1)
        ranger.when_in_range = near.on
        sleep(4)

    bench = threading.Thread(target=measure_for_long)
    bench.start()
    held.wait(30)
    try:
        trial = try_out(alarm, seconds=4, scenario=Scenario().at(2).set("distance24", distance=0.1))
    finally:
        over.set()
        bench.join()
    assert [2 < now < 2.2 for now in trial[17].rising] == [True]
    assert not DistanceSensor.ECHO_LOCK.locked(), "it is gpiozero's own again"
