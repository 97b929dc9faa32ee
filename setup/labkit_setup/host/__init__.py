"""The machine: files, programs, people. The only package of the set-up that touches it.

Standard library only, since the launcher needs it before there is a virtual environment. Network facts are in
`network`. `fake` holds a machine in memory and `scratch` one below a folder, for tests and rehearsals.
"""

import grp
import os
import pwd
import socket
import sys

from .files import Files
from .programs import NOT_THERE, Programs, Ran
from .values import ROOT, Found, Owner, User

__all__ = ["NOT_THERE", "ROOT", "Files", "Found", "Host", "Owner", "Programs", "Ran", "User"]


class Host(Files, Programs):
    """This machine, with the rights of the user who runs the command. Not for use by several threads."""

    @property
    def is_root(self) -> bool:
        """Whether this process may do everything."""
        return os.geteuid() == 0

    @property
    def platform(self) -> str:
        """As `sys.platform`."""
        return sys.platform

    @property
    def name(self) -> str:
        """What the machine calls itself."""
        return socket.gethostname()

    def user(self, name: str) -> User | None:
        """A user's account, or None where there is none of that name."""
        try:
            found = pwd.getpwnam(name)
        except (KeyError, ValueError):
            return None
        return _user(found)

    def user_of(self, number: int) -> User | None:
        """The account with this user id."""
        try:
            return _user(pwd.getpwuid(number))
        except (KeyError, OverflowError):
            return None

    def group_of(self, number: int) -> str:
        """A group's name, or its number where it has none."""
        try:
            return grp.getgrgid(number).gr_name
        except KeyError:
            return str(number)

    def groups(self) -> dict[str, frozenset[str]]:
        """Every group and the users it lists; a user's primary group need not list them."""
        return {entry.gr_name: frozenset(entry.gr_mem) for entry in grp.getgrall()}


def _user(found: pwd.struct_passwd) -> User:
    return User(found.pw_name, Owner(found.pw_uid, found.pw_gid), found.pw_dir)
