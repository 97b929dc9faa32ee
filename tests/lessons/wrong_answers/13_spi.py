"""Wrong answers to the checks of lesson 13."""

from __future__ import annotations

from time import sleep

from lesson import wrong


@wrong("question", says="found [1, 1, 0, 1, 1] on mosi while select was low, not [1, 1, 1, 1, 0]")
def lowest_bit_first(send, select, clock, mosi, channel):
    select.off()
    for bit in (1, 1, channel & 1, channel >> 1 & 1, channel >> 2 & 1):
        send(bit, clock, mosi)
    select.on()


@wrong("question", says="found nothing on mosi while select was low")
def select_the_wrong_way_round(send, select, clock, mosi, channel):
    select.on()
    for bit in (1, 1, channel >> 2 & 1, channel >> 1 & 1, channel & 1):
        send(bit, clock, mosi)
    select.off()


@wrong("question", says="select was off at 0.9 ms, not on")
def never_hangs_up(send, select, clock, mosi, channel):
    select.off()
    for bit in (1, 1, channel >> 2 & 1, channel >> 1 & 1, channel & 1):
        send(bit, clock, mosi)


def read(send, select, clock, mosi, miso, channel, dummies=2, bits=10):
    select.off()
    for bit in (1, 1, channel >> 2 & 1, channel >> 1 & 1, channel & 1, *([0] * dummies)):
        send(bit, clock, mosi)
    found = []
    for _ in range(bits):
        sleep(20e-6)
        clock.on()
        sleep(20e-6)
        found.append(miso.value)
        clock.off()
    select.on()
    return found


def number_of(bits):
    return int("".join(map(str, bits)), 2)


@wrong("read by hand", says="gave back 358, not 716")
def one_pulse_too_few(send, select, clock, mosi, miso, channel):
    return number_of(read(send, select, clock, mosi, miso, channel, dummies=1))


@wrong("read by hand", says="gave back 408, not 716")
def one_pulse_too_many(send, select, clock, mosi, miso, channel):
    return number_of(read(send, select, clock, mosi, miso, channel, dummies=3))


@wrong("read by hand", says="not 716")
def backwards(send, select, clock, mosi, miso, channel):
    return number_of(read(send, select, clock, mosi, miso, channel)[::-1])


@wrong("read by hand", says="gave back 0, not 716")
def always_input_0(send, select, clock, mosi, miso, channel):
    return number_of(read(send, select, clock, mosi, miso, 0))


@wrong("decode", says="value 2 of your list is 0, not 1")
def a_little_too_early(rising, wire):
    return [int(wire.at(now - 20e-6)) for now in rising]


@wrong("decode", says="not 5 values")
def only_the_ones(rising, wire):
    return [1 for now in rising if wire.at(now)]
