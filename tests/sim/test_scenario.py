"""What happens when, planned from Python."""

from types import MappingProxyType

import pytest
from gpiozero import LED, Button, LineSensor, MotionSensor, RotaryEncoder

from labkit.clock import ManualClock
from labkit.devices import BenchFactory
from labkit.errors import ScenarioError, ShortCircuit
from labkit.sim.board import Board
from labkit.sim.part import Part
from labkit.sim.parts.adc import Mcp3xxx
from labkit.sim.parts.analog import Potentiometer
from labkit.sim.parts.distance import HcSr04
from labkit.sim.scenario import Scenario


@pytest.fixture
def factory(board):
    with BenchFactory(board=board) as made:
        yield made


def changes_of(board, pin):
    """The pin's changes from now on: (seconds, level)."""
    seen = []
    board.listeners.append(lambda name, now_ns, level: seen.append((now_ns / 1e9, level)) if name == pin else None)
    return seen


def test_a_press_happens_when_it_is_planned_and_as_long(board, factory):
    with Button(2, pin_factory=factory):
        seen = changes_of(board, "GPIO2")
        Scenario().at(1).press(2, seconds=0.2).start(board)
        board.clock.run_for(5)
    assert seen[:2] == [(1.0, 0), (1.2, 1)]


def test_times_are_written_as_people_write_them(board, factory):
    with Button(2, pin_factory=factory):
        seen = changes_of(board, "GPIO2")
        Scenario().at("1m").press(2, seconds="1.5 s").after("250 ms").release(2).start(board)
        board.clock.run_for(100)
    assert seen[:2] == [(60.0, 0), (60.25, 1)]


@pytest.mark.parametrize("time", ["soon", "1 fortnight", "-1 s", "1 s s", "", None, True, "1e999"])
def test_what_is_no_time_is_refused_with_how_to_write_one(time):
    with pytest.raises(ScenarioError, match=r"test_scenario\.py, line \d+: at: .*is no time: "):
        Scenario().at(time)


def test_a_repeated_event_keeps_its_period_exactly(board, factory):
    with Button(2, pin_factory=factory):
        seen = changes_of(board, "GPIO2")
        Scenario().at(0.1).every(0.3, times=4).press(2, seconds=0.1).start(board)
        board.clock.run_for(5)
    assert [now for now, level in seen if not level] == [0.1, 0.4, 0.7, 1.0]


def test_a_repeated_event_ends_at_its_time(board, factory):
    with Button(2, pin_factory=factory):
        seen = changes_of(board, "GPIO2")
        Scenario().every(1, until=2).press(2, seconds=0.1).start(board)
        board.clock.run_for(10)
    assert [now for now, level in seen if not level] == [0.0, 1.0, 2.0]


def test_a_part_may_come_after_the_scenario_was_started(board, factory):
    Scenario().at(1).press(2).start(board)
    board.clock.run_for(0.5)
    with Button(2, pin_factory=factory) as button:
        board.clock.run_for(0.5)
        assert button.is_pressed


def test_an_event_without_a_part_when_it_is_due_names_its_line_and_the_parts_there_are(board, factory):
    LED(17, pin_factory=factory).close()
    Scenario().at(1).press("start").start(board)
    with pytest.raises(
        ScenarioError, match=r"test_scenario\.py, line \d+: there is no part 'start' at 1 s; there are.*led17"
    ):
        board.clock.run_for(2)


def test_whoever_asks_is_told_of_such_an_error_instead(board):
    told = []
    Scenario().at(1).press(2).at(2).press(3).start(board, on_error=told.append)
    board.clock.run_for(3)
    assert [str(error).split(": ", 1)[1] for error in told] == [
        "there is no part on GPIO2 at 1 s; there are no parts yet",
        "there is no part on GPIO3 at 2 s; there are no parts yet",
    ]


def test_a_part_that_can_not_do_it_is_named_with_those_that_can(board, factory):
    with LED(17, pin_factory=factory), Button(2, pin_factory=factory):
        Scenario().at(1).press(17).start(board)
        with pytest.raises(ScenarioError, match="led17 can't press; what can: button2"):
            board.clock.run_for(2)


def test_a_default_name_gives_away_what_a_part_can_not_do():
    with pytest.raises(ScenarioError, match="led17 can't press: it is a Led"):
        Scenario().press("led17")
    with pytest.raises(ScenarioError, match=r"distance24 has no 'distanse' \(did you mean 'distance'\?\); it has dist"):
        Scenario().set("distance24", distanse=0.3)


def test_an_argument_that_a_verb_does_not_have_is_refused_with_those_it_has():
    with pytest.raises(
        ScenarioError, match=r"press has no 'second' \(did you mean 'seconds'\?\); it has seconds, boun"
    ):
        Scenario().press(2, second=1)
    with pytest.raises(ScenarioError, match=r"steps: 1\.5 is no whole number"):
        Scenario().rotate("knob5", 1.5)


def test_a_pin_the_board_does_not_have_is_refused():
    with pytest.raises(ScenarioError, match="there is no GPIO99: the pins are GPIO0 to GPIO27"):
        Scenario().press(99)


def test_quantities_are_set_in_their_own_unit_whatever_was_written(board):
    ranger = board.add(HcSr04(24, 23))
    Scenario().at(1).set("distance24", distance="30 cm", temperature=25).start(board)
    board.clock.run_for(1)
    assert (ranger.distance, ranger.temperature) == (0.3, 25)


def test_a_unit_of_another_kind_is_refused_with_those_that_fit():
    with pytest.raises(ScenarioError, match=r"distance: '30 kg' does not fit: .* m, cm, mm, km behind it"):
        Scenario().set("distance24", distance="30 kg")


def test_the_environment_can_be_set_from_the_start_and_later(board):
    Scenario().environment(temperature=30).at(1).set("environment", lux="5 lux").start(board)
    assert (board.environment.temperature, board.environment.lux) == (30, 400)
    board.clock.run_for(1)
    assert board.environment.lux == 5.0


def test_motion_starts_a_sensor_and_a_value_glides(board, factory):
    pot = board.add(Potentiometer(0.0, name="pot0"))
    with MotionSensor(4, pin_factory=factory) as motion:
        Scenario().at(1).move(4).at(2).move("pot0", to=1.0, seconds=4).start(board)
        board.clock.run_for(1)
        assert motion.pin.state == 1
        board.clock.run_for(2)
        assert pot.position == 0.25
        board.clock.run_for(10)
        assert pot.position == 1.0


def test_a_knob_turns_and_a_line_sensor_sees_a_line(board, factory):
    with RotaryEncoder(5, 6, pin_factory=factory) as knob, LineSensor(4, pin_factory=factory) as line:
        Scenario().at(1).rotate(5, 3).set(4, over_line=True).start(board)
        board.clock.run_for(2)
        assert knob.steps == 3
        assert line.pin.state == 0


def test_a_disconnected_part_does_nothing_until_it_is_connected_again(board, factory):
    with Button(2, pin_factory=factory) as button:
        Scenario().at(1).disconnect(2).at(2).press(2, seconds=None).at(3).connect("button2").start(board)
        board.clock.run_for(2.5)
        assert board.parts["button2"].is_pressed
        assert not button.is_pressed
        board.clock.run_for(1)
        assert button.is_pressed


def test_a_short_to_ground_is_reported_while_the_output_is_high(board, factory):
    with LED(17, pin_factory=factory) as red:
        red.on()
        Scenario().at(1).short(17, seconds=0.5).start(board)
        with pytest.warns(ShortCircuit, match="GPIO17 drives high against a wire to 0 V"):
            board.clock.run_for(1)
        board.clock.run_for(1)
        (fault,) = board.faults
        assert (fault.kind, fault.since_ns, fault.until_ns) == (ShortCircuit, 1_000_000_000, 1_500_000_000)


def test_a_short_to_ground_hurts_no_low_output(board, factory):
    with LED(17, pin_factory=factory):
        Scenario().at(1).short(17, seconds=0.5).start(board)
        board.clock.run_for(2)
        assert board.faults == []


def test_two_shorted_outputs_that_disagree_are_reported(board, factory):
    with LED(17, pin_factory=factory) as red, LED(27, pin_factory=factory):
        red.on()
        Scenario().at(1).short(17, to=27).start(board)
        with pytest.warns(ShortCircuit, match="GPIO17 drives high against GPIO27 driving low"):
            board.clock.run_for(2)


def test_on_a_strict_board_the_short_is_the_error_not_the_scenario():
    board, told = Board(ManualClock(), strict=True), []
    with BenchFactory(board=board) as factory, LED(17, pin_factory=factory) as red:
        red.on()
        Scenario().at(1).short(17, seconds=0.5).start(board, on_error=told.append)
        board.clock.run_for(1.2)
        assert [type(error) for error in told] == [ShortCircuit]
        board.clock.run_for(1)


def test_a_pin_is_driven_from_outside_until_it_is_let_go(board, factory):
    with Button(2, pin_factory=factory) as button:
        Scenario().at(1).drive(2, level=0).at(2).drive(2, level=None).start(board)
        board.clock.run_for(1)
        assert button.is_pressed
        board.clock.run_for(1)
        assert not button.is_pressed


def test_parts_are_wired_before_the_program_starts(board, factory):
    plan = Scenario().part("PushButton", name="go", pin=2, bounces=4)
    plan.at(1).press("go").start(board)
    with Button(2, pin_factory=factory) as button:
        assert [part.name for part in board.parts.on(2)] == ["go"]
        board.clock.run_for(1.01)
        assert button.is_pressed


def test_a_converter_measures_the_part_that_its_channel_names(board):
    Scenario().part("Potentiometer", name="tank", position=0.25).part("Mcp3xxx", channels={0: "tank"}).start(board)
    adc = board.parts["adc8"]
    assert isinstance(adc, Mcp3xxx)
    assert adc.convert(0, differential=False) == 256


@pytest.mark.parametrize(
    ("kind", "parameters", "says"),
    [
        (
            "PushButon",
            {"pin": 2},
            r"no kind of part 'PushButon' \(did you mean 'PushButton'\?\); there are AnalogPart, Buzzer",
        ),
        ("PushButton", {}, "PushButton needs pin"),
        ("PushButton", {"pin": "two"}, "pin: 'two' is no number"),
        ("PushButton", {"pin": 2, "within": "4 m/s"}, "'4 m/s' does not fit"),
        ("PushButton", {"pin": 2, "bounce": 3}, r"PushButton has no 'bounce' .* it has pin, to, bounces, within"),
    ],
)
def test_a_part_that_can_not_be_made_is_refused_with_what_there_is(kind, parameters, says):
    with pytest.raises(ScenarioError, match=says):
        Scenario().part(kind, **parameters)


def test_a_parts_parameters_may_have_units(board):
    Scenario().part("PushButton", pin=2, within="4 ms").start(board)
    assert board.parts["button2"].within == 0.004


def test_two_parts_of_one_name_are_refused():
    with pytest.raises(ScenarioError, match="there are two parts 'button2': give one another name"):
        Scenario().part("PushButton", pin=2).part("PushButton", pin=2)


def test_a_program_may_set_parts_of_its_own_kind(board):
    class Gadget(Part):
        settable = MappingProxyType({"mood": ""})
        mood = "calm"

    gadget = board.add(Gadget({}, name="gadget"))
    Scenario().set("gadget", mood="wild").start(board)
    board.clock.run_for(0)
    assert gadget.mood == "wild"


def test_a_value_that_a_part_refuses_names_the_scenarios_line(board):
    board.add(Potentiometer(name="pot0"))
    Scenario().at(1).set("pot0", position=1.5).start(board)
    with pytest.raises(ScenarioError, match=r"test_scenario\.py, line \d+: pot0 turns from 0 to 1, not to 1.5"):
        board.clock.run_for(2)


def test_the_same_plan_starts_any_number_of_times_and_seeds_repeat_it():
    plan = Scenario().part("PushButton", pin=2, bounces=5).at(1).press(2)

    def played(seed):
        board = Board(ManualClock(), seed=seed)
        plan.start(board)
        with BenchFactory(board=board) as factory, Button(2, pin_factory=factory):
            seen = changes_of(board, "GPIO2")
            board.clock.run_for(2)
        return seen

    assert played(1) == played(1)
    assert played(1) != played(2)
