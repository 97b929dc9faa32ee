"""The bench's log: lines from pieces, exceptions that come again, bounds."""

import threading

import pytest

from labkit.log import LONGEST, MOST_CHARACTERS, MOST_ENTRIES, Log


@pytest.fixture
def log():
    return Log(lambda: 1_500_000_000, lambda: None, lambda: None)


def texts(log):
    return [entry.text for entry in log]


def test_pieces_of_a_line_become_one_entry_and_lines_several(log):
    for piece in ("a", " ", "1", "\n", "b\nc"):
        log.write(piece, "go")
    assert texts(log) == ["a 1", "b", "c"]
    log.write("!\n", "go")
    assert texts(log) == ["a 1", "b", "c!"]
    assert str(log[0]) == "    1.500000 s  go: a 1"


def test_who_writes_a_piece_learns_the_line_that_it_is_of(log):
    assert [log.write(piece, "go") for piece in ("pressed", " ", "GPIO2", "\n", "\n")] == [
        "pressed", "pressed", "pressed GPIO2", "pressed GPIO2", "",
    ]  # fmt: skip
    assert log.write("a\n \n", "go") == "a"
    assert log.write("a.py:1: UserWarning: b\n  warn('b')\n", "go") == "a.py:1: UserWarning: b"


def test_an_empty_line_is_an_entry(log):
    log.write("a\n\nb\n", "go")
    assert texts(log) == ["a", "", "b"]


def test_lines_of_two_threads_and_of_two_devices_do_not_mix(log):
    log.write("half", "go")
    other = threading.Thread(target=log.write, args=("of another\n", "red"))
    other.start()
    other.join()
    log.write(" done\n", "go")
    log.write("half", "go")
    log.write("other\n", "red")
    assert [(entry.source, entry.text) for entry in log] == [
        ("go", "half done"), ("red", "of another"), ("go", "half"), ("red", "other"),
    ]  # fmt: skip


def test_an_exception_that_comes_again_is_counted_and_shown_as_it_came_last(log):
    log.fail("go", "Traceback\nValueError: 1", repeats=False)
    log.fail("go", None, repeats=True)
    log.fail("go", "Traceback\nValueError: 3", repeats=True)
    (entry,) = log
    assert (entry.repeats, entry.text) == (3, "Traceback\nValueError: 3")
    log.write("meanwhile\n", "go")
    log.fail("go", None, repeats=True)
    assert [entry.kind for entry in log] == ["error", "out", "error"]


def test_it_keeps_the_newest_within_bounds(log):
    for number in range(3 * MOST_ENTRIES):
        log.write(f"{number}\n", "go")
    assert len(log) == MOST_ENTRIES
    assert log[-1].text == str(3 * MOST_ENTRIES - 1)
    assert log.dropped == 2 * MOST_ENTRIES
    for _ in range(100):
        log.write("x" * 10 * LONGEST + "\n", "go")
    assert sum(len(entry.text) for entry in log) <= MOST_CHARACTERS
    assert all(len(entry.text) <= LONGEST + 1 for entry in log)


def test_a_line_without_an_end_grows_within_bounds(log):
    for _ in range(1000):
        log.write("x" * 1000, "go")
    assert len(log[0].text) <= LONGEST + 1
    log.clear()
    log.write("after\n", "go")
    assert texts(log) == ["after"]


def test_who_follows_gets_what_is_new_or_has_changed(log):
    log.write("a\nb", "go")
    entries, first, revision = log.since(-1)
    assert ([entry.text for entry in entries], first) == (["a", "b"], 1)
    assert log.since(revision)[0] == []
    log.write("c\n", "go")
    assert [entry.text for entry in log.since(revision)[0]] == ["bc"]
    _, _, revision = log.since(revision)
    log.clear()
    entries, first, later = log.since(revision)
    assert (entries, first) == ([], 3)
    assert later > revision
