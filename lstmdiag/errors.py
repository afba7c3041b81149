"""What can go wrong. Every error says where, what was found, what is allowed and how to mend it.

`str()` of a Problem is one line, as Python shows it under a traceback; `writers.problems` makes text with the line of
the file, JSON, GitHub annotations or HTML of it. Whoever wrote the file that is told of, no message grows with it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

LONGEST = 2_000
"""Characters of a message and of a hint."""
MOST_PROBLEMS = 1_000
"""Problems of one error; nobody mends more at once."""
MOST_NAMES, LONGEST_NAME = 50, 80
"""Names that a message lists, and characters of each."""
MOST_COMPARED = 5_000
"""Names among which one like another is looked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one line of a file; line and column count from 1."""

    path: str
    line: int
    column: int
    length: int = 1
    source: str = ""  # the whole line, for the excerpt under the message


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: what was found, where, and the mend (`hint`) printed under the carets.

    `rows` are lines printed below it. What is no mistake, but has to be told, has another level.
    """

    message: str
    at: Place | None = None
    hint: str = ""
    rows: tuple[str, ...] = ()
    level: Literal["error", "warning", "note"] = "error"

    def __post_init__(self) -> None:
        for name in ("message", "hint"):
            object.__setattr__(self, name, shortened(getattr(self, name), LONGEST))

    @property
    def sentence(self) -> str:
        """The message and its mend, in one line."""
        return f"{self.message}; {self.hint}" if self.hint else self.message

    def __str__(self) -> str:
        """`specs/stacked.yml:7:12: LSTM has no option 'unitz'; did you mean 'units'?`"""
        where = f"{self.at.path}:{self.at.line}:{self.at.column}: " if self.at else ""
        return where + self.sentence


class LstmdiagError(Exception):
    """Something the user can mend. Carries every problem found, not the first one only."""

    exit_code = 1

    def __init__(self, problems: Problem | str | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            problems = Problem(problems)
        found = (problems,) if isinstance(problems, Problem) else tuple(problems)
        assert found, "an error says what is wrong"
        if len(found) > MOST_PROBLEMS:
            found = (*found[:MOST_PROBLEMS], Problem(f"and {len(found) - MOST_PROBLEMS:,} more problems"))
        self.problems: tuple[Problem, ...] = found
        super().__init__("\n".join(map(str, found)))


class UsageError(LstmdiagError):
    """The call cannot mean anything (exit code 2)."""

    exit_code = 2


class EnvironmentLacks(LstmdiagError):
    """The machine lacks something, such as the `dot` program (exit code 3)."""

    exit_code = 3


def understood(error: Exception) -> LstmdiagError:
    """What a user is told of it; a mistake of ours is raised again where LSTMDIAG_DEBUG asks for that."""
    if isinstance(error, LstmdiagError):
        return error
    if isinstance(error, OSError):
        named = f"{error.filename}: " if error.filename else ""
        return LstmdiagError(f"{named}{error.strerror or error}")
    if isinstance(error, ImportError) and (error.name or "").split(".")[0] != "lstmdiag":
        hint = "`lstmdiag doctor` says what is missing"
        return EnvironmentLacks(Problem(f"cannot import {error.name}: {error}", hint=hint))
    if os.environ.get("LSTMDIAG_DEBUG"):
        raise error
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return LstmdiagError(Problem(what, hint="this is a mistake in lstmdiag; LSTMDIAG_DEBUG=1 shows where"))


def nearest(found: str, allowed: Iterable[str]) -> str:
    """`did you mean 'units'?`, or the allowed names where none is close."""
    from difflib import get_close_matches  # what is rightly spelt does without

    names = sorted(allowed)
    by_lower = {name.lower(): name for name in names[:MOST_COMPARED]}
    close = get_close_matches(found.lower()[:LONGEST_NAME], list(by_lower), n=1, cutoff=0.6)
    if close:
        return f"did you mean {by_lower[close[0]]!r}?"
    return f"allowed: {listed(names)}"


def listed(names: Iterable[str]) -> str:
    """`a, b, c`; of many names the first ones, and how many more there are."""
    every = list(names)
    told = ", ".join(shortened(name, LONGEST_NAME) for name in every[:MOST_NAMES])
    return told if len(every) <= MOST_NAMES else f"{told} and {len(every) - MOST_NAMES:,} more"


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and `…`."""
    return text if len(text) <= most else text[: most - 1] + "…"


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """In the order of the file; what has no place comes last."""
    return sorted(problems, key=lambda p: (p.at is None, (p.at.line, p.at.column) if p.at else (0, 0)))
