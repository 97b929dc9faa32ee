"""The folder with the notebooks: the person's own, never removed unless asked."""

from collections.abc import Mapping
from pathlib import Path

from ..errors import ConfigurationError, UsageError
from ..host import Host, User
from ..steps import Step
from ..undo import VERBS, Action, Verb

__all__ = ["check_root_dir", "lessons", "notebooks_step"]

_SYSTEM = (
    "/",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var",
)


def check_root_dir(host: Host, text: str, user: User) -> Path:
    """A folder that may be served.

    Raises:
        UsageError: It can't be meant.
        ConfigurationError: It is not there, not a folder, or not the user's.
    """
    path = Path(text)
    if not path.is_absolute() or ".." in path.parts:
        raise UsageError(f"--root-dir {text} must be a path from the root, such as {user.home}/notebooks.")
    if str(path) in _SYSTEM or "\n" in text:
        raise UsageError(f"--root-dir {text} is a folder of the system; use one such as {user.home}/notebooks.")
    if path == user.home:
        raise UsageError(
            f"--root-dir {text} is a whole home folder, with keys and start-up files that notebooks must not reach; "
            f"use a folder in it, such as {user.home}/notebooks."
        )
    found = host.look(path)
    if found is None:
        raise ConfigurationError(
            f"--root-dir {text} is not there; make it with `mkdir '{text}'`, or leave the option out."
        )
    if found.kind == "link":
        raise ConfigurationError(f"--root-dir {text} is a link to {found.target}; give the folder itself.")
    if found.kind != "folder":
        raise ConfigurationError(f"--root-dir {text} is not a folder; give one.")
    if found.owner is not None and found.owner.uid != user.owner.uid:
        whose = host.user_of(found.owner.uid)
        raise ConfigurationError(
            f"--root-dir {text} belongs to {whose.name if whose else found.owner.uid}, not to {user.name}; "
            f"give it away with `sudo chown {user.name} '{text}'`, or use another."
        )
    return path


def lessons(clone: Path | None) -> dict[str, bytes]:
    """What a new folder begins with; nothing where labkit was installed without its clone."""
    folder = None if clone is None else clone / "notebooks"
    if folder is None or not folder.is_dir():
        return {}
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def notebooks_step(path: Path, user: User, content: Mapping[str, bytes]) -> Step:
    """Make the folder with the lessons in it, if there is none yet; what is in one is never touched."""

    def apply(host: Host) -> None:
        host.make_tree(path, content, user)

    return Step(
        f"notebooks {path}",
        lambda host: host.look(path) is not None,
        apply,
        lambda host: [Action("keep_notebooks", {"path": str(path)})] if host.look(path) is None else [],
        lambda host: [f"new {path}/ (owner {user.name}), with {len(content)} lessons"],
    )


def _keep(host: Host, path: str) -> None:
    """Notebooks outlive the lab, unless `uninstall --purge` removes them; only what a kill left half made goes."""
    host.remove(host.half_made(Path(path)))


VERBS["keep_notebooks"] = Verb(_keep, lambda path: f"keep {path} (uninstall --purge removes it)")
