"""When a certificate is due, what an authority may vouch for, and certificates for later."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from labkit_setup.certs import CA, LEAF_LIFE, new_key
from labkit_setup.errors import ConfigurationError
from labkit_setup.pki import Pki
from labkit_setup.renewal import due
from labkit_setup.subject import LOOPBACK, Scope, Subject

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOME = ip_network("192.168.1.0/24")
ROUTER = ip_address("192.168.1.1")
PI = Subject(("localhost", "pi", "pi.local"), (*LOOPBACK, ip_address("192.168.1.50")))
SCOPE = Scope.around(PI, (HOME,), (ROUTER,))


@pytest.fixture(scope="module")
def ca() -> CA:
    return CA.create("pi.local", SCOPE, new_key(), NOW)


def at(*addresses: str, names: tuple[str, ...] = PI.names) -> Subject:
    return Subject(names, (*LOOPBACK, *map(ip_address, addresses)))


def test_two_thirds_of_its_life_it_is_left_alone_and_then_it_is_due(ca: CA) -> None:
    leaf = ca.issue(PI, NOW)
    turn = leaf.ends - LEAF_LIFE / 3
    assert due(leaf, ca.certificate, PI, turn - timedelta(seconds=1)) is None
    assert "a third of its life" in (due(leaf, ca.certificate, PI, turn) or "")


def test_a_machine_that_was_off_for_long_is_told_that_it_expired(ca: CA) -> None:
    leaf = ca.issue(PI, NOW)
    assert "expired on 2026-05-28" in (due(leaf, ca.certificate, PI, NOW + 200 * DAY) or "")


def test_a_clock_before_its_beginning_makes_it_due(ca: CA) -> None:
    assert "is not valid before" in (due(ca.issue(PI, NOW), ca.certificate, PI, NOW - 30 * DAY) or "")


def test_a_new_address_makes_it_due_and_the_order_of_names_does_not(ca: CA) -> None:
    leaf = ca.issue(PI, NOW)
    moved = at("192.168.1.77")
    assert "new: 192.168.1.77; gone: 192.168.1.50" in (due(leaf, ca.certificate, moved, NOW) or "")
    assert due(leaf, ca.certificate, Subject(PI.names[::-1], PI.addresses[::-1]), NOW) is None


def test_a_new_name_makes_it_due(ca: CA) -> None:
    assert "new: lab" in (
        due(ca.issue(PI, NOW), ca.certificate, at("192.168.1.50", names=(*PI.names, "lab")), NOW) or ""
    )


def test_one_of_another_authority_is_due(ca: CA) -> None:
    other = CA.create("pi.local", SCOPE, new_key(), NOW)
    assert due(other.issue(PI, NOW), ca.certificate, PI, NOW) == "is from another authority"


def test_the_last_certificate_ends_with_its_authority(ca: CA) -> None:
    assert ca.issue(PI, ca.ends - 10 * DAY).ends == ca.ends


def test_the_authority_covers_its_network_but_not_the_router_and_nothing_else(ca: CA) -> None:
    scope = ca.scope
    assert scope == SCOPE
    assert all(map(scope.permits, map(ip_address, ("192.168.1.2", "192.168.1.254", "127.0.0.1", "::1"))))
    refused = ("192.168.1.1", "192.168.2.2", "8.8.8.8", "127.0.0.2", "fd00::1", "2001:db8::1")
    assert not any(map(scope.permits, map(ip_address, refused)))
    assert all(map(scope.permits, PI.names))
    assert not any(map(scope.permits, ("router.local", "local", "google.com", "notpi")))


def test_the_constraints_are_critical_and_name_both_protocols(ca: CA) -> None:
    found = x509.load_pem_x509_certificate(ca.certificate).extensions.get_extension_for_class(x509.NameConstraints)
    assert found.critical
    permitted = {str(one.value) for one in found.value.permitted_subtrees or [] if isinstance(one, x509.IPAddress)}
    assert permitted == {"127.0.0.1/32", "::1/128", "192.168.1.0/24"}
    assert [str(one.value) for one in found.value.excluded_subtrees or []] == ["192.168.1.1/32"]


def test_a_pi_that_is_its_networks_router_may_be_vouched_for() -> None:
    hotspot = at("192.168.1.1")
    assert Scope.around(hotspot, (HOME,), (ROUTER,)).permits(ROUTER)


def test_an_authority_without_limits_is_none_of_ours() -> None:
    with pytest.raises(ValueError, match="not limited"):
        CA(CA.create("x", Scope(("x",), (HOME,)), new_key(), NOW).certificate, None).scope  # noqa: B018


@pytest.fixture
def pki(tmp_path: Path, host) -> Pki:
    host.make_private_dir(tmp_path / "pki")
    return Pki(tmp_path / "pki")


def test_renewal_follows_a_new_lease_without_a_new_authority(pki: Pki, host) -> None:
    pki.provide(host, PI, SCOPE, NOW)
    trusted = pki.ca_certificate.read_bytes()
    moved = at("192.168.1.77")
    assert "new: 192.168.1.77" in (pki.due(host, moved, NOW) or "")
    (told,) = pki.renew(host, moved, NOW)
    assert "new: 192.168.1.77" in told
    assert pki.due(host, moved, NOW) is None
    assert pki.renew(host, moved, NOW) == []
    assert pki.ca_certificate.read_bytes() == trusted


def test_an_address_beyond_the_authority_is_left_out_and_told(pki: Pki, host) -> None:
    pki.provide(host, PI, SCOPE, NOW)
    roaming = at("192.168.1.50", "10.9.8.7")
    (told,) = pki.renew(host, roaming, NOW)
    assert told.startswith("10.9.8.7 is beyond what the authority may vouch for")
    assert pki.due(host, roaming, NOW) is None
    assert "other names" in (pki.fault(host, roaming, NOW) or "")
    assert "made a new one" in pki.provide(host, roaming, Scope.around(roaming, (HOME,), (ROUTER,)), NOW)[0]
    assert pki.fault(host, roaming, NOW) is None


def test_a_refused_new_certificate_leaves_the_old_one(pki: Pki, host) -> None:
    pki.provide(host, PI, SCOPE, NOW)
    before = pki.leaf.read_bytes()
    host.remove(pki.ca_key)
    with pytest.raises(ConfigurationError, match="--ca-key"):
        pki.renew(host, PI, NOW + 70 * DAY)
    assert pki.leaf.read_bytes() == before


def test_renewal_without_an_authority_says_what_to_run(pki: Pki, host) -> None:
    with pytest.raises(ConfigurationError, match="run `apply` first"):
        pki.renew(host, PI, NOW)


@pytest.mark.parametrize("keeping", ["offline", "discard"])
def test_without_the_key_there_are_certificates_for_years(pki: Pki, host, keeping) -> None:
    kept = Pki(pki.folder, keeping)
    assert kept.provide(host, PI, SCOPE, NOW) == []
    assert kept.ca_key.exists() is (keeping == "offline")
    host.remove(kept.ca_key)
    trusted = kept.ca_certificate.read_bytes()
    seen, now = {kept.leaf.read_bytes()}, NOW
    while now < NOW + 760 * DAY:
        if kept.due(host, PI, now) is not None:
            kept.renew(host, PI, now)
            assert kept.due(host, PI, now) is None
            seen.add(kept.leaf.read_bytes())
        now += DAY
    assert kept.ca_certificate.read_bytes() == trusted
    assert len(seen) >= 12


def test_a_key_that_was_brought_along_issues_for_a_new_address(pki: Pki, host) -> None:
    kept = Pki(pki.folder, "offline")
    kept.provide(host, PI, SCOPE, NOW)
    key = kept.ca_key.read_bytes()
    host.remove(kept.ca_key)
    moved = at("192.168.1.77")
    with pytest.raises(ConfigurationError, match="--ca-key"):
        kept.renew(host, moved, NOW)
    assert "issued a new one" in kept.renew(host, moved, NOW, ca_key=key)[0]
    assert kept.due(host, moved, NOW) is None
    assert not kept.ca_key.exists()


def test_when_nothing_can_be_issued_any_more_setting_up_makes_a_new_authority(pki: Pki, host) -> None:
    kept = Pki(pki.folder, "discard")
    kept.provide(host, PI, SCOPE, NOW)
    moved = at("192.168.1.77")
    (told,) = kept.provide(host, moved, SCOPE, NOW)
    assert told.startswith("No certificate was left for")
    assert kept.due(host, moved, NOW) is None


def test_going_over_to_discarding_takes_the_key_away_and_leaves_certificates(pki: Pki, host) -> None:
    pki.provide(host, PI, SCOPE, NOW)
    trusted = pki.ca_certificate.read_bytes()
    kept = Pki(pki.folder, "discard")
    assert kept.provide(host, PI, SCOPE, NOW) == []
    assert not kept.ca_key.exists()
    assert kept.ca_certificate.read_bytes() == trusted
    kept.renew(host, PI, NOW + 70 * DAY)
    assert kept.due(host, PI, NOW + 70 * DAY) is None


def test_a_discarded_key_was_never_written(pki: Pki, host, monkeypatch) -> None:
    written = []
    monkeypatch.setattr(type(host), "write", lambda _, path, *rest: written.append(path.name))
    Pki(pki.folder, "discard").provide(host, PI, SCOPE, NOW)
    assert "ca-key.pem" not in written
    assert "ca.pem" in written
