"""What set-up tells a person in one sentence; the commands print these and exit, never with a traceback."""

import errno
from pathlib import Path

__all__ = ["ConfigurationError", "SetupError", "Stopped", "UsageError", "file_error"]


class SetupError(Exception):
    """Something a person can mend: the text says what is wrong and what to do.

    `exit_status` is the command's exit status, from BSD's sysexits.h where it has a fitting one.
    """

    exit_status = 1


class UsageError(SetupError):
    """The command line makes no sense (EX_USAGE)."""

    exit_status = 64


class ConfigurationError(SetupError):
    """A file, a port or the environment stands in the way (EX_CONFIG)."""

    exit_status = 78


class Stopped(SetupError):
    """A person pressed Ctrl-C (128 + SIGINT)."""

    exit_status = 130


def file_error(what: str, path: Path, error: OSError) -> ConfigurationError:
    """The sentence for a file or folder that, for example, "can't be written"."""
    remedies = {
        errno.EACCES: "give yourself the right to it",
        errno.EPERM: "give yourself the right to it",
        errno.EROFS: "use a copy on a disk that is writable",
        errno.ENOSPC: "free some space on the disk",
        errno.EDQUOT: "free some space in your quota",
    }
    remedy = remedies.get(error.errno or 0, "mend that")
    return ConfigurationError(f"{path} {what} ({error.strerror or error}); {remedy} and start again.")
