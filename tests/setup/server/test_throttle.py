"""How often a password may be tried. Time is a number here: a minute passes by adding sixty."""

import pytest
from labkit_setup.server.throttle import Limits, Throttle, source_of

GUESSERS = [f"127.0.0.{number}" for number in range(2, 22)]


@pytest.fixture
def throttle() -> Throttle:
    return Throttle()


def tries_until(throttle: Throttle, addresses: list[str], seconds: float, step: float = 0.05) -> int:
    """How many tries get through when all of these try without a pause, all wrong."""
    through, now = 0, 0.0
    while now < seconds:
        through += sum(throttle.ask(address, now) == 0 for address in addresses)
        now += step
    return through


def test_a_person_may_mistype_a_few_times_without_waiting(throttle: Throttle) -> None:
    assert [throttle.ask("192.168.1.5", float(second)) for second in range(5)] == [0.0] * 5


def test_then_each_wrong_try_doubles_the_wait_up_to_a_minute(throttle: Throttle) -> None:
    now, waits = 0.0, []
    for _ in range(5):
        throttle.ask("192.168.1.5", now)
        now += 1.0
    now = 4.0
    for _ in range(9):
        wait = throttle.ask("192.168.1.5", now)
        waits.append(wait)
        now += wait
        assert throttle.ask("192.168.1.5", now) == 0.0
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]


def test_trying_too_early_makes_the_wait_no_longer(throttle: Throttle) -> None:
    for _ in range(5):
        throttle.ask("192.168.1.5", 0.0)
    waits = [throttle.ask("192.168.1.5", moment / 10) for moment in range(1, 10)]
    assert waits == pytest.approx([1.0 - moment / 10 for moment in range(1, 10)])
    assert throttle.ask("192.168.1.5", 1.0) == 0.0


def test_many_tries_at_once_count_before_any_of_them_was_wrong(throttle: Throttle) -> None:
    assert [throttle.ask("192.168.1.5", 0.0) for _ in range(8)] == [0.0] * 5 + [1.0] * 3


def test_the_right_password_clears_the_address(throttle: Throttle) -> None:
    for _ in range(5):
        throttle.ask("192.168.1.5", 0.0)
    throttle.ask("192.168.1.5", 1.0)
    throttle.succeeded("192.168.1.5")
    assert [throttle.ask("192.168.1.5", 1.5) for _ in range(5)] == [0.0] * 5


def test_an_address_is_forgotten_after_a_quarter_of_an_hour(throttle: Throttle) -> None:
    for _ in range(5):
        throttle.ask("192.168.1.5", 0.0)
    assert [throttle.ask("192.168.1.5", 902.0) for _ in range(5)] == [0.0] * 5


def test_twenty_guessers_get_no_more_than_the_common_rate(throttle: Throttle) -> None:
    limits = Limits()
    # Each first try is a stranger's; all others share one allowance of ten and one more a second.
    most = len(GUESSERS) + limits.burst + 30 / limits.interval
    assert most - 2 <= tries_until(throttle, GUESSERS, 30.0) <= most


def test_ten_thousand_addresses_gain_little_over_twenty(throttle: Throttle) -> None:
    limits = Limits()
    crowd = [f"10.{number // 250}.{number % 250}.9" for number in range(10_000)]
    most = limits.strangers_burst + 30 / limits.strangers_interval + limits.burst + 30 / limits.interval
    assert tries_until(throttle, crowd, 30.0, step=1.0) <= most + 2


def test_the_owner_gets_in_from_elsewhere_at_any_moment_of_an_attack(throttle: Throttle) -> None:
    now = 0.0
    for moment in range(600):
        now = moment / 10
        for address in GUESSERS:
            throttle.ask(address, now)
        fresh = Throttle.ask(throttle, f"192.168.1.{moment % 250}", now) if moment % 60 == 30 else 0.0
        assert fresh == 0.0


def test_an_address_that_was_right_before_waits_for_no_crowd(throttle: Throttle) -> None:
    throttle.ask("192.168.1.5", 0.0)
    throttle.succeeded("192.168.1.5")
    crowd = [f"10.{number // 250}.{number % 250}.9" for number in range(5_000)]
    for address in crowd:
        throttle.ask(address, 1.0)
    assert throttle.ask("10.99.99.99", 1.0) > 0.0
    assert throttle.ask("192.168.1.5", 1.0) == 0.0


def test_nobody_waits_longer_than_a_minute(throttle: Throttle) -> None:
    now = 0.0
    for _ in range(5_000):
        wait = throttle.ask("192.168.1.5", now)
        assert wait <= 60.0
        now += wait


def test_a_flood_of_addresses_takes_no_more_memory(throttle: Throttle) -> None:
    for number in range(20_000):
        throttle.ask(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", float(number))
    assert len(throttle) <= Limits().addresses


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.168.1.5", "192.168.1.6", False),
        ("::ffff:192.168.1.5", "192.168.1.5", True),
        ("fe80::1%eth0", "fe80::2", True),
    ],
)
def test_what_one_machine_can_choose_from_counts_as_one_address(one: str, other: str, same: bool) -> None:
    assert (source_of(one) == source_of(other)) is same
