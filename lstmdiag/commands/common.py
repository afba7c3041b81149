"""What commands share: reading specs, gathering failures, writing files whole, progress."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lstmdiag.errors import LstmdiagError, Problem, UsageError, nearest, understood
from lstmdiag.files import write_whole

if TYPE_CHECKING:
    from lstmdiag.comparing import Compared
    from lstmdiag.model import Model

PATH = click.Path(readable=False)  # for completion by the shell; whether it can be read is found by reading
SPECS = click.argument("specs", nargs=-1, required=True, metavar="SPEC...", type=PATH)


class Choice:
    """Some of a few names, or `all`: what an option or an argument that takes commas is made with.

    `every` is called late, so that `--help` imports nothing.
    """

    def __init__(self, what: str, every: Callable[[], Sequence[str]]) -> None:
        self._what, self._every = what, every

    def convert(self, ctx: click.Context, param: click.Parameter, value: str | tuple[str, ...]) -> tuple[str, ...]:
        try:
            return chosen(self._what, (value,) if isinstance(value, str) else value, self._every())
        except UsageError as error:
            raise click.BadParameter(str(error), ctx, param) from None

    def complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        before, comma, start = incomplete.rpartition(",")
        return [before + comma + name for name in (*self._every(), "all") if name.startswith(start)]

    @property
    def settings(self) -> dict[str, Any]:
        return {"callback": self.convert, "shell_complete": self.complete}


def chosen(what: str, values: Sequence[str], every: Sequence[str]) -> tuple[str, ...]:
    """The names in values like `time,cell`, once each, `all` replaced by every one; raises UsageError."""
    names = [name.strip() for value in values for name in value.split(",")]
    for name in names:
        if name != "all" and name not in every:
            raise UsageError(Problem(f"there is no {what} {name!r}", hint=nearest(name, (*every, "all"))))
    return tuple(dict.fromkeys(every if "all" in names else names))


IGNORE_CONFIG = click.option(
    "--ignore-config", is_flag=True, help="Only warn where the file of weights describes another model than the spec."
)


def complain(found: LstmdiagError | Sequence[Problem]) -> None:
    """Every problem of it on stderr."""
    from lstmdiag.writers import problems

    listed = found.problems if isinstance(found, LstmdiagError) else found
    if listed:
        click.echo(problems.write(listed, "text", color=colored(sys.stderr)).rstrip("\n"), err=True, color=True)


def colored(stream: Any) -> bool:
    """NO_COLOR and FORCE_COLOR, then whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


class Failures:
    """Gathers what goes wrong, so that one spec's failure costs no other spec its output."""

    def __init__(self) -> None:
        self.errors: list[LstmdiagError] = []
        self.notes: list[LstmdiagError] = []

    @contextmanager
    def kept(self, *, spare: bool = False) -> Iterator[None]:
        """What goes wrong in it is told at the end; `spare`: as a note, where as much was asked for as there is."""
        try:
            yield
        except BrokenPipeError:
            raise
        except Exception as error:
            found = understood(error)
            (self.notes if spare and isinstance(error, LstmdiagError) else self.errors).append(found)

    @property
    def exit_code(self) -> int:
        return max((error.exit_code for error in self.errors), default=0)

    def end(self) -> None:
        """Tell them all and exit, where there are any."""
        told: set[Problem] = set()  # two views of one spec may say the same
        for note in self.notes:
            told.update(note.problems)
            complain([replace(problem, level="note") for problem in note.problems])
        for error in self.errors:
            fresh = [problem for problem in error.problems if problem not in told]
            told.update(fresh)
            if fresh:
                complain(LstmdiagError(fresh))
        if self.errors:
            sys.exit(self.exit_code)


def models(sources: Sequence[str], failures: Failures) -> list[Model]:
    """Every spec that can be read and resolved; the others are kept as failures."""
    from lstmdiag.binding import load_model

    found = []
    for source in dict.fromkeys(sources):
        with failures.kept():
            found.append(load_model(source))
    return found


def models_and_comparisons(sources: Sequence[str], failures: Failures) -> list[Model | Compared]:
    """The same, with the specs that compare others."""
    from lstmdiag.comparing import load_either

    found = []
    for source in dict.fromkeys(sources):
        with failures.kept():
            found.append(load_either(source))
    return found


def destination(output: str | None, *, one: bool) -> Callable[[str], Path | None]:
    """What -o means: a function from an output's name to its file; None is stdout.

    `one` says there is only one output, which may go to stdout or to a file named in full.
    Raises UsageError where several would share a stream or a file.
    """
    if output is None or output == "-":
        if not one:
            raise UsageError(Problem("several outputs need a folder", hint="-o FOLDER"))
        return lambda name: None
    path = Path(output)
    if path.is_dir() or output.endswith(("/", os.sep)) or not (one or path.suffix or path.exists()):
        return lambda name: path / name
    if one:
        return lambda name: path
    hint = "-o FOLDER" if path.exists() else f"-o {output}/ makes a folder"
    raise UsageError(Problem(f"several outputs need a folder, and {output!r} is a file's name", hint=hint))


def only_once(names: Sequence[str]) -> None:
    """Raises UsageError where two outputs would be one file; on some systems A.svg and a.svg are one."""
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise UsageError(Problem(f"two outputs would be named {name!r}", hint="give the specs different names"))
        seen.add(name.casefold())


def put(target: Path | None, content: bytes) -> None:
    """Into the file, or onto stdout."""
    if target is not None:
        write_whole(target, content)
        return
    if sys.stdout is None:  # `>&-`
        raise LstmdiagError("standard output is closed")
    sys.stdout.buffer.write(content)
    sys.stdout.flush()


class Progress:
    """A bar on stderr, on a terminal only and only once the work has taken a second."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, total, 0
        self._bar: Any = None
        self._timer = threading.Timer(1.0, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._timer.cancel()
        if self._bar is not None:
            self._bar.stop()

    def expect(self, more: int) -> None:
        self._total += more

    def advance(self) -> None:
        self._done += 1
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, total=self._total)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        bar = Bar(*columns, console=Console(stderr=True), transient=True)
        self._task = bar.add_task(self._what, total=self._total, completed=self._done)
        bar.start()
        self._bar = bar
