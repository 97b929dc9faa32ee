"""Lines that are files: pins whose levels other processes can see, as they see those of a real board. For tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPWMPin

__all__ = ["FileFactory", "FilePin"]


class FilePin(MockPWMPin):
    """Writes its level into a file of its name, as an output."""

    def _set_state(self, value: Any) -> None:
        super()._set_state(value)
        if self.function == "output":
            (self.factory.folder / self.info.name).write_text(f"{value:g}")


class FileFactory(MockFactory):
    """Pins whose output levels are the contents of files.

    Args:
        folder: Where the files are, one per pin.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(pin_class=FilePin)
        self.folder = folder
        self.labkit_lines = "file", str(folder)
