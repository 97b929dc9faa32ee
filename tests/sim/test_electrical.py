"""Each electrical warning, where it comes, and close by, where it must not."""

import warnings

import pytest

from labkit.clock import ManualClock
from labkit.errors import (
    BoardOvercurrent,
    ElectricalFault,
    FloatingInput,
    LabError,
    MissingResistor,
    NetOscillates,
    Overvoltage,
    PinOvercurrent,
    ShortCircuit,
)
from labkit.sim.board import Board
from labkit.sim.factory import SimulatedFactory
from labkit.sim.net import Diode
from labkit.sim.part import Part
from labkit.sim.parts.buttons import PushButton
from labkit.sim.parts.distance import HcSr04
from labkit.sim.parts.leds import Led


class Load(Part):
    """A resistor from the pin to ground."""

    kind = "load"

    def __init__(self, pin, ohms):
        super().__init__({"pin": pin})
        self.ohms = ohms

    def attach(self):
        self.legs["pin"].load(Diode(0.0, self.ohms))


def output(factory, gpio, state):
    pin = factory.pin(gpio)
    pin.output_with_state(state)
    return pin


def test_two_outputs_that_disagree_are_a_short_and_the_message_says_who_and_since_when(board, factory):
    board.join(17, 27)
    output(factory, 17, True)
    board.clock.run_for(1.5)
    with pytest.warns(ShortCircuit, match=r"GPIO17 drives high against GPIO27 driving low.*Since 1\.500000 s"):
        output(factory, 27, False)
    assert board.faults[0].kind is ShortCircuit
    assert board.faults[0].since_ns == 1_500_000_000
    assert board.faults[0].until_ns is None


def test_two_outputs_that_agree_are_none(board, factory):
    board.join(17, 27)
    output(factory, 17, True)
    output(factory, 27, True)
    assert board.faults == []


def test_a_short_ends_when_one_of_them_gives_way(board, factory):
    board.join(17, 27)
    output(factory, 17, True)
    with pytest.warns(ShortCircuit):
        other = output(factory, 27, False)
    board.clock.run_for(0.25)
    other.state = True
    assert board.faults[0].until_ns == 250_000_000


def test_a_button_to_ground_on_a_high_output_is_a_short(board, factory):
    button = board.add(PushButton(17, to="ground"))
    output(factory, 17, True)
    with pytest.warns(ShortCircuit, match=r"GPIO17 drives high against button17\.pin driving low, 82 mA"):
        button.press()


def test_a_button_to_ground_on_a_low_output_is_none(board, factory):
    button = board.add(PushButton(17, to="ground"))
    output(factory, 17, False)
    button.press()
    assert board.faults == []


def test_a_button_on_an_input_with_a_pull_is_none(board, factory):
    button = board.add(PushButton(17, to="ground"))
    factory.pin(17).pull = "up"
    button.press()
    assert board.faults == []


def test_an_led_without_a_resistor_is_told(board, factory):
    board.add(Led(17, resistor=0))
    with pytest.warns(MissingResistor, match=r"led17\.pin draws 32 mA without a resistor"):  # 1.3 V / 40.1 Ω
        output(factory, 17, True)


def test_an_led_with_a_small_resistor_is_not(board, factory):
    board.add(Led(17, resistor=68))  # 1.3 V / 108 Ω = 12 mA
    output(factory, 17, True)
    assert board.faults == []


def test_an_unlit_led_without_a_resistor_is_not(board, factory):
    board.add(Led(17, resistor=0))
    output(factory, 17, False)
    assert board.faults == []


def test_seventeen_milliamperes_are_too_much_for_a_pin(board, factory):
    board.add(Load(17, 154))  # 3.3 V / 194 Ω = 17.0 mA
    with pytest.warns(PinOvercurrent, match="17 mA where 16 mA is the limit"):
        output(factory, 17, True)


def test_fifteen_milliamperes_are_not(board, factory):
    board.add(Load(17, 180))  # 3.3 V / 220 Ω = 15.0 mA
    output(factory, 17, True)
    assert board.faults == []


def test_four_times_fifteen_milliamperes_are_too_much_for_the_board(board, factory):
    for gpio in (5, 6, 12, 13):
        board.add(Load(gpio, 180))
    for gpio in (5, 6, 12):
        output(factory, gpio, True)
    assert board.faults == []
    with pytest.warns(BoardOvercurrent, match="60 mA where 50 mA is the limit"):
        last = output(factory, 13, True)
    last.state = False
    assert board.faults[0].until_ns is not None


def test_a_bare_five_volt_echo_is_too_much_for_a_pin(board, factory):
    board.add(HcSr04(24, 23, divider=False))
    factory.pin(24).pull = "down"
    trigger = output(factory, 23, False)
    trigger.state = True
    board.clock.run_for(0.000_010)
    trigger.state = False
    with pytest.warns(Overvoltage, match=r"5\.0 V from distance24\.echo on a pin that tolerates 3\.3 V"):
        board.clock.run_for(0.001)


def test_an_echo_behind_a_divider_is_not(board, factory):
    board.add(HcSr04(24, 23))
    factory.pin(24).pull = "down"
    trigger = output(factory, 23, False)
    trigger.state = True
    board.clock.run_for(0.000_010)
    trigger.state = False
    board.clock.run_for(0.001)
    assert board.net(24).level == 1
    assert board.faults == []


def test_a_floating_input_is_told_when_someone_reads_noise(board, factory):
    pin = factory.pin(4)
    pin.pull = "floating"
    board.clock.run_for(0.020)
    with pytest.warns(FloatingInput, match="GPIO4 was read while nothing drives it"):
        _ = pin.state


def test_a_pulled_input_is_not(board, factory):
    pin = factory.pin(4)
    pin.pull = "up"
    board.clock.run_for(0.020)
    assert pin.state
    assert board.faults == []


def test_an_input_that_a_part_drives_does_not_float(board, factory):
    board.add(PushButton(4, to="ground")).hold()
    board.clock.run_for(0.020)
    assert not factory.pin(4).state
    assert board.faults == []


def test_noise_is_the_same_for_the_same_seed_and_differs_between_seeds():
    def noise(seed):
        board = Board(ManualClock(), seed=seed)
        pin = SimulatedFactory(board=board).pin(4)
        levels = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FloatingInput)
            for _ in range(100):
                board.clock.run_for(0.001)
                levels.append(pin.state)
        return levels

    assert noise(1) == noise(1)
    assert noise(1) != noise(2)
    assert 20 < sum(noise(1)) < 80


def test_each_distinct_fault_is_warned_of_once(board, factory):
    board.add(Led(17, resistor=0))
    with pytest.warns(MissingResistor):
        pin = output(factory, 17, True)
    pin.state = False
    pin.state = True  # a second warning would be an error here
    assert board.faults[0].times == 2


def test_a_strict_board_raises_where_it_happens(strict_board):
    strict_board.add(Led(17, resistor=0))
    pin = SimulatedFactory(board=strict_board).pin(17)
    pin.function = "output"
    with pytest.raises(MissingResistor):
        pin.state = True


def test_a_fault_is_both_an_error_of_ours_and_a_warning():
    assert issubclass(ElectricalFault, LabError)
    assert issubclass(ElectricalFault, UserWarning)


def test_parts_that_drive_each_other_for_ever_are_an_error_not_a_hang(board):
    class Inverter(Part):
        kind = "inverter"

        def attach(self):
            self.legs["pin"].listen(self.react)
            self.react()

        def react(self):
            self.legs["pin"].drive(0.0 if self.legs["pin"].level else 3.3)

    with pytest.raises(NetOscillates, match="GPIO5 never settles"):
        board.add(Inverter({"pin": 5}))
