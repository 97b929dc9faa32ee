"""Notebooks as strangers write them, who know nothing of labkit: each gives the result that the docs promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labkit.proving.prover import Limits
from labkit.proving.workshop import Workshop

pytestmark = pytest.mark.process

FOLDER = Path(__file__).parent / "foreign"

PASS = {  # name: lab time in seconds, exact where nothing of the notebook takes real time
    "a_timer_and_a_class": 3605,
    "asyncio_traffic_light": 1293,
    "blink_forever": 3600,
    "button_and_pause": 3600,
    "distance_log": None,
    "adc_and_numpy": None,
    "expects_an_error": 0,
    "magics": None,
    "made_in_2014": 30,
    "mock_factory": None,
    "other_kernel": 0,
    "random_walk": 10,
    "reads_a_file": 300,
    "sliders": 10,
    "subprocess_and_sockets": None,
    "talks_a_lot": 0,
    "thread_pool": 0.6,
    "threads_and_a_queue": 4,
    "wait_for_press": 30,
}
REMARKS = {
    "blink_forever": "an endless loop, ended after 3600 s of lab time",
    "button_and_pause": "an endless loop, ended after 3600 s of lab time",
    "other_kernel": "it asks for the kernel 'gpio-env'",
    "talks_a_lot": "only the first 1000000 characters of its output were kept",
}
FAIL = {  # name: the cell it fails in, and what is said
    "asks_for_a_name": (1, r"it waits for input\(\), and nobody is there to answer"),
    "busy_forever": (1, r"it took more than 5 s of real time and was ended"),
    "divides_by_zero": (2, r"----> 2     return sum\(values\) / len\(values\)\n(.*\n)*.*ZeroDivisionError"),
    "exits": (2, r"the kernel ended in this cell"),
    "needs_opencv": (1, r"ModuleNotFoundError: No module named 'cv2'"),
    "prints_from_a_callback": (1, r"----> 7     print\('pressed', 1 / 0\)\n(.*\n)*.*ZeroDivisionError"),
}
UNREADABLE = {"half_saved": "this is no notebook that can be read", "in_r": "it is written for 'r'"}


@pytest.fixture(scope="module")
def workshop():
    opened = Workshop(Limits(wall_s=60), None, None)
    yield opened
    opened.close()


def test_each_of_them_has_its_result_here():
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == {*PASS, *FAIL, *UNREADABLE}


@pytest.mark.parametrize("name", PASS)
def test_it_passes_in_its_lab_time(workshop, name):
    path = FOLDER / f"{name}.ipynb"
    proof = workshop.prove(path, Path(path.name), starter=False)
    assert ([cell.problem for cell in proof.cells if cell.problem], proof.problems) == ([], [])
    if PASS[name] is not None:
        assert proof.lab_s == pytest.approx(PASS[name], abs=0.01)
    said = [*proof.remarks, *(cell.remark for cell in proof.cells if cell.remark)]
    assert len(said) == (name in REMARKS), said
    assert all(REMARKS[name] in remark for remark in said)


@pytest.mark.parametrize("name", FAIL)
def test_it_fails_in_its_cell_with_a_sentence(workshop, name):
    path = FOLDER / f"{name}.ipynb"
    cell, sentence = FAIL[name]
    own = Workshop(Limits(wall_s=5), None, None) if name == "busy_forever" else workshop
    try:
        proof = own.prove(path, Path(path.name), starter=False)
    finally:
        if own is not workshop:
            own.close()
    assert proof.cells[-1].step.number == cell
    assert re.search(sentence, proof.cells[-1].problem), proof.cells[-1].problem
    assert not re.search(r"/(labkit|gpiozero|ipykernel)/", proof.cells[-1].problem)


@pytest.mark.parametrize("name", UNREADABLE)
def test_it_cannot_be_read_and_says_why(workshop, name):
    with pytest.raises(ValueError, match=UNREADABLE[name]):
        workshop.prove(FOLDER / f"{name}.ipynb", Path(name), starter=False)
