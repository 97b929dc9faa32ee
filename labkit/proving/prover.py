"""Runs one notebook's plan in one kernel, cell by cell, and tells what came of each."""

from __future__ import annotations

import ast
import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from labkit.pacing import Countdown, Stopwatch
from labkit.proving.kernels import STARTUP_S, Kernels, memory_mb
from labkit.proving.plan import Plan, Step

__all__ = ["CellResult", "Limits", "Proof", "prove"]

ANSI = re.compile(r"\x1b\[[0-9;]*m")
GRACE_S = 5.0
SLICE_S = 0.25
LOOK_S = 0.25
KEPT_OUTPUT = 1_000_000  # characters that a cell's outputs may have
# A frame of a traceback that tells of the machinery and not of the notebook.
MACHINERY = re.compile(r"File .*[/\\](labkit|gpiozero|IPython|ipykernel|threading\.py|nbclient)\b")


@dataclass(frozen=True)
class Limits:
    """What a cell may use.

    Attributes:
        lab_s: Seconds of lab time: an endless loop ends there, and well.
        wall_s: Seconds of real time: a cell that hangs ends there, and not well.
        memory_mb: Megabytes that its kernel may hold; a notebook that fills the memory ends there, and not well.
    """

    lab_s: float = 3600.0
    wall_s: float = 60.0
    memory_mb: float = 1024.0


@dataclass(frozen=True)
class CellResult:
    """What came of one cell.

    Attributes:
        step: Which.
        seconds: Real time that it took.
        problem: What went wrong, with the notebook's own line; empty where nothing did.
        checks: What its lesson checks said.
        remark: What a maintainer should know although nothing failed.
    """

    step: Step
    seconds: float
    problem: str = ""
    checks: tuple[dict[str, Any], ...] = ()
    remark: str = ""


@dataclass
class Proof:
    """What came of one notebook.

    Attributes:
        cells: The cells that were run, in order; after a failure no more are.
        problems: What went wrong apart from a cell's own error: expectations of the scenario, checks.
        lab_s: Lab time that it took.
        faults: Electrical warnings.
        waves: The pins, up to the end or the failure, as text.
        remarks: What a maintainer should know although nothing failed.
    """

    cells: list[CellResult] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    lab_s: float = 0.0
    faults: list[str] = field(default_factory=list)
    waves: str = ""
    remarks: list[str] = field(default_factory=list)

    @property
    def checked_s(self) -> float:
        """Lab time that its checks took besides, each on a bench of its own."""
        return sum(float(check["lab_s"]) for cell in self.cells for check in cell.checks)

    @property
    def passed(self) -> bool:
        return not self.problems and all(not cell.problem for cell in self.cells)


async def prove(
    notebook: Any, plan: Plan, path: Path, kernels: Kernels, limits: Limits, vcd: str = "", starter: bool = False
) -> Proof:
    """Run a notebook's plan in a fresh kernel; the notebook gets the outputs.

    Args:
        notebook: From `read_notebook`.
        plan: What of it to run.
        path: Its file; the kernel works in its folder.
        kernels: Where the kernel comes from.
        limits: What each cell may use.
        vcd: The file to record all pins in, or empty.
        starter: Exercises are run as they are handed out: each lesson check must fail.
    """
    kernel = await kernels.take()
    proof = Proof(remarks=list(plan.remarks))
    client = _Client(notebook, km=kernel, startup_timeout=STARTUP_S, timeout=None, allow_errors=True)
    try:
        await client.async_start_new_kernel_client()
        await kernels.prepare()
        arguments = (str(path.resolve().parent), limits.lab_s, plan.scenario, plan.scenario_place, vcd)
        if not await _begin(client, arguments, proof):
            return proof
        for step in plan.steps:
            result = await _run(client, step, limits)
            proof.cells.append(result)
            if result.problem and not step.is_starter:
                break
        proof.problems += _judged(proof.cells, starter)
        await _look(client, proof, "finish" if proof.passed else "report")
    except (TimeoutError, DeadKernelError, RuntimeError) as error:
        proof.problems.append(f"its kernel could not be used: {error}")
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        await kernels.end(kernel)
    return proof


async def _begin(client: _Client, arguments: tuple[Any, ...], proof: Proof) -> bool:
    call = f"__import__('labkit.proving.inside').proving.inside.begin{arguments!r}"
    reply = await client.ask(call, seen=True)
    if reply is not None and reply["status"] == "ok":
        return True
    said = "no answer" if reply is None else f"{reply['ename']}: {reply['evalue']}"
    proof.problems.append(f"simulated pins could not be had: {said}")
    return False


async def _told(client: _Client, verb: str) -> Any:
    """What the kernel says of how things stand; None where it says nothing any more."""
    reply = await client.ask("", expressions={"r": f"__import__('labkit.proving.inside').proving.inside.{verb}()"})
    found = (reply or {}).get("user_expressions", {}).get("r", {})
    return json.loads(ast.literal_eval(found["data"]["text/plain"])) if found.get("status") == "ok" else None


async def _look(client: _Client, proof: Proof, verb: str) -> None:
    told = await _told(client, verb)
    if told is None:
        return
    proof.lab_s, proof.waves = told["lab_s"], told["waves"]
    proof.faults = told["faults"]
    if verb == "finish" or told["troubles"]:
        proof.problems += [f"scenario: {trouble}" for trouble in told["troubles"]]


def _judged(cells: list[CellResult], starter: bool) -> Iterator[str]:
    """What the lesson checks say of the notebook."""
    for cell in cells:
        for check in cell.checks:
            if starter and check["passed"]:
                yield f"{cell.step.title}: check {check['check']!r} passes on the code that is handed out"
            elif not starter and not check["passed"]:
                yield f"{cell.step.title}: check {check['check']!r}: {check['sentence']}"


async def _run(client: _Client, step: Step, limits: Limits) -> CellResult:
    watch = Stopwatch()
    cell = client.nb.cells[step.index]
    shown, cell.source = cell.source, step.source
    client.kept = KEPT_OUTPUT
    try:
        ended = await _within(client, cell, step.index, limits)
        problem = _problem(cell, step, ended)
        if not problem and _error(cell, "TimeBudgetSpent"):
            # Time passed for a loop that sleeps; one that never waits would stand still, and hang a real kernel.
            problem = _spun(await _told(client, "report"))
    except DeadKernelError:
        problem = "the kernel ended in this cell (killed, out of memory, or by os._exit)"
    finally:
        cell.source = shown
    remarks = []
    if client.kept < 0:
        remarks.append(f"only the first {KEPT_OUTPUT} characters of its output were kept")
    if not problem and _error(cell, "TimeBudgetSpent"):
        remarks.append(f"an endless loop, ended after {limits.lab_s:g} s of lab time")
    return CellResult(step, watch.seconds, problem, tuple(_checks(cell)), "; ".join(remarks))


async def _within(client: _Client, cell: Any, index: int, limits: Limits) -> str:
    """Run a cell; why it had to be ended, empty where it had not. A kernel that can't be interrupted is killed."""
    running = asyncio.ensure_future(client.async_execute_cell(cell, index))
    left = Countdown(limits.wall_s)
    while left.seconds > 0:
        if await _is_done(running, min(LOOK_S, left.seconds)):
            running.result()
            return ""
        if (used := memory_mb(client.km)) > limits.memory_mb:
            await _killed(client, running)
            return f"its kernel held {used:.0f} MB of memory, more than {limits.memory_mb:g} MB, and was ended"
    await client.km.interrupt_kernel()
    if not await _is_done(running, GRACE_S):
        await _killed(client, running)
    running.exception()
    return f"it took more than {limits.wall_s:g} s of real time and was ended"


async def _is_done(running: asyncio.Future[Any], seconds: float) -> bool:
    done, _ = await asyncio.wait({running}, timeout=seconds)
    return bool(done)


async def _killed(client: _Client, running: asyncio.Future[Any]) -> None:
    await client.km.shutdown_kernel(now=True)
    await asyncio.wait({running})
    running.exception()


def _problem(cell: Any, step: Step, ended: str) -> str:
    error = _error(cell)
    if ended:
        return f"{ended} at:\n{_own_lines(error)}" if error else ended
    if error is None or step.may_raise or error.ename == "TimeBudgetSpent":
        return ""
    if error.ename == "StdinNotImplementedError":
        return f"it waits for input(), and nobody is there to answer:\n{_own_lines(error)}"
    return f"{_own_lines(error)}\n{error.ename}: {error.evalue}".strip()


def _spun(told: Any) -> str:
    loops = [note for note in (told or {}).get("notes", ()) if "turns in a loop" in note]
    return f"it never ends: {loops[-1]}" if loops else ""


def _error(cell: Any, name: str = "") -> Any:
    errors = [output for output in cell.outputs if output.output_type == "error"]
    return next((error for error in errors if not name or error.ename == name), None)


def _own_lines(error: Any) -> str:
    """The parts of a traceback that are the notebook's own: where it stands, and the lines around."""
    parts = [ANSI.sub("", part).strip("\n") for part in error.traceback]
    own = [part for part in parts if re.match(r"(Cell |File |Input )", part) and not MACHINERY.match(part)]
    return "\n".join(own[-2:])


def _checks(cell: Any) -> list[dict[str, Any]]:
    outputs = [output for output in cell.outputs if output.output_type == "display_data"]
    return [output.metadata["labkit"] for output in outputs if "check" in output.get("metadata", {}).get("labkit", {})]


class _Client(NotebookClient):  # type: ignore[misc]
    """nbclient, listening in slices, and with an end to how much output it keeps."""

    kept = KEPT_OUTPUT

    async def async_start_new_kernel_client(self) -> Any:
        found = await super().async_start_new_kernel_client()
        # A reply that arrives at the wrong moment is noticed at the next look only: have one soon.
        found._shell_channel = _Sliced(found.shell_channel)
        return found

    def process_message(self, message: Any, cell: Any, cell_index: int) -> Any:
        if message["msg_type"] == "stream":
            text = message["content"]["text"]
            message["content"]["text"] = text[: max(0, self.kept)]
            self.kept -= len(text)
        elif message["msg_type"] in ("display_data", "execute_result", "update_display_data"):
            data = message["content"]["data"]
            size = sum(len(shown) for shown in data.values() if isinstance(shown, str))
            if size > self.kept:
                message["content"]["data"] = {"text/plain": f"({size} characters of output, not kept)"}
            self.kept -= size
        return super().process_message(message, cell, cell_index)

    async def ask(self, code: str, expressions: Any = None, seen: bool = False) -> Any:
        """Run code that belongs to no cell; the content of its reply, None where none came in time."""
        wanted = self.kc.execute(code, silent=not seen, store_history=False, user_expressions=expressions or {})
        left = Countdown(STARTUP_S)
        while left.seconds > 0:
            try:
                reply = await self.kc.shell_channel.get_msg(timeout=1)
            except Empty:
                if not await self.km.is_alive():
                    return None
                continue
            if reply["parent_header"].get("msg_id") == wanted:
                return reply["content"]
        return None


class _Sliced:
    """A channel that looks again several times a second while it waits."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    async def get_msg(self, timeout: float | None = None) -> Any:
        left = None if timeout is None else Countdown(timeout)
        while True:
            try:
                return await self._channel.get_msg(timeout=SLICE_S if left is None else min(SLICE_S, left.seconds))
            except Empty:
                if left is not None and left.seconds <= 0:
                    raise
