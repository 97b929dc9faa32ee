"""sslyze, which judges by Mozilla's profiles, against the running server."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from served import Service, a_service

pytestmark = [pytest.mark.soak, pytest.mark.process]

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


@pytest.fixture(scope="module")
def sslyze(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own: sslyze wants an older `cryptography` than the certificates are made with."""
    folder = tmp_path_factory.mktemp("scan")
    wanted = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]["scan"]
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sentence = f"sslyze could not be installed, so the TLS profile is not judged: {done.stderr.strip()[-300:]}"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    return folder / "bin" / "python"


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
