"""The board: its parts by name and number, wiring, and random numbers that don't disturb each other."""

import pytest

from labkit.clock import ManualClock
from labkit.errors import LabError, NoSuchPin, PartNotWired, ShortCircuit
from labkit.sim.board import Board
from labkit.sim.parts.buttons import PushButton, Switch
from labkit.sim.parts.leds import Led


def test_a_part_is_found_by_number_and_by_name(board):
    led = board.add(Led(17))
    assert board.parts[17] is led
    assert board.parts["led17"] is led
    assert 17 in board.parts
    assert 18 not in board.parts


def test_a_part_that_is_not_there_is_named_with_those_that_are(board):
    board.add(Led(17))
    with pytest.raises(NoSuchPin, match=r"no part at GPIO4; there are: <Led 'led17': pin on GPIO17>"):
        _ = board.parts[4]


def test_several_parts_may_share_a_pin(board):
    led, button = board.add(Led(17)), board.add(PushButton(17))
    assert board.parts.on(17) == [led, button]
    assert board.parts[17] is button


def test_two_parts_of_one_name_are_refused(board):
    board.add(Led(17))
    with pytest.raises(LabError, match="'led17' is taken by <Led 'led17'"):
        board.add(Led(17))
    board.add(Led(17, name="second"))


def test_a_part_on_no_board_says_how_to_wire_it():
    with pytest.raises(PartNotWired, match=r"wire it with board\.add\(button2\)"):
        PushButton(2).press()


def test_a_part_taken_off_lets_go_of_its_pin(board, factory):
    pin = factory.pin(4)
    pin.pull = "up"
    switch = board.add(Switch(4))
    switch.flip()
    assert not pin.state
    board.remove(switch)
    assert pin.state
    assert 4 not in board.parts


def test_a_part_taken_off_does_nothing_any_more(board, factory):
    pin = factory.pin(4)
    pin.pull = "up"
    button = board.add(PushButton(4))
    button.press(seconds=1, bounces=3)
    board.remove(button)
    board.clock.run_for(5)
    assert pin.state


def test_a_parts_random_numbers_do_not_change_when_others_come(board):
    def draws(*before):
        board = Board(ManualClock(), seed=7)
        for gpio in before:
            board.add(PushButton(gpio))
        return [board.add(PushButton(4)).random.random() for _ in range(1)]

    assert draws() == draws(5, 6)


def test_changes_held_together_are_seen_as_one(board, factory):
    one, other = board.add(Switch(4)), board.add(Switch(5))
    for gpio in (4, 5):
        factory.pin(gpio).pull = "up"
    seen = []
    board.listeners.append(lambda *change: seen.append(change))
    with board.hold():
        one.is_on = True
        other.is_on = True
        one.is_on = False
        assert seen == []
    assert seen == [("GPIO5", 0, 0)]


def test_what_a_part_does_can_be_asked_by_name(board):
    assert board.add(Led(17)).readings() == {"brightness": 0.0, "milliamps": 0.0}


def test_a_disconnected_part_is_gone_until_it_is_put_back(board, factory):
    pin = factory.pin(4)
    pin.pull = "up"
    button = board.add(PushButton(4))
    button.hold()
    assert not pin.state
    board.disconnect(button)
    assert pin.state
    button.release()
    button.hold()
    assert pin.state
    board.reconnect(button)
    assert not pin.state


def test_a_wire_to_ground_is_a_short_until_it_is_mended(board, factory):
    pin = factory.pin(4)
    pin.output_with_state(True)
    with pytest.warns(ShortCircuit, match=r"GPIO4 drives high against a wire to 0 V driving low"):
        wire = board.short(4)
    assert board.net(4).level == 0
    board.clock.run_for(0.5)
    board.mend(wire)
    assert board.net(4).level == 1
    assert board.faults[0].until_ns == 500_000_000
