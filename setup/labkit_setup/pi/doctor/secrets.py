"""What only the lab may read: the password's hash, the keys, the folders around them."""

from dataclasses import dataclass
from pathlib import Path

from ...errors import ConfigurationError
from ...host import ROOT, Owner
from ...password import check_hash
from .finding import Check, Finding, fault, sound
from .patient import Patient

__all__ = ["CHECKS"]


def _password(patient: Patient) -> Finding | None:
    if patient.settings is None:
        return None
    path = patient.layout.password
    stored = patient.host.read(path)
    remedy = "set another one with `labkit-setup passwd`"
    if not stored or not stored.strip():
        return fault(f"there is no password ({path}), and nobody gets in without one", remedy)
    if stored.startswith((b"sha1:", b"sha256:")):
        kind = stored.split(b":")[0].decode()
        return fault(f"the password's hash is a {kind} one, which is guessed quickly", remedy)
    try:
        check_hash(stored, path)
    except ConfigurationError:
        return fault(f"{path} does not hold a password's hash, so nobody gets in", remedy)
    return sound("the password is kept as an argon2id hash")


@dataclass(frozen=True)
class _Guarded:
    path: Path
    mode: int
    owner: Owner
    # Whether it may be missing.
    may_miss: bool = False


def _guarded(patient: Patient) -> list[_Guarded]:
    recipe, layout = patient.recipe, patient.layout
    mode, owner = recipe.secret_file
    roots = recipe.files_owner
    folder = 0o750 if recipe.reader else 0o700
    return [
        _Guarded(layout.pki, folder, owner),
        _Guarded(layout.pki / "server.pem", mode, owner),
        _Guarded(layout.password, mode, owner),
        _Guarded(layout.pki / "authority", 0o700, roots, may_miss=True),
        _Guarded(layout.pki / "authority" / "ca-key.pem", 0o600, roots, may_miss=True),
        _Guarded(layout.state, 0o700, patient.user.owner),
        _Guarded(layout.state / "cookie-secret", 0o600, patient.user.owner, may_miss=True),
        _Guarded(layout.journal, 0o700, roots),
        _Guarded(layout.config, 0o755 if recipe.is_ours else 0o700, roots),
        _Guarded(layout.prefix, 0o755, roots),
    ]


def _modes(patient: Patient) -> Finding | None:
    if patient.settings is None:
        return None
    wrong = []
    for one in _guarded(patient):
        found = patient.host.look(one.path)
        if found is None:
            if not one.may_miss:
                wrong.append(f"{one.path} is missing")
        elif found.mode & ~one.mode:
            wrong.append(f"{one.path} is open to others (mode {found.mode:03o}, not {one.mode:03o})")
        elif not found.belongs_to(one.owner) and not (found.owner and found.owner.uid in (ROOT.uid, one.owner.uid)):
            wrong.append(f"{one.path} belongs to another user")
    if wrong:
        return fault(
            "; ".join(wrong),
            "run `labkit-setup apply`, which mends modes; if a key could be read, also `labkit-setup renew --force` "
            "and `labkit-setup passwd`",
        )
    return sound("keys, hash and folders are open to nobody else")


CHECKS = (Check("password", _password), Check("modes", _modes))
