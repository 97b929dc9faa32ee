"""The guard: a process that switches outputs off when the kernel that used them is gone without a word.

Run by `guarding.py` as `python -I -S guard.py PID STARTED KIND WHERE`, with a pipe as its input and the log as its
output. A file of its own that imports nothing but a few modules of the standard library: it lies in memory for as
long as the bench lives. Each line on the pipe tells all outputs in use and their off levels, what moves first:
`GPIO5=0 GPIO17=1`; `bye` ends the guard.
"""

import os
import select
import signal
import sys


def main() -> None:
    """Become nobody's child, follow the kernel to its end, and act if it left without a word."""
    pid, started, kind, where = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
    # Before the fork: the guard must not be open to them for a moment.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guard = os.fork()
    if guard:
        # ipykernel kills its children when it shuts down: before its own end, and before a stuck thread shows.
        say(f"guard {guard} watches process {pid}")
        os._exit(0)
    outputs = follow(0, end_of(pid, started))
    if outputs is None:
        return
    failures = {"file": to_files, "lgpio": to_lgpio}[kind](where, outputs)
    done = " ".join(f"{name}={level}" for name, level in outputs if name not in failures) or "nothing"
    say(f"process {pid} ended without closing its bench; switched off: {done}")
    for name, why in failures.items():
        say(f"process {pid}: {name} was not switched off: {why}")


def say(line: str) -> None:
    """One line into the log."""
    os.write(1, f"{line}\n".encode())


def end_of(pid: int, started: str) -> int:
    """A file descriptor that becomes readable when the process ends; -1 where the system has none."""
    if not hasattr(os, "pidfd_open"):
        return -1
    try:
        end = os.pidfd_open(pid)
        with open(f"/proc/{pid}/stat") as stat:
            same = stat.read().rpartition(")")[2].split()[19] == started
    except OSError:
        same = False
    if same:
        return end
    # It is gone already, or its number was given out again: a pipe without a writer is readable at once.
    reading, writing = os.pipe()
    os.close(writing)
    return reading


def follow(pipe: int, end: int) -> "list[tuple[str, int]] | None":
    """What was in use when the process ended; None when it took its leave. Sleeps in between."""
    told, open_pipe = b"", True
    while True:
        watched = [fd for fd in (pipe if open_pipe else -1, end) if fd >= 0]
        ready = select.select(watched, [], [])[0]
        if open_pipe and pipe in ready:
            more = os.read(pipe, 65536)
            open_pipe = bool(more)
            *lines, rest = (told + more).split(b"\n")
            if b"bye" in lines:
                return None
            # Only the newest counts; half a line is one that the process did not live to finish.
            told = (lines[-1] + b"\n" if lines else told.rpartition(b"\n")[0] and told[: told.rindex(b"\n") + 1]) + rest
        elif end in ready or end < 0:
            # A child may hold the pipe open; the process is what counts, and a living one is left alone.
            return parsed(told)


def parsed(told: bytes) -> "list[tuple[str, int]]":
    """The outputs of the last whole line."""
    lines = told.split(b"\n")[:-1]
    pairs = [word.split("=") for word in lines[-1].decode().split()] if lines else []
    return [(name, int(level)) for name, level in pairs]


def to_files(folder: str, outputs: "list[tuple[str, int]]") -> "dict[str, str]":
    """Lines that are files, for tests: one per pin."""
    failures = {}
    for name, level in outputs:
        try:
            with open(os.path.join(folder, name), "w") as line:
                line.write(str(level))
        except OSError as error:
            failures[name] = str(error)
    return failures


def to_lgpio(where: str, outputs: "list[tuple[str, int]]") -> "dict[str, str]":
    """Lines of a GPIO chip: taken again, for the system let go of them, driven, and pulled the same way.

    The system lets go of them once more when the guard ends. Kernels that keep an output's level then keep the
    off level; on others the line becomes an input, and the pull, which stays, holds it there.
    """
    chip, _, folder = where.partition(":")
    sys.path.append(folder)
    os.environ["LG_WD"] = os.getcwd()
    try:
        import lgpio

        handle = lgpio.gpiochip_open(int(chip))
    except Exception as error:
        return dict.fromkeys((name for name, _ in outputs), f"{type(error).__name__}: {error}")
    pulls = getattr(lgpio, "SET_PULL_DOWN", 0), getattr(lgpio, "SET_PULL_UP", 0)
    failures: "dict[str, str]" = {}
    for name, level in outputs:
        # Without a pull where the chip has none.
        for pull in (pulls[level], 0):
            try:
                lgpio.gpio_claim_output(handle, int(name[4:]), level, pull)
                failures.pop(name, None)
                break
            except Exception as error:
                # Busy: another process has it by now, and it is that one's.
                failures[name] = str(error)
    return failures


if __name__ == "__main__":
    main()
