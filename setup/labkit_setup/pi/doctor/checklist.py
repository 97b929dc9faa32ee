"""All checks of a machine, in the order in which one thing rests on another."""

from . import configuration, environment, kernel, network, pins, running, secrets
from .finding import Check, unknown

__all__ = ["checks"]


def checks() -> tuple[Check, ...]:
    """Every check; those of the certificate only where the packages for them are there."""
    return (
        *environment.CHECKS,
        *configuration.CHECKS,
        *secrets.CHECKS,
        *_certificate(),
        *running.CHECKS,
        *network.CHECKS,
        *pins.CHECKS,
        *kernel.CHECKS,
    )


def _certificate() -> tuple[Check, ...]:
    try:
        from . import certificate
    except ImportError as error:
        missing = unknown(f"the certificate can't be looked at without its packages ({error})")
        return (Check("certificate", lambda patient: missing if patient.settings else None),)
    return certificate.CHECKS
