"""The lab's password: asked for or made up, kept as an argon2id hash only."""

import getpass
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .errors import ConfigurationError, SetupError, Stopped
from .host import Host

__all__ = [
    "LEAST_LENGTH",
    "Password",
    "ask_twice",
    "check_hash",
    "generate",
    "hash_of",
    "matches",
    "provide",
    "weakness",
]

LEAST_LENGTH = 8
_TRIES = 3

# 32 characters, five bits each: no l, o, 0 or 1, which look alike; all on one level of a keyboard.
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 4

# The most used ones of at least eight characters, and what one would try first on this kind of machine.
_COMMON = """
    password passw0rd password1 password12 password123 12345678 123456789 1234567890 87654321 987654321
    11111111 00000000 88888888 12341234 11223344 qwertyui qwertyuiop qwerty12 qwerty123 1q2w3e4r 1qaz2wsx
    asdfghjk asdfghjkl zxcvbnm1 abcd1234 abc12345 a1b2c3d4 abcdefgh iloveyou sunshine princess football
    baseball basketball superman trustno1 starwars computer internet michelle jennifer welcome1 letmein1
    whatever dragon123 monkey123 admin123 administrator changeme changeit raspberry raspberrypi raspberry1
    raspberrypi4 raspberrypi5 raspbian jupyter1 jupyter123 jupyterlab notebook gpiozero labkit12 labkit123
""".split()  # noqa: SIM905 - a list is harder to read and to add to


@dataclass(frozen=True)
class Password:
    """What the server needs to know of the password, and what the person should be told about it.

    `told` may hold the password itself: it is for the terminal, once, and for nothing else.
    """

    hashed: str
    told: str


def provide(
    host: Host, path: Path, *, replace: bool, make_up: bool, ask: Callable[[str], str] = getpass.getpass
) -> Password:
    """The stored password, or a new one where there is none or it is to be replaced.

    Raises:
        ConfigurationError: The stored hash is not one of ours.
        SetupError: No acceptable password was typed.
    """
    stored = host.read_secret(path)
    if stored is not None and not replace:
        return Password(check_hash(stored, path), "the one you have already (--new-password replaces it if it is lost)")
    if make_up:
        secret = generate()
        told = f"{secret}   (shown this once; --new-password makes another)"
    else:
        secret = ask_twice(ask)
        told = "the one you just chose"
    hashed = hash_of(secret)
    host.write(path, hashed.encode() + b"\n")
    return Password(hashed, told)


def hash_of(secret: str) -> str:
    """What is stored of a password. Takes a tenth of a second, on purpose."""
    # Here and below not at the top: a password is asked for before the packages are there.
    from jupyter_server.auth.security import passwd

    return str(passwd(secret, algorithm="argon2"))  # type: ignore[no-untyped-call]


def matches(hashed: str, secret: str) -> bool:
    """Whether a stored hash is of this password."""
    from jupyter_server.auth.security import passwd_check

    return bool(passwd_check(hashed, secret))  # type: ignore[no-untyped-call]


def generate() -> str:
    """A random password of 80 bits, in groups that can be read out."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def weakness(password: str) -> str | None:
    """Why a password is not accepted, or None."""
    if len(password) < LEAST_LENGTH:
        return f"It needs at least {LEAST_LENGTH} characters."
    if password != password.strip() or not password.isprintable():
        # The login form strips what is typed, so it could never be entered.
        return "It must not begin or end with a space, nor hold control characters."
    if password.lower() in _COMMON or len(set(password)) < 4:
        return "It is one of the first that anyone would try."
    return None


def check_hash(stored: bytes, path: Path) -> str:
    """The argon2id hash in a file's content.

    Raises:
        ConfigurationError: It is something else, which JupyterLab would start with and then let nobody in.
    """
    import argon2

    text = stored.decode(errors="replace").strip()
    scheme, _, encoded = text.partition(":")
    try:
        if scheme == "argon2" and argon2.extract_parameters(encoded).type is argon2.Type.ID:
            return text
    except (argon2.exceptions.InvalidHashError, ValueError):
        pass
    raise ConfigurationError(
        f"{path} does not hold a password's argon2id hash; set a new password with `python3 setup lab --new-password`."
    )


def ask_twice(ask: Callable[[str], str] = getpass.getpass) -> str:
    """A password that a person typed twice.

    Raises:
        Stopped: The input ended.
        SetupError: No acceptable one was typed.
    """
    print(f"Choose a password for this lab, at least {LEAST_LENGTH} characters.", flush=True)
    for _ in range(_TRIES):
        try:
            typed = ask("Password: ")
            if fault := weakness(typed):
                print(fault, flush=True)
                continue
            if ask("Again: ") == typed:
                return typed
        except EOFError as error:
            raise Stopped("No password was typed; start again, or use --generate.") from error
        print("The two were not the same.", flush=True)
    raise SetupError("No password was set; start again, or let one be made up with --generate.")
