"""Times of things done side by side, and the table they end in."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Times:
    """Seconds of the runs of one thing."""

    runs: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    def __str__(self) -> str:
        return f"{show(self.median)} [{show(min(self.runs))}–{show(max(self.runs))}]"


def show(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def interleaved(things: Mapping[str, Callable[[], Any]], runs: int, *, warm_up: bool = True) -> dict[str, Times]:
    """Every thing once in turn, `runs` times over, so that a busy moment strikes all alike; once before, unmeasured."""
    for thing in things.values() if warm_up else ():
        thing()
    times = {name: Times() for name in things}
    for _ in range(runs):
        for name, thing in things.items():
            began = time.perf_counter()
            thing()
            times[name].runs.append(time.perf_counter() - began)
    return times


def process(*command: object, refused: bool = False, **environment: str) -> Callable[[], Any]:
    """A function that runs the command to its end, as a process; what it prints is shown only if it fails.

    `refused`: it is to end with 1, and with words in place of a traceback.
    """

    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        words = [str(word) for word in command]
        done = subprocess.run(words, capture_output=True, text=True, env={**usual, **environment})
        if done.returncode != refused or "Traceback" in done.stderr:
            raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stderr[-2000:]}")

    return run


def peak_memory(command: Sequence[object]) -> int:
    """Bytes a process held at most (Linux and macOS)."""
    child = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command} failed")
    return usage.ru_maxrss * (1 if os.uname().sysname == "Darwin" else 1024)


@dataclass(frozen=True)
class Row:
    """One line of the table; `bound` is the largest value that is good enough, None where there is none."""

    what: str
    value: float
    bound: float | None
    unit: str = "×"
    detail: str = ""

    @property
    def missed(self) -> bool:
        return self.bound is not None and self.value > self.bound

    def __str__(self) -> str:
        bound = "" if self.bound is None else f"at most {self.bound:g}{self.unit}"
        verdict = "" if self.bound is None else "MISSED" if self.missed else "ok"
        return f"{self.what:<58} {self.value:>8.3g}{self.unit:<4} {bound:<16} {verdict:<7} {self.detail}"
