"""The command line: `labkit run PROGRAM.py`, `labkit stop`, `labkit export RUN`, `labkit test PATH`, and more."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from labkit.classroom.command import add_commands
from labkit.errors import LabError

__all__ = ["main"]

EPILOG = """\
Times are written 90, "1.5 s", 10m, 2h. Words after -- go to the program, whatever they look like.

exit status: the program's own; 0 at the end of --for; and where the program's own would be 0,
  2    labkit could not run it: a mistake on the command line, in a file, or in the scenario
  100  deadlock: every thread waits, and nothing is going to happen
  101  an expectation of the scenario was not met
  102  an electrical fault, with --strict
  103  --wall-time was spent
  130  Ctrl-C
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. See {self.prog} --help.\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    own, program_words = _split(words)
    parser = _parser()
    arguments, others = parser.parse_known_args(own)
    if others and not getattr(arguments, "takes_others", False):
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    arguments.others = [*others, *program_words]
    arguments.words = [*getattr(arguments, "words", ()), *program_words]
    try:
        status: int = arguments.command(arguments)
    except LabError as error:
        print(f"labkit {arguments.name}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return status


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """labkit's own words, and those behind the first `--`."""
    if "--" not in words:
        return words, []
    at = words.index("--")
    return words[:at], words[at + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="labkit", description="A lab kit for gpiozero.", allow_abbrev=False)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    run = commands.add_parser(
        "run",
        help="run a gpiozero program on simulated parts, in virtual time",
        description="Run a gpiozero program, unmodified, on simulated parts, in virtual time.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    run.set_defaults(command=_run, name="run")
    run.add_argument("program", metavar="PROGRAM.py")
    run.add_argument("words", metavar="ARGUMENT", nargs="*", help="for the program")
    run.add_argument("--for", dest="seconds", metavar="TIME", type=_time, help="end it after that much lab time")
    run.add_argument(
        "--wall-time", metavar="TIME", type=_time, help="end it after that much real time, whatever it does"
    )
    run.add_argument("--scenario", metavar="FILE.yaml", type=Path, help="what happens when, and what should come of it")
    run.add_argument("--trace", metavar="FILE", type=Path, help="record all pins: .vcd, .csv or .jsonl")
    run.add_argument("--seed", metavar="N", type=int, default=0, help="of everything random; 0 by default")
    run.add_argument("--real-time", action="store_true", help="let lab time run as fast as real time")
    run.add_argument("--strict", action="store_true", help="electrical warnings end the program")
    run.add_argument(
        "--summary",
        action=argparse.BooleanOptionalAction,
        help="tell on stderr what the devices did; by default where that is a terminal",
    )
    stop = commands.add_parser(
        "stop",
        help="switch off every bench of yours on this machine, at once",
        description="STOP for all notebooks and programs of yours on this machine: every output off, and latched off "
        "until bench.resume(). It works while cells run.",
        epilog="exit status: 0 when all stopped, 1 when one did not, or did not answer within two seconds",
        allow_abbrev=False,
    )
    stop.set_defaults(command=_stop, name="stop")
    _add_runs(commands)
    _add_picture(commands)
    add_commands(commands)
    return parser


def _add_runs(commands: Any) -> None:
    export = commands.add_parser(
        "export",
        help="write recorded runs as VCD, CSV, JSON lines or Parquet",
        description="Write recorded runs as files that other programs read: VCD for GTKWave and PulseView, CSV, JSON "
        "lines, Parquet. A run that was cut off is exported as far as it goes.",
        allow_abbrev=False,
    )
    export.set_defaults(command=_export, name="export")
    export.add_argument("runs", metavar="RUN", nargs="+", help="a file, or the name of a run in the folder runs")
    export.add_argument("--to", required=True, choices=("vcd", "csv", "jsonl", "parquet"))
    export.add_argument("--output", metavar="FOLDER", type=Path, help="where to; by default beside each run")
    export.add_argument("--from", dest="start", metavar="TIME", type=_time, help="leave out what comes before")
    export.add_argument("--until", dest="stop", metavar="TIME", type=_time, help="leave out what comes from then on")
    export.add_argument("--force", action="store_true", help="replace files that are there")
    runs = commands.add_parser("runs", help="list recorded runs", allow_abbrev=False)
    runs.set_defaults(command=_runs, name="runs")
    runs.add_argument("folder", metavar="FOLDER", nargs="?", type=Path, default=Path("runs"))


def _add_picture(commands: Any) -> None:
    picture = commands.add_parser(
        "picture",
        help="draw the wiring picture of a circuit file",
        description="Draw a circuit file as an SVG picture: breadboard, header, every part and wire. What its lint "
        "finds goes to stderr.",
        epilog="exit status: 0 when the circuit may be powered, 1 when the lint found errors; the picture is written "
        "in both cases",
        allow_abbrev=False,
    )
    picture.set_defaults(command=_picture, name="picture")
    picture.add_argument("circuit", metavar="FILE.circuit.yaml", type=Path)
    picture.add_argument("-o", "--output", metavar="OUT.svg", type=Path, help="by default FILE.svg beside it")
    picture.add_argument(
        "--steps", action="store_true", help="print the list of parts, and how to build it step by step"
    )


def _time(text: str) -> float:
    from labkit.sim.quantities import seconds

    try:
        return seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _picture(arguments: argparse.Namespace) -> int:
    from labkit.circuits.circuit import Circuit

    circuit = Circuit.load(arguments.circuit)
    name = arguments.circuit.name.removesuffix(".yaml").removesuffix(".yml").removesuffix(".circuit")
    output = arguments.output or arguments.circuit.with_name(f"{name}.svg")
    try:
        output.write_text(circuit.svg(), encoding="utf-8")
    except OSError as error:
        raise LabError(f"can't write {output}: {error.strerror}.") from None
    if arguments.steps:
        print("\n".join([*circuit.needs(), "", *circuit.steps()]))
    findings = circuit.lint()
    for finding in findings:
        print(finding, file=sys.stderr)
    return 1 if findings.errors else 0


def _run(arguments: argparse.Namespace) -> int:
    # Loaded here: `labkit --help` needs no gpiozero.
    from labkit.run import Options, Run

    run = Run(
        arguments.program,
        arguments.words,
        Options(
            seconds=arguments.seconds,
            wall_seconds=arguments.wall_time,
            scenario=arguments.scenario,
            trace=arguments.trace,
            seed=arguments.seed,
            real_time=arguments.real_time,
            strict=arguments.strict,
        ),
    )
    status = run.run()
    sys.stdout.flush()
    if sys.stderr.isatty() if arguments.summary is None else arguments.summary:
        print(f"\n{run.summary()}", end="", file=sys.stderr)
    else:
        for failure in run.failures:
            print(f"labkit run: {failure}", file=sys.stderr)
    return status


def _stop(arguments: argparse.Namespace) -> int:
    from labkit.link.command import stop_all

    answers = stop_all("labkit stop in a terminal")
    for answer in answers:
        print(answer.line, file=sys.stdout if answer.is_stopped else sys.stderr)
    if not answers:
        print("There is no bench to stop.")
    return 0 if all(answer.is_stopped for answer in answers) else 1


def _export(arguments: argparse.Namespace) -> int:
    from labkit.recorded.command import export_runs

    window = arguments.start, arguments.stop
    export_runs(arguments.runs, arguments.to, arguments.output, window, force=arguments.force)
    return 0


def _runs(arguments: argparse.Namespace) -> int:
    from labkit.recorded.command import print_runs

    print_runs(arguments.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
