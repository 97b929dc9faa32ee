"""The password in force: checked beside the event loop, and exchanged when its file is."""

import asyncio
import contextlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from jupyter_server.auth.security import passwd_check

from ..password import check_hash
from .secretfile import SecretFile

__all__ = ["Credentials"]

# Below the kernels and the event loop: a guesser must not make anything slower.
_NICENESS = 10


class Credentials:
    """The password's hash, from its file. One check at a time, in a thread of its own."""

    def __init__(self, file: SecretFile) -> None:
        """Read the hash.

        Raises:
            ConfigurationError: The file can't be read safely, or holds no argon2id hash.
        """
        self._file = file
        self._worker = ThreadPoolExecutor(1, "labkit-password", _step_back)
        self.hashed = check_hash(file.read(), file.path)

    def refresh(self) -> bool:
        """Take over what is in the file now; whether the password is another one.

        Raises:
            ConfigurationError: What is there is no hash; the old one stays in force. Said once for each file.
        """
        if not self._file.has_changed:
            return False
        before = self.hashed
        self.hashed = check_hash(self._file.read(), self._file.path)
        return self.hashed != before

    async def are_right(self, typed: str) -> bool:
        """Whether that is the password. Takes a tenth of a second of a core, on purpose, but not the event loop's."""
        hashed = self.hashed
        loop = asyncio.get_running_loop()
        right = await loop.run_in_executor(self._worker, passwd_check, hashed, typed)
        # It may have been exchanged in the meantime.
        return bool(right) and hashed == self.hashed

    def close(self) -> None:
        """Wait for no check any more."""
        self._worker.shutdown(wait=False, cancel_futures=True)


def _step_back() -> None:
    # On Linux a priority belongs to a thread, elsewhere to the process: there it stays as it is.
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
