"""The login form: a password, tried no oftener than the throttle allows."""

import asyncio
import math
import time
from dataclasses import dataclass, field

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.login import LoginFormHandler

from .audit import Audit
from .credentials import Credentials
from .throttle import Throttle

__all__ = ["DESK", "Desk", "LoginHandler"]

# Where a handler finds the desk among the application's settings.
DESK = "labkit_login"

# A guesser who waits for answers is slowed down by waiting for them, before anything else is done for it.
_HOLD_SECONDS = 2.0
_MOST_HELD = 64

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self' 'unsafe-inline'",
        "script-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


@dataclass
class Desk:
    """What all logins of one server share."""

    credentials: Credentials
    throttle: Throttle = field(default_factory=Throttle)
    audit: Audit = field(default_factory=Audit)
    _held: int = 0

    async def attempt(self, address: str, typed: str) -> bool | float:
        """Whether the password is right; or the seconds to wait, and then it was not looked at."""
        now = time.monotonic()
        delay = self.throttle.ask(address, now)
        if delay > 0:
            self.audit.held_off(address, delay, now)
            await self._hold(delay)
            return delay
        if not await self.credentials.are_right(typed):
            self.audit.refused(address)
            return False
        self.throttle.succeeded(address)
        self.audit.accepted(address)
        return True

    async def _hold(self, delay: float) -> None:
        if self._held < _MOST_HELD:
            self._held += 1
            try:
                await asyncio.sleep(min(delay, _HOLD_SECONDS))
            finally:
                self._held -= 1


class LoginHandler(LoginFormHandler):
    """Jupyter's form, with the password looked at elsewhere than on the event loop."""

    @property
    def content_security_policy(self) -> str:
        """Stricter than for JupyterLab: this page needs nothing but its own files, and belongs in no frame."""
        return _POLICY

    @allow_unauthenticated
    async def post(self) -> None:
        """Log in, or say why not: 401 for a wrong password, 429 with Retry-After for a try too early."""
        desk: Desk = self.settings[DESK]
        # From the form alone: what is in an address ends up in logs and histories.
        typed = self.get_body_argument("password", default="")
        verdict = await desk.attempt(str(self.request.remote_ip), typed)
        if verdict is True:
            user = self.current_user = self.identity_provider.generate_anonymous_user(self)
            self.identity_provider.set_login_cookie(self, user)
            self._redirect_safe(self.get_argument("next", default=self.base_url))  # type: ignore[no-untyped-call]
        elif verdict is False:
            self._again(401, "That is not the password.")
        else:
            seconds = max(1, math.ceil(verdict))
            self.set_header("Retry-After", str(seconds))
            self._again(429, f"Too many tries. Wait {seconds} s, then try again; this one was not looked at.")

    def _again(self, status: int, message: str) -> None:
        self.set_status(status)
        self._render(message={"error": message})  # type: ignore[no-untyped-call]

    def _log(self) -> None:
        """Nothing: `audit` tells of logins, with a limit to how often."""
