"""Panels of things that sound: buzzers, with and without a tone of their own choice."""

from __future__ import annotations

import math
from typing import Any

import ipywidgets as widgets
from gpiozero import Buzzer, TonalBuzzer
from gpiozero.tones import Tone

from labkit.bench import Bench
from labkit.panels.base import Panel, make_panel
from labkit.panels.controls import HoldKeys, button, checked_seconds, entry, together
from labkit.panels.drawing import COLOURS
from labkit.panels.outputs import LEDPanel

__all__ = ["BuzzerPanel", "TonalBuzzerPanel"]

# An octave and a bit, from the left: one hand on the computer's keyboard.
LETTERS = "awsedftgyhujkolp"
A4_MIDI, A4_HZ, MIDI_NOTES = 69, 440.0, 128


class BuzzerPanel(LEDPanel):
    """On, off and beep."""

    def controls(self) -> list[widgets.Widget]:
        found = super().controls()
        self.blink.description, self.blink.tooltip = "Beep", "Beep until switched off"
        return found

    def show(self) -> None:
        super().show()
        self.light(float(self.device.value), COLOURS["amber"])
        self.tell("sounds" if self.device.value else "silent")

    def _blink(self) -> None:
        times = checked_seconds(on_time=self.on_time, off_time=self.off_time)
        self.device.beep(**times)
        self.say(f".beep(on_time={times['on_time']:g}, off_time={times['off_time']:g})")


class TonalBuzzerPanel(Panel):
    """A keyboard to play, with the note and its frequency."""

    reads = ".tone"

    def controls(self) -> list[widgets.Widget]:
        self.piano = HoldKeys(label="Keyboard: the letters a w s e d … play it", places=self._keyboard())
        self.tone = entry("note or Hz", "A4 or 440")
        self.stop = button("Stop", "Silence")
        self.on_user(self.piano, self._hold, "held")
        self.on_user(self.tone, self._play_typed)
        self.on_click(self.stop, self._stop)
        return [self.piano, together(self.tone, self.stop)]

    def show(self) -> None:
        tone = self.device.tone
        self.light(tone is not None, COLOURS["amber"])
        if tone is None:
            self.piano.lit = []
            self.tell("silent")
            return
        midi = round(A4_MIDI + 12 * math.log2(tone.frequency / A4_HZ))
        note = Tone.from_midi(midi).note if 0 <= midi < MIDI_NOTES else ""
        self.piano.lit = [note]
        self.tell(f"♪ {note} · {tone.frequency:.1f} Hz", "the nearest note, and the frequency")

    def _keyboard(self) -> list[dict[str, Any]]:
        if self.device.closed:
            return []
        middle = round(self.device.mid_tone.midi)
        reach = min(12, 12 * self.device.octaves)
        keys: list[dict[str, Any]] = []
        half = 1  # columns of half a white key: a black one lies between two
        for index, midi in enumerate(range(max(0, middle - reach), min(127, middle + reach) + 1)):
            tone = Tone.from_midi(midi)
            is_black = "#" in tone.note
            letter = LETTERS[index] if index < len(LETTERS) else ""
            title = f"{tone.note}, {tone.frequency:.1f} Hz" + (f", key {letter}" if letter else "")
            keys.append(
                {"name": tone.note, "label": tone.note[0] + ("♯" if is_black else ""), "title": title, "key": letter}
                | {"row": "1" if is_black else "1 / span 2", "look": "black" if is_black else "white"}
                | {"column": f"{half - 1 if is_black and keys else half} / span 2"}
            )
            half += 1 if is_black and not keys else 0 if is_black else 2
        return keys

    def _hold(self, note: str) -> None:
        if note:
            self._play(Tone.from_note(note), repr(note))
        else:
            self._stop()

    def _play_typed(self, said: str) -> None:
        if not said.strip():
            return
        try:
            hertz = float(said)
        except ValueError:
            self._play(Tone.from_note(said.strip()), repr(said.strip()))
        else:
            # A number below 128 would be a MIDI note.
            self._play(
                Tone.from_frequency(hertz), f"{hertz:g}" if hertz >= MIDI_NOTES else f"Tone(frequency={hertz:g})"
            )

    def _play(self, tone: Any, code: str) -> None:
        low, high = self.device.min_tone, self.device.max_tone
        if not low.frequency <= tone.frequency <= high.frequency:
            raise ValueError(
                f"{tone.frequency:g} Hz is out of this buzzer's range, {low.note} to {high.note} "
                f"({low.frequency:.0f} to {high.frequency:.0f} Hz)"
            )
        self.device.play(tone)
        needed = "from gpiozero.tones import Tone; " if code.startswith("Tone") else ""
        self.show_code(f"{needed}{self.expression}.play({code})")

    def _stop(self) -> None:
        self.device.stop()
        self.say(".stop()")


@make_panel.register
def _(device: Buzzer, bench: Bench) -> Panel:
    return BuzzerPanel(bench, device)


@make_panel.register
def _(device: TonalBuzzer, bench: Bench) -> Panel:
    return TonalBuzzerPanel(bench, device)
