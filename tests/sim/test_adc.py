"""The eleven converters: the datasheets' bit streams by hardware and software SPI, and analog sources."""

import math

import gpiozero
import pytest

from labkit.errors import LabError
from labkit.sim.parts.adc import MODELS, Mcp3xxx
from labkit.sim.parts.analog import LdrDivider, Potentiometer, Thermistor, Tmp36, VoltageSource

SOFTWARE = {"clock_pin": 4, "mosi_pin": 5, "miso_pin": 6, "select_pin": 12}
ON_SOFTWARE = {"clock": 4, "mosi": 5, "miso": 6, "select": 12}


def raw(factory, model, software=False, **arguments):
    device_class = getattr(gpiozero, model)
    with device_class(pin_factory=factory, **arguments, **(SOFTWARE if software else {})) as device:
        return device.raw_value


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("volts", [0.0, 0.001, 1.1, 1.65, 3.299, 3.3])
def test_software_spi_reads_what_hardware_spi_reads(board, factory, model, volts):
    board.add(Mcp3xxx(model, channels={0: volts}, name="hard"))
    board.add(Mcp3xxx(model, **ON_SOFTWARE, channels={0: volts}, name="soft"))
    bits = MODELS[model].bits
    by_hand = min(2**bits - 1, int(volts / 3.3 * 2**bits + 1e-9))
    assert raw(factory, model) == by_hand
    assert raw(factory, model, software=True) == by_hand
    assert board.faults == []


@pytest.mark.parametrize("model", ["MCP3002", "MCP3004", "MCP3008", "MCP3202", "MCP3208", "MCP3302", "MCP3304"])
def test_every_channel_is_its_own(board, factory, model):
    traits = MODELS[model]
    board.add(Mcp3xxx(model, channels={channel: 0.3 * channel for channel in range(traits.channels)}))
    for channel in range(traits.channels):
        by_hand = int(0.3 * channel / 3.3 * 2**traits.bits + 1e-9)
        assert raw(factory, model, channel=channel) == by_hand


def test_a_differential_reading_is_the_difference_and_never_below_zero(board, factory):
    board.add(Mcp3xxx("MCP3008", channels={0: 2.0, 1: 0.35}))
    assert raw(factory, "MCP3008", channel=0, differential=True) == 512  # 1.65 V of 3.3 V
    assert raw(factory, "MCP3008", channel=1, differential=True) == 0


@pytest.mark.parametrize(
    ("plus", "minus", "code"),
    [(2.0, 0.35, 2048), (0.35, 2.0, -2048), (0.0, 0.0, 0), (0.0, 3.3, -4096), (3.3, 0.0, 4095)],
)
def test_a_signed_converter_reads_below_zero(board, factory, plus, minus, code):
    board.add(Mcp3xxx("MCP3301", channels={0: plus, 1: minus}, name="a"))
    board.add(Mcp3xxx("MCP3302", **ON_SOFTWARE, channels={0: plus, 1: minus}, name="b"))
    assert raw(factory, "MCP3301") == code
    assert raw(factory, "MCP3302", software=True, channel=0, differential=True) == code


def test_the_bits_of_an_mcp3008_stand_where_its_datasheet_has_them(board, factory):
    board.add(Mcp3xxx("MCP3008", channels={5: 3.3 * 0x2A5 / 1024}))
    with factory.spi(port=0, device=0) as spi:
        # Figure 6-1: 0000 0001, SGL D2 D1 D0 xxxx, then B9 B8 end the second byte and B7 to B0 are the third.
        answer = spi.transfer([0x01, 0x80 | 5 << 4, 0x00])
    assert answer[1] & 0b111 == 0b010  # null, B9, B8
    assert answer[2] == 0xA5


def test_after_the_last_bit_the_result_follows_backwards_then_zeros(board, factory):
    board.add(Mcp3xxx("MCP3008", channels={0: 3.3 * 0b1011001110 / 1024}))
    with factory.spi(port=0, device=0) as spi:
        answer = spi.transfer([0x01, 0x80, 0, 0, 0, 0])
    stream = "".join(f"{byte:08b}" for byte in answer)
    assert stream[14:24] == "1011001110"
    assert stream[24:33] == "111001101"  # B1 to B9
    assert set(stream[33:]) == {"0"}


def test_the_reference_sets_the_range(board, factory):
    board.add(Mcp3xxx("MCP3008", reference=2.5, channels={0: 1.25}))
    with gpiozero.MCP3008(max_voltage=2.5, pin_factory=factory) as device:
        assert device.raw_value == 512
        assert device.voltage == pytest.approx(1.25, abs=0.005)


def test_noise_is_there_when_asked_for_and_the_same_each_time(board, factory):
    adc = board.add(Mcp3xxx("MCP3208", noise=2.0, channels={0: 1.65}))
    codes = [adc.convert(0, False) for _ in range(200)]
    assert 2044 < sum(codes) / len(codes) < 2052
    assert 1 < max(codes) - min(codes) < 20
    adc.noise = 0.0
    assert {adc.convert(0, False) for _ in range(10)} == {2048}


def test_two_channels_share_one_bus(board, factory):
    board.add(Mcp3xxx("MCP3008", channels={0: 0.0, 7: 3.3}))
    with gpiozero.MCP3008(0, pin_factory=factory) as low, gpiozero.MCP3008(7, pin_factory=factory) as high:
        assert (low.raw_value, high.raw_value) == (0, 1023)


def test_two_converters_share_a_bus_by_their_select_lines(board, factory):
    board.add(Mcp3xxx("MCP3008", select=8, channels={0: 1.65}))
    board.add(Mcp3xxx("MCP3208", select=7, channels={0: 1.65}))
    with (
        gpiozero.MCP3008(device=0, pin_factory=factory) as one,
        gpiozero.MCP3208(device=1, pin_factory=factory) as other,
    ):
        assert (one.raw_value, other.raw_value) == (512, 2048)


def test_nothing_on_the_bus_reads_zero(factory):
    assert raw(factory, "MCP3008") == 0
    assert raw(factory, "MCP3008", software=True) == 0


def test_a_channel_measures_whatever_is_connected(board, factory):
    pot = board.add(Potentiometer(0.25))
    adc = board.add(Mcp3xxx("MCP3008"))
    adc.connect(0, pot)
    adc.connect(1, lambda: 3.3 / 2)
    assert raw(factory, "MCP3008", channel=0) == 256
    assert raw(factory, "MCP3008", channel=1) == 512
    pot.position = 0.75
    assert raw(factory, "MCP3008", channel=0) == 768
    with pytest.raises(LabError, match="channels 0 to 7, no 8"):
        adc.connect(8, pot)


def test_an_unknown_converter_is_refused():
    with pytest.raises(LabError, match="no converter 'MCP9999'; there are MCP3001"):
        Mcp3xxx("MCP9999")


def test_a_tmp36_is_750_millivolts_at_25_degrees(board):
    sensor = board.add(Tmp36(25.0))
    assert sensor.volts == pytest.approx(0.75)
    sensor.temperature = -10.0
    assert sensor.volts == pytest.approx(0.40)


def test_a_thermistor_is_half_way_at_25_degrees_and_lower_when_hot(board):
    sensor = board.add(Thermistor(25.0))
    assert sensor.volts == pytest.approx(1.65)
    sensor.temperature = 50.0
    assert sensor.ohms == pytest.approx(3588, abs=1)  # 10 kΩ · exp(3950 · (1/323.15 - 1/298.15))
    assert sensor.volts == pytest.approx(3.3 * 3588 / 13_588, abs=0.001)


def test_an_ldr_divider_is_brighter_higher(board):
    sensor = board.add(LdrDivider(10.0))
    assert sensor.volts == pytest.approx(3.3 * 10 / 25)
    sensor.lux = 1000.0
    assert sensor.volts > 3.0


def test_sensors_follow_the_environment_until_told_otherwise(board):
    warm, told = board.add(Tmp36(name="warm")), board.add(Tmp36(0.0, name="told"))
    board.environment.temperature = 30.0
    assert (warm.temperature, told.temperature) == (30.0, 0.0)


def test_a_bead_nears_its_surroundings_with_its_time_constant(board):
    bead = board.add(Thermistor(20.0, tau=15.0))
    assert bead.bead == 20.0
    bead.temperature = 34.0
    assert bead.bead == 20.0
    board.clock.run_for(15)
    assert bead.bead == pytest.approx(34 - 14 / math.e)
    assert bead.ohms == pytest.approx(10_000 * math.exp(3950 * (1 / (bead.bead + 273.15) - 1 / 298.15)))
    reached = bead.bead
    bead.temperature = 20.0
    board.clock.run_for(30)
    assert bead.bead == pytest.approx(20 + (reached - 20) / math.e**2)


def test_a_bead_knows_when_the_air_around_it_changed_even_if_nobody_looked(board):
    bead = board.add(Tmp36(tau=10.0))
    board.clock.run_for(100)
    board.environment.temperature = 30.0
    board.clock.run_for(10)
    assert bead.bead == pytest.approx(30 - 10 / math.e)
    assert bead.volts == pytest.approx(0.75 + 0.01 * (bead.bead - 25))
    board.remove(bead)
    assert board.environment.before_warming == []


def test_a_potentiometer_ends_at_its_ends():
    with pytest.raises(ValueError, match="turns from 0 to 1"):
        Potentiometer(1.1)


def test_a_part_refuses_to_set_what_it_does_not_have(board):
    source = board.add(VoltageSource(1.0))
    source.set("volts", 2.0)
    assert source.volts == 2.0
    with pytest.raises(AttributeError, match="no 'lux' to set; it has volts"):
        source.set("lux", 1)
