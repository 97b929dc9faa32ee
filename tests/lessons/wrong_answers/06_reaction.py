"""Wrong answers to the checks of lesson 6."""

from __future__ import annotations

from time import perf_counter, sleep

from lesson import wrong


@wrong("one round", says="the time in seconds gave back 1.75, not 0.25")
def measures_the_delay_as_well(red, go, delay):
    begin = perf_counter()
    sleep(delay)
    red.on()
    go.wait_for_press(timeout=2)
    red.off()
    return perf_counter() - begin


@wrong("one round", says="red is on from 1.5 s to the end; after 0.25 s red should be off")
def leaves_it_on(red, go, delay):
    sleep(delay)
    red.on()
    begin = perf_counter()
    go.wait_for_press(timeout=2)
    return perf_counter() - begin


@wrong("one round", says="red is on from 1.5 s for 2 s; after 0.25 s red should be off")
def waits_all_the_time(red, go, delay):
    sleep(delay)
    red.on()
    begin = perf_counter()
    sleep(2)
    red.off()
    return perf_counter() - begin


@wrong("one round", says="the time in seconds gave back 250, not 0.25")
def in_milliseconds(red, go, delay):
    sleep(delay)
    red.on()
    begin = perf_counter()
    go.wait_for_press(timeout=2)
    red.off()
    return (perf_counter() - begin) * 1000


@wrong("three numbers", says="value 2 of the result is 0.04099, not 0.04583")
def divides_by_n(times):
    n = len(times)
    mean = sum(times) / n
    deviation = (sum((time - mean) ** 2 for time in times) / n) ** 0.5
    return mean, deviation, deviation / n**0.5


@wrong("three numbers", says="value 2 of the result is 0.0021, not 0.04583")
def forgets_the_root(times):
    n = len(times)
    mean = sum(times) / n
    variance = sum((time - mean) ** 2 for time in times) / (n - 1)
    return mean, variance, variance / n


@wrong("three numbers", says="value 3 of the result is 0.009165, not 0.02049")
def error_without_a_root(times):
    n = len(times)
    mean = sum(times) / n
    deviation = (sum((time - mean) ** 2 for time in times) / (n - 1)) ** 0.5
    return mean, deviation, deviation / n
