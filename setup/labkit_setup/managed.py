"""Steps for files, folders and links that are labkit's own, from their content to their mode."""

from pathlib import Path

from .host import ROOT, Found, Host, Owner
from .steps import Step, diff
from .undo import restore

__all__ = ["file_step", "folder_step", "link_step"]


def file_step(path: Path, content: bytes, mode: int = 0o644, owner: Owner = ROOT, is_secret: bool = False) -> Step:
    """A file with this content, mode and owner."""

    def is_done(host: Host) -> bool:
        found = host.look(path)
        return _is(found, "file", mode, owner) and host.read(path) == content

    def apply(host: Host) -> None:
        host.sweep(path)
        host.write(path, content, mode, owner)

    def shows(host: Host) -> list[str]:
        found = host.look(path)
        heading = f"{'new' if found is None else 'change'} {path} (mode {mode:04o}{_whose(owner)})"
        if is_secret:
            return [f"{heading}, content not shown"]
        return [heading, *diff(path, host.read(path) if found else None, content)]

    return Step(f"file {path}", is_done, apply, lambda host: [restore(host, path)], shows, {path: content}, is_secret)


def folder_step(path: Path, mode: int = 0o755, owner: Owner = ROOT) -> Step:
    """A folder with this mode and owner. Taking back one that was not there removes it with all it holds."""

    def is_done(host: Host) -> bool:
        return _is(host.look(path), "folder", mode, owner)

    return Step(
        f"folder {path}",
        is_done,
        lambda host: host.make_folder(path, mode, owner),
        lambda host: [restore(host, path)],
        lambda host: [f"{'new' if host.look(path) is None else 'change'} {path}/ (mode {mode:04o}{_whose(owner)})"],
    )


def link_step(path: Path, target: str) -> Step:
    """A symbolic link."""

    def is_done(host: Host) -> bool:
        found = host.look(path)
        return found is not None and found.kind == "link" and found.target == target

    def apply(host: Host) -> None:
        host.sweep(path)
        host.link(path, target)

    return Step(
        f"link {path}",
        is_done,
        apply,
        lambda host: [restore(host, path)],
        lambda host: [f"{'new' if host.look(path) is None else 'change'} {path} -> {target}"],
    )


def _is(found: Found | None, kind: str, mode: int, owner: Owner) -> bool:
    return found is not None and found.kind == kind and found.mode == mode and found.belongs_to(owner)


def _whose(owner: Owner) -> str:
    return "" if owner == ROOT else f", owner {owner.uid}"
