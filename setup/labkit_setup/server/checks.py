"""What is in force when all of Jupyter's own steps are done: the last look before anyone can connect."""

from typing import TYPE_CHECKING

from jupyter_server.auth.identity import PasswordIdentityProvider

from ..subject import LOOPBACK
from .culling import Kernels
from .login import DESK, Desk, LoginHandler

if TYPE_CHECKING:
    from .app import LabServer

__all__ = ["fault"]


def fault(server: "LabServer") -> str | None:
    """What is wrong with the settings in force, in words that fit after "because"; None if all is as it should be."""
    identity = server.identity_provider
    # Another class would have other rules for who gets in.
    if type(identity) is not PasswordIdentityProvider:
        return "the login is not Jupyter's password login"
    wrong = {**_login(server, identity), **_requests(server), **_machine(server)}
    return next((what for what, is_wrong in wrong.items() if is_wrong), None)


def _login(server: "LabServer", identity: PasswordIdentityProvider) -> dict[str, bool]:
    desk = server.web_app.settings.get(DESK)
    cookie = server.web_app.settings.get("xsrf_cookie_kwargs", {})
    return {
        "the password is not the one that was set": not server.credentials.hashed
        or identity.hashed_password != server.credentials.hashed,
        "a token would be accepted beside the password": bool(identity.token),
        "the password could be changed from the login page": identity.allow_password_change,
        "passwords could be tried without a limit": identity.login_handler_class is not LoginHandler
        or not isinstance(desk, Desk)
        or desk.credentials is not server.credentials,
        "login cookies would be sent without https": identity.secure_cookie is not True,
        "login cookies would be sent from other sites": identity.cookie_options.get("samesite") != "Strict",
        "the XSRF cookie would be sent without https": not cookie.get("secure"),
    }


def _requests(server: "LabServer") -> dict[str, bool]:
    headers = server.web_app.settings.get("headers", {})
    return {
        "cross-site requests would not be checked": server.disable_check_xsrf,
        "other origins would be let in": bool(
            server.allow_origin or server.allow_origin_pat or server.allow_credentials
        ),
        "pages would be served without a login": server.allow_unauthenticated_access,
        "other sites could show its pages in a frame": "frame-ancestors 'self'"
        not in headers.get("Content-Security-Policy", ""),
    }


def _machine(server: "LabServer") -> dict[str, bool]:
    inner = [str(address) for address in LOOPBACK]
    listens_on = [opened.getsockname()[0] for opened in server.sockets]
    return {
        "it would listen nowhere": not listens_on,
        "it would listen beyond this machine": not server.settings.peers
        and any(address not in inner for address in listens_on),
        "kernels would listen on open ports": server.kernel_manager.config.KernelManager.transport != "ipc",
        "kernels at work could be ended": not isinstance(server.kernel_manager, Kernels),
    }
