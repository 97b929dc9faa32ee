"""Every board that gpiozero knows has its headers in the picture, pins where they are on the board."""

import re
from types import SimpleNamespace

import pytest
from gpiozero.pins.data import PI_REVISIONS
from gpiozero.pins.pi import PiBoardInfo

from labkit.header.pinout import USUAL, strips

# In a new-style code the model has bits 4 to 11; the lowest four are the board's revision.
NEW_STYLE = 0x800000
MODELS = [PiBoardInfo.from_revision(NEW_STYLE | model << 4 | 1) for model in range(0x30)]
REVISIONS = [
    *(PiBoardInfo.from_revision(revision) for revision in PI_REVISIONS),
    *(PiBoardInfo.from_revision(NEW_STYLE | model << 4 | 2) for model in (0, 1)),
    *MODELS,
]
FORTY = [
    "3V3 5V", "GPIO2 5V", "GPIO3 GND", "GPIO4 GPIO14", "GND GPIO15", "GPIO17 GPIO18", "GPIO27 GND",
    "GPIO22 GPIO23", "3V3 GPIO24", "GPIO10 GND", "GPIO9 GPIO25", "GPIO11 GPIO8", "GND GPIO7", "GPIO0 GPIO1",
    "GPIO5 GND", "GPIO6 GPIO12", "GPIO13 GND", "GPIO19 GPIO16", "GPIO26 GPIO20", "GND GPIO21",
]  # fmt: skip
TWENTY_SIX = ["3V3 5V", "GPIO0 5V", "GPIO1 GND", *FORTY[3:6], "GPIO21 GND", *FORTY[7:13]]


def board(revision: int):
    return PiBoardInfo.from_revision(revision)


def names(strip):
    return [" ".join(place.name for place in row if place) for row in strip.rows]


def test_all_models_that_gpiozero_has_names_for_are_among_them():
    known = {info.model for info in MODELS} - {"???"}
    assert {"A", "B", "A+", "B+", "2B", "3B", "3B+", "3A+", "4B", "5B", "Zero", "Zero W", "Zero2W"} <= known
    assert {"CM", "CM3", "CM3+", "CM4", "CM4S", "CM5", "CM5Lite", "400", "500"} <= known


@pytest.mark.parametrize("info", REVISIONS, ids=lambda info: f"{info.model} {info.revision}")
def test_each_pin_of_each_header_has_one_place_in_the_order_of_the_numbers(info):
    found = strips(info)
    assert sorted(strip.name for strip in found) == sorted(info.headers)
    for strip in found:
        header = info.headers[strip.name]
        assert len(strip.rows) == header.rows
        assert {len(row) for row in strip.rows} == {header.columns}
        places = [place for row in strip.rows for place in row if place is not None]
        assert [place.number for place in places] == sorted(header.pins)
        for place in places:
            pin = header.pins[place.number]
            assert place.name == pin.name
            assert (place.kind == "gpio") == ("gpio" in pin.interfaces) == bool(re.fullmatch(r"GPIO\d+", place.name))
            assert set(place.interfaces) <= set(pin.interfaces)


@pytest.mark.parametrize("info", REVISIONS, ids=lambda info: f"{info.model} {info.revision}")
def test_the_main_header_comes_first_and_no_gpio_is_there_twice(info):
    found = strips(info)
    assert found[0].name in ("J8", "P1", "SODIMM")
    assert len(found[0].gpio_names) == max(len(strip.gpio_names) for strip in found)
    # Those with pins to use stand before those without.
    assert [bool(strip.gpio_names) for strip in found] == sorted(bool(strip.gpio_names) for strip in found)[::-1]
    all_names = [name for strip in found for name in strip.gpio_names]
    assert len(all_names) == len(set(all_names))


@pytest.mark.parametrize(
    "revision", [0x10, 0x900092, 0xA020D3, 0x902120, 0xC03111, 0xC03130, 0xA03140, 0xC04170, 0xC04190]
)
def test_forty_pins_since_the_b_plus(revision):
    assert names(strips(board(revision))[0]) == FORTY


def test_the_first_boards_have_twenty_six_and_other_gpios_on_three_of_them():
    assert names(strips(board(0x2))[0]) == TWENTY_SIX
    second = names(strips(board(0x4))[0])
    assert (second[1], second[2], second[6]) == ("GPIO2 5V", "GPIO3 GND", "GPIO27 GND")


def test_other_headers_are_there_too():
    first, *others = strips(board(0x4))
    assert (first.name, others[0].name) == ("P1", "P5")
    assert others[0].gpio_names == ["GPIO28", "GPIO29", "GPIO30", "GPIO31"]
    assert "POE" in [strip.name for strip in strips(board(0xA020D3))]
    assert (
        names(next(strip for strip in strips(board(0xA03140)) if strip.name == "J6"))[0]
        == "1-2 CAM0+DISP0 1-2 CAM0+DISP0"
    )


def test_a_header_of_one_column_is_one_pin_wide():
    run = next(strip for strip in strips(board(0x10)) if strip.name == "RUN")
    assert names(run) == ["RUN", "GND"]


def test_a_compute_module_has_a_socket():
    socket = strips(board(0xA020A0))[0]
    assert (socket.name, len(socket.rows), len(socket.gpio_names)) == ("SODIMM", 100, 46)


@pytest.mark.parametrize("info", MODELS, ids=lambda info: f"{info.model} {info.revision}")
def test_usual_functions_are_of_a_kind_that_the_board_data_know(info):
    places = {place.name: place for row in strips(info)[0].rows for place in row if place}
    for gpio, usual in USUAL.items():
        if f"GPIO{gpio}" in places:
            assert places[f"GPIO{gpio}"].usual == usual


def test_a_function_that_the_board_data_do_not_bear_out_is_not_claimed():
    def pin(number, name, *interfaces):
        return SimpleNamespace(number=number, name=name, interfaces=frozenset(interfaces), pull="")

    pins = {1: pin(1, "GPIO2", "gpio", "spi"), 2: pin(2, "GPIO3", "gpio", "i2c", "")}
    header = SimpleNamespace(name="J8", rows=1, columns=2, pins=pins)
    ((bare, bus),) = strips(SimpleNamespace(headers={"J8": header}))[0].rows
    assert (bare.usual, bare.interfaces) == ("", ("spi",))
    assert (bus.usual, bus.interfaces) == ("I2C1 SCL", ("i2c",))


def test_pins_with_a_resistor_on_the_board_are_known():
    places = {place.name: place for row in strips(board(0xC03111))[0].rows for place in row if place}
    assert (places["GPIO2"].pull, places["GPIO4"].pull) == ("up", "")
    assert (places["GND"].kind, places["3V3"].kind) == ("ground", "power")
