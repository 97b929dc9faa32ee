"""What set-up tells a person in one sentence; the commands print these and exit, never with a traceback."""

__all__ = ["ConfigurationError", "SetupError", "Stopped", "UsageError"]


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
