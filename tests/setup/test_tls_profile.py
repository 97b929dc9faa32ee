"""sslyze, which judges by Mozilla's profiles, against the running server."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from served import Service, a_service

pytestmark = [pytest.mark.soak, pytest.mark.process]


@pytest.fixture(scope="module")
def sslyze(own_environment: Callable[..., Path]) -> Path:
    """An environment of its own: sslyze wants an older `cryptography` than the certificates are made with."""
    return own_environment("scan")


def verdict(sslyze: Path, service: Service, profile: str) -> str:
    """What it says of the running server, as to somebody who trusts the lab's authority, as browsers there do."""
    trust = ["--certinfo", f"--certinfo_ca_file={service.pki.ca_certificate}"]
    command = [sslyze, "-m", "sslyze", f"--mozilla_config={profile}", *trust, f"localhost:{service.settings.port}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    said = done.stdout.split("COMPLIANCE AGAINST TLS CONFIGURATION")[-1]
    assert (done.returncode == 0) is ("OK - Compliant" in said), said + done.stderr
    return said


def test_by_default_it_is_modern(sslyze: Path) -> None:
    with a_service() as service:
        assert "OK - Compliant" in verdict(sslyze, service, "modern")


def test_down_to_tls_1_2_it_is_intermediate_and_no_longer_modern(sslyze: Path) -> None:
    with a_service(tls="1.2") as service:
        assert "OK - Compliant" in verdict(sslyze, service, "intermediate")
        # The judge does find fault.
        assert "TLS versions {'TLSv1.2'} are supported" in verdict(sslyze, service, "modern")
