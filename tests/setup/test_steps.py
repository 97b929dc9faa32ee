"""Plan, apply and take back, on a machine in memory."""

import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest
from labkit_setup import steps as engine
from labkit_setup.errors import ConfigurationError, SetupError
from labkit_setup.host import Host, Owner, Ran
from labkit_setup.host.fake import FakeHost
from labkit_setup.journal import Journal
from labkit_setup.managed import file_step, folder_step, link_step
from labkit_setup.steps import Step
from labkit_setup.undo import Action

PI = Owner(1000, 1000)
UNIT = Path("/etc/systemd/system/lab.service")


@pytest.fixture
def host() -> FakeHost:
    return FakeHost({"/etc/systemd/system/lab.service": "theirs\n", "/var/lib/dpkg/status": "", "/usr/bin/ls": ""})


@pytest.fixture
def journal(host) -> Journal:
    return Journal(host, Path("/var/lib/labkit-setup"))


def steps(port: int = 8443) -> list[Step]:
    return [
        folder_step(Path("/etc/labkit")),
        file_step(Path("/etc/labkit/settings.json"), f'{{"port": {port}}}\n'.encode()),
        file_step(Path("/etc/labkit/key"), b"a secret\n", 0o600, PI, is_secret=True),
        link_step(Path("/usr/bin/lab"), "/opt/lab"),
    ]


def run(host: FakeHost, journal: Journal, wanted: list[Step], force: bool = False) -> list[str]:
    with journal.alone():
        return engine.apply(host, journal, wanted, lambda _: None, force)


def back(host: FakeHost, journal: Journal, force: bool = False) -> list[str]:
    with journal.alone():
        return engine.take_back(host, journal, lambda _: None, force)


def test_a_plan_shows_files_as_a_diff_with_modes_and_how_each_is_undone_and_writes_nothing(host, journal) -> None:
    before = dict(host.nodes)
    changes = engine.plan(host, journal, steps())
    assert host.nodes == before
    assert [change.step for change in changes] == [step.name for step in steps()]
    assert changes[0].shows == ("new /etc/labkit/ (mode 0755)",)
    assert changes[0].undo == ("remove /etc/labkit",)
    assert changes[1].shows == (
        "new /etc/labkit/settings.json (mode 0644)",
        "--- /dev/null",
        "+++ /etc/labkit/settings.json",
        "@@ -0,0 +1 @@",
        '+{"port": 8443}',
    )
    assert changes[3].shows == ("new /usr/bin/lab -> /opt/lab",)


def test_a_plan_never_shows_a_secret(host, journal) -> None:
    changes = engine.plan(host, journal, steps())
    assert changes[2].shows == ("new /etc/labkit/key (mode 0600, owner 1000), content not shown",)
    assert "a secret" not in str(changes)


def test_what_apply_made_has_its_content_mode_and_owner(host, journal) -> None:
    assert run(host, journal, steps()) == [step.name for step in steps()]
    key = host.look(Path("/etc/labkit/key"))
    assert (key.mode, key.owner, host.read(Path("/etc/labkit/key"))) == (0o600, PI, b"a secret\n")
    assert engine.plan(host, journal, steps()) == []


def test_a_second_apply_changes_nothing(host, journal) -> None:
    run(host, journal, steps())
    before = dict(host.nodes)
    assert run(host, journal, steps()) == []
    assert host.nodes == before


def test_taking_back_leaves_the_machine_as_it_was(host, journal) -> None:
    before = dict(host.nodes)
    run(host, journal, steps())
    run(host, journal, steps(port=9443))
    assert back(host, journal) == []
    assert host.nodes == before


def test_taking_back_where_nothing_was_made_does_nothing(host, journal) -> None:
    before = dict(host.nodes)
    assert back(host, journal) == []
    assert host.nodes == before


def test_a_changed_mode_alone_is_mended(host, journal) -> None:
    run(host, journal, steps())
    host.change_mode("/etc/labkit/key", 0o644)
    assert run(host, journal, steps()) == ["file /etc/labkit/key"]
    assert host.look(Path("/etc/labkit/key")).mode == 0o600


def test_a_change_of_settings_shows_only_what_differs_and_goes_back_to_the_first_state(host, journal) -> None:
    run(host, journal, steps())
    (change,) = engine.plan(host, journal, steps(port=9443))
    assert change.shows[-2:] == ('-{"port": 8443}', '+{"port": 9443}')
    assert change.undo == ("remove /etc/labkit/settings.json",)


def test_a_step_that_is_no_longer_wanted_is_taken_back(host, journal) -> None:
    run(host, journal, steps())
    (change,) = engine.plan(host, journal, steps()[:3])
    assert change.shows == ("no longer wanted: remove /usr/bin/lab",)
    assert run(host, journal, steps()[:3]) == ["link /usr/bin/lab"]
    assert host.look(Path("/usr/bin/lab")) is None


def test_a_file_edited_by_hand_is_shown_and_kept(host, journal) -> None:
    run(host, journal, steps())
    host.write(Path("/etc/labkit/settings.json"), b'{"port": 1}\n', 0o644)
    before = dict(host.nodes)
    with pytest.raises(ConfigurationError, match=r"was edited by hand(?s:.*)-\{\"port\": 1\}\n\+\{\"port\": 8443\}"):
        run(host, journal, steps())
    with pytest.raises(ConfigurationError, match="edited by hand"):
        back(host, journal)
    assert host.nodes == before
    assert run(host, journal, steps(), force=True) == ["file /etc/labkit/settings.json"]


def test_an_edited_secret_is_not_shown(host, journal) -> None:
    run(host, journal, steps())
    host.write(Path("/etc/labkit/key"), b"another secret\n", 0o600)
    with pytest.raises(ConfigurationError) as caught:
        run(host, journal, steps())
    assert "secret\n" not in str(caught.value)


def test_somebody_elses_file_is_replaced_only_by_force_and_brought_back(host, journal) -> None:
    before = dict(host.nodes)
    wanted = [file_step(UNIT, b"ours\n")]
    with pytest.raises(ConfigurationError, match="is there already and is not labkit's"):
        run(host, journal, wanted)
    assert {path: node for path, node in host.nodes.items() if "labkit-setup" not in str(path)} == before
    run(host, journal, wanted, force=True)
    assert host.read(UNIT) == b"ours\n"
    back(host, journal)
    assert host.nodes == before


def failing(after: list[Step], error: BaseException | None) -> list[Step]:
    """A step that writes, and then fails or has no effect."""

    def apply(host: Host) -> None:
        host.write(Path("/etc/labkit/half"), b"half\n")
        if error is not None:
            raise error

    undo = [Action("restore", {"path": "/etc/labkit/half", "kind": "nothing"})]
    return [*after, Step("the failing one", lambda host: False, apply, lambda host: undo, lambda host: ["?"])]


@pytest.mark.parametrize(
    ("error", "raised", "sentence"),
    [
        (SetupError("The disk is full."), SetupError, "The disk is full."),
        (OSError(errno.ENOSPC, "No space left on device"), SetupError, "No space left on device"),
        (KeyboardInterrupt(), KeyboardInterrupt, "^$"),
        (None, SetupError, "had no effect"),
    ],
)
def test_a_failed_step_is_rolled_back_and_those_before_it_stay(host, journal, error, raised, sentence) -> None:
    run(host, journal, steps())
    before = dict(host.nodes)
    with pytest.raises(raised, match=sentence):
        run(host, journal, failing(steps(), error))
    assert host.nodes == before


def test_a_failed_change_goes_back_to_the_last_state_not_to_the_first(host, journal) -> None:
    run(host, journal, steps())
    path = Path("/etc/labkit/settings.json")
    folder, change, *rest = steps(port=9443)

    def apply(host: Host) -> None:
        change.apply(host)
        raise SetupError("No.")

    with pytest.raises(SetupError, match="No"):
        run(host, journal, [folder, replace(change, apply=apply), *rest])
    assert host.read(path) == b'{"port": 8443}\n'


def test_a_full_disk_in_the_middle_leaves_every_step_whole_and_the_next_run_finishes(host, journal) -> None:
    before = dict(host.nodes)
    enough = host.free
    for free in range(0, 1500, 50):
        host.free = free
        try:
            run(host, journal, steps())
        except ConfigurationError as error:
            assert "free some space" in str(error)  # noqa: PT017 - it fails at another place each time
        assert host.read(Path("/etc/labkit/key")) in (None, b"a secret\n")
        host.free = enough
        run(host, journal, steps())
        assert engine.plan(host, journal, steps()) == []
        back(host, journal)
        assert host.nodes == before


def test_two_at_once_are_one_too_many(host, journal) -> None:
    with (
        journal.alone(),
        pytest.raises(ConfigurationError, match="Another labkit-setup is at work"),
        Journal(host, journal.folder).alone(),
    ):
        raise AssertionError("it got in")


def test_the_journal_is_readable_by_root_only(host, journal) -> None:
    run(host, journal, steps())
    modes = {host.look(path).mode for path in host.entries(journal.folder)}
    assert modes == {0o600}
    assert host.look(journal.folder).mode == 0o700


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"step": 1}', b'{"step": "a", "undo": [1], "wrote": {}}'])
def test_a_broken_record_is_named(host, journal, content) -> None:
    run(host, journal, steps())
    host.write(journal.folder / "0002.json", content)
    with pytest.raises(ConfigurationError, match=r"0002\.json can't be read as a record"):
        run(host, journal, steps())


def test_a_record_of_a_newer_labkit_is_not_guessed_at(host, journal) -> None:
    run(host, journal, steps())
    record = {"step": "x", "undo": [{"verb": "unheard of"}], "wrote": {}}
    host.write(journal.folder / "0009.json", json.dumps(record).encode())
    with pytest.raises(ConfigurationError, match="'unheard of', which this version of labkit does not know"):
        back(host, journal)


def test_what_can_not_be_taken_back_stays_in_the_journal_for_the_next_try(host, journal, monkeypatch) -> None:
    before = dict(host.nodes)
    run(host, journal, steps())
    real = host.remove

    def stuck(path: Path) -> None:
        if path == Path("/usr/bin/lab"):
            raise SetupError("It is stuck.")
        real(path)

    monkeypatch.setattr(host, "remove", stuck)
    assert back(host, journal) == ["link /usr/bin/lab: It is stuck."]
    assert [entry.step for entry in journal.entries()] == ["link /usr/bin/lab"]
    monkeypatch.undo()
    assert back(host, journal) == []
    assert host.nodes == before


def test_a_program_that_is_not_there_says_so(host) -> None:
    assert host.run(["ufw", "status"]) == Ran(127, errors="ufw: not found")
    assert Host().run(["/nowhere/ufw"]).status == 127


def test_a_real_program_gets_its_secrets_on_stdin_and_no_secret_from_the_environment(monkeypatch) -> None:
    monkeypatch.setenv("JUPYTER_TOKEN", "hunter2")
    ran = Host().run(["sh", "-c", "cat; env; exit 3"], stdin=b"typed\n")
    assert ran.status == 3
    assert ran.output.startswith("typed\n")
    assert "hunter2" not in ran.output
