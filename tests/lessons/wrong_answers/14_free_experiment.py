"""Wrong answers to the checks of lesson 14."""

from __future__ import annotations

from statistics import mean, stdev

from lesson import wrong


@wrong("summary", says="value 2")
def error_of_a_single_value(values):
    return mean(values), stdev(values)


@wrong("summary", says="value 2")
def divides_by_n(values):
    return mean(values), stdev(values) / len(values)


@wrong("summary", says="gave back 0.2, not 2 values")
def only_the_mean(values):
    return mean(values)


@wrong("agree", says="value 1")
def within_one_error(values, errors, expected):
    return [abs(value - expected) <= error for value, error in zip(values, errors, strict=True)]


@wrong("agree", says="value 3")
def one_direction_only(values, errors, expected):
    return [value - expected <= 2 * error for value, error in zip(values, errors, strict=True)]


@wrong("agree", says="gave back True, not 4 values")
def all_or_nothing(values, errors, expected):
    return all(abs(value - expected) <= 2 * error for value, error in zip(values, errors, strict=True)) or True
