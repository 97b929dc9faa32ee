"""The server of a service, from outside: who is let in, what is taken over while it runs, what it tells."""

import asyncio
import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime

import psutil
import pytest
from labkit_setup.certs import CA, new_key
from labkit_setup.host import Host
from labkit_setup.pi.visit import Visit, context_for_one
from labkit_setup.subject import Subject
from served import PATIENCE, SUBJECT, Client, Service, a_service, hang_up, printing

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with a_service() as running:
        yield running
        assert running.stop() == 0


def logged_in(service: Service, source: str) -> Client:
    client = service.client(source)
    assert client.log_in(service.password).status == 302
    return client


@pytest.fixture
def client(service: Service) -> Client:
    return logged_in(service, "127.0.0.2")


def shown_certificate(service: Service) -> bytes:
    context = service.client().tls
    with (
        socket.create_connection(("127.0.0.1", service.settings.port)) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as secure,
    ):
        return ssl.DER_cert_to_PEM_cert(secure.getpeercert(binary_form=True) or b"").encode()


def kernels(client: Client) -> list[str]:
    return [kernel["id"] for kernel in json.loads(client.request("GET", "/api/kernels")[1])]


def test_every_page_comes_with_rules_for_frames_and_forms(service: Service, client: Client) -> None:
    for page in ("/lab", "/api/contents", "/static/style/index.css"):
        headers = client.request("GET", page)[0].headers
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"], page
        assert headers["X-Content-Type-Options"] == "nosniff"
    page = service.client().request("GET", "/login")[0]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in page.headers


@pytest.mark.parametrize("path", ["/login", "/lab", "/static/favicon.ico", "/api/kernels"])
def test_another_hosts_name_opens_no_page_at_all(service: Service, path: str) -> None:
    response, text = service.client().request("GET", path, headers={"Host": "evil.example.com"})
    assert response.status == 421
    assert "labkit-setup renew" in text


def test_a_stranger_can_not_fill_the_memory(service: Service, client: Client) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with pytest.raises((ConnectionError, ssl.SSLError)):
        for _ in range(2):
            response, _ = service.client().request("POST", "/login", "password=" + "x" * 3_000_000, form)
            assert response.status == 400
            raise ConnectionResetError
    big = json.dumps({"type": "file", "format": "text", "content": "x" * 3_000_000})
    headers = {"X-XSRFToken": client.cookies["_xsrf"], "Content-Type": "application/json"}
    assert client.request("PUT", "/api/contents/big.txt", big, headers)[0].status == 201


def test_a_guesser_has_to_wait_while_the_owner_gets_in_from_elsewhere(service: Service) -> None:
    guesser = service.client("127.0.0.66")
    answers = [guesser.log_in(f"wrong guess {number}") for number in range(8)]
    assert [answer.status for answer in answers[:5]] == [401] * 5
    held_off = [answer for answer in answers if answer.status == 429]
    assert held_off
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in held_off)
    assert service.client("127.0.0.67").log_in(service.password).status == 302
    _, page = guesser.request("GET", "/login")
    assert "password" in page
    log = service.wait_for_log("login held off from 127.0.0.66")
    assert log.count("login refused from 127.0.0.66") >= 5
    assert "login accepted from 127.0.0.67" in log
    assert service.password not in log
    assert "wrong guess" not in log


def test_the_owner_gets_in_while_twenty_guessers_do_not_stop(service: Service) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    async def scene() -> list[int]:
        stop = asyncio.Event()
        guesses: list[int] = []

        async def guess(number: int) -> None:
            guesser = service.client(f"127.0.1.{number}")
            await asyncio.to_thread(guesser.request, "GET", "/login")
            while not stop.is_set():
                body = f"_xsrf={guesser.cookies['_xsrf']}&password=guess"
                response, _ = await asyncio.to_thread(guesser.request, "POST", "/login", body, form)
                guesses.append(response.status)

        guessers = [asyncio.create_task(guess(number)) for number in range(1, 21)]
        while guesses.count(429) < 10:
            await asyncio.sleep(0.05)
        owner = service.client("127.0.2.1")
        entered = (await asyncio.to_thread(owner.log_in, service.password)).status
        stop.set()
        await asyncio.gather(*guessers)
        return [entered, *guesses]

    entered, *guesses = asyncio.run(scene())
    assert entered == 302
    assert set(guesses) == {401, 429}


def test_what_is_in_an_address_is_no_password(service: Service) -> None:
    stranger = service.client("127.0.0.69")
    _, page = stranger.request("GET", "/login")
    token = re.search(r'name="_xsrf" value="([^"]+)"', page)
    assert token
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    path = f"/login?password={service.password.replace(' ', '%20')}"
    assert stranger.request("POST", path, f"_xsrf={token[1]}", form)[0].status == 401


def test_a_visit_by_the_certificate_itself_needs_no_authority_and_accepts_no_other(service: Service) -> None:
    """As `apply` proves a lab with a certificate of one's own, whoever issued it."""
    port = service.settings.port
    for certificate, is_shown in ((shown_certificate(service), True), (_another(service), False)):
        visit = Visit("localhost", port, context_for_one(certificate), ("127.0.0.1", port))
        with nullcontext() if is_shown else pytest.raises(ssl.SSLCertVerificationError):
            visit.log_in(service.password)
            assert visit.run("print(6 * 7)") == "42\n"


def _another(service: Service) -> bytes:
    return CA(service.pki.ca_certificate.read_bytes(), service.pki.ca_key.read_bytes()).issue(SUBJECT, NOW).certificate


COUNTING = "import time\nfor number in range(400):\n    print(number, flush=True)\n    time.sleep(0.01)"


def test_a_renewal_under_a_kernel_that_counts_leaves_no_gap(service: Service, client: Client) -> None:
    kernel = client.start_kernel()
    before = shown_certificate(service)
    fewer = Subject(SUBJECT.names, SUBJECT.addresses[:1])
    bad = new_key() + before

    async def scene() -> tuple[str, list[bytes]]:
        page, printed, seen, done = await client.connect(kernel), "", [before], False
        async for text in printing(page, COUNTING):
            printed += text
            if len(seen) == 1 and not done:
                done = True
                assert service.pki.renew(Host(), fewer, NOW) != []
            if len(seen) == 1 and "serving a new certificate" in service.log:
                seen.append(await asyncio.to_thread(shown_certificate, service))
                Host().write(service.pki.leaf, bad)
            if len(seen) == 2 and "does not fit its key" in service.log:
                seen.append(await asyncio.to_thread(shown_certificate, service))
        await hang_up(page)
        return printed, seen

    printed, seen = asyncio.run(scene())
    assert [int(line) for line in printed.split()] == list(range(400))
    assert len(seen) == 3, service.log
    assert seen[0] != seen[1]
    assert seen[1] == seen[2]
    assert service.log.count("does not fit its key") == 1
    assert "Until then the old one is in use" in service.log
    assert kernel in kernels(client)


def test_a_new_password_ends_all_sessions_and_no_kernel(service: Service, client: Client) -> None:
    kernel = client.start_kernel()
    old = service.password

    async def scene() -> None:
        page = await client.connect(kernel)
        service.set_password("red heron in the reeds")
        while await page.read_message() is not None:
            pass
        page.close()

    asyncio.run(scene())
    service.wait_for_log("the password was changed: all sessions ended")
    assert client.request("GET", "/api/kernels")[0].status == 403
    assert service.client("127.0.0.70").log_in(old).status == 401
    assert kernel in kernels(logged_in(service, "127.0.0.71"))
    Host().write(service.settings.password, b"not a hash")
    log = service.wait_for_log("does not hold a password's argon2id hash")
    assert "not a hash" not in log
    assert kernel in kernels(logged_in(service, "127.0.0.72"))
    service.set_password(old)
    service.wait_for_log("all sessions ended", times=2)


@pytest.mark.soak
def test_an_idle_kernel_is_ended_and_one_that_records_is_not_until_it_has_done() -> None:
    with a_service(cull_after=8) as small:
        owner = logged_in(small, "127.0.0.2")
        at_work = owner.start_kernel()
        asyncio.run(owner.run_cell(at_work, f"run = open({str(small.settings.notebooks / 'run.log')!r}, 'w')"))
        # It comes later, so that the other one was idle for longer when this one is ended.
        idle = owner.start_kernel()
        wait_until(lambda: idle not in kernels(owner), small)
        assert kernels(owner) == [at_work]
        asyncio.run(owner.run_cell(at_work, "run.close()"))
        wait_until(lambda: kernels(owner) == [], small)


def wait_until(is_so: Callable[[], bool], service: Service) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, service.log
        time.sleep(0.1)


def test_nothing_listens_beyond_this_machine(service: Service) -> None:
    everybody = [psutil.Process(service.process.pid), *psutil.Process(service.process.pid).children(recursive=True)]
    listening = {
        connection.laddr.ip
        for process in everybody
        for connection in process.net_connections("inet")
        if connection.status == "LISTEN"
    }
    assert listening <= {"127.0.0.1", "::1"}


def test_kernels_do_not_learn_how_to_speak_for_the_service(client: Client) -> None:
    kernel = client.start_kernel()
    code = "import os; print(sorted(name for name in os.environ if 'NOTIFY' in name or 'TOKEN' in name))"
    assert asyncio.run(client.run_cell(kernel, code)) == "[]\n"
