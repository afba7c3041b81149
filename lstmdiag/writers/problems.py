"""Problems → text, JSON, GitHub annotations or HTML.

Problems quote files that anyone may have written: what a terminal or a page would obey is shown, not sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from html import escape

from lstmdiag.errors import LstmdiagError, Place, Problem, nearest
from lstmdiag.writers.plain import width

WIDTH = 110
"""Longer source lines are cut to the stretch around the problem."""

_RED, _BOLD, _DIM, _RESET = "\x1b[31m", "\x1b[1m", "\x1b[2m", "\x1b[0m"


def write(problems: Iterable[Problem], format: str = "text", *, color: bool = False) -> str:
    """The problems in one of FORMATS, ending in a newline. `color` is for text on a terminal.

    Raises LstmdiagError where the format is not known.
    """
    if format not in FORMATS:
        raise LstmdiagError(Problem(f"there is no format {format!r} for problems", hint=nearest(format, FORMATS)))
    if format == "text" and color:
        return "".join(_text(problem, color=True) for problem in problems)
    return FORMATS[format](problems)


def _shown(text: str, kept: str = "") -> str:
    """Text without characters that are not there to be seen; each becomes one that is, so columns stay."""
    return "".join(
        c if c.isprintable() or c in kept else " " if c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def _where(at: Place) -> str:
    return f"{_shown(at.path)}:{at.line}:{at.column}"


def _excerpt(at: Place) -> tuple[str, str, str]:
    """The source line as far as it is shown: before the problem, the problem, after it."""
    start, stop = at.column - 1, at.column - 1 + at.length
    before, found, after = at.source[:start], at.source[start:stop], at.source[stop:]
    if len(at.source) > WIDTH:
        found = found if len(found) <= WIDTH // 2 else found[: WIDTH // 2] + "…"
        room = (WIDTH - len(found)) // 2
        before = before if len(before) <= room else "…" + before[-room:]
        after = after if len(after) <= room else after[:room] + "…"
    return _shown(before), _shown(found), _shown(after)


def _text(problem: Problem, *, color: bool = False) -> str:
    """The first line can be clicked on in editors; then the source line, carets and the hint."""
    red, bold, dim, reset = (_RED, _BOLD, _DIM, _RESET) if color else ("", "", "", "")
    message, hint = _shown(problem.message), _shown(problem.hint)
    head = f"{red}{problem.level}:{reset} {bold}{message}{reset}\n"
    rows = "".join(f"    {_shown(row)}\n" for row in problem.rows)
    if problem.at is None:
        return head + rows + (f"    {hint}\n" if hint else "")
    head = f"{bold}{_where(problem.at)}:{reset} {head}"
    if not problem.at.source.strip():
        return head + rows + (f"    {hint}\n" if hint else "")
    before, found, after = _excerpt(problem.at)
    number = f"{problem.at.line:>5}"
    carets = "^" * max(width(found), 1)
    under = " " * width(before) + f"{red}{carets}{reset} {hint}"
    return (
        f"{head}{dim}{number} |{reset} {before}{found}{after}".rstrip()
        + f"\n{dim}{' ' * len(number)} |{reset} {under}".rstrip()
        + f"\n{rows}"
    )


def _as_text(problems: Iterable[Problem]) -> str:
    return "".join(_text(problem) for problem in problems)


def _as_json(problems: Iterable[Problem]) -> str:
    """`{"problems": [{"message", "hint", "path", "line", "column", "length"}]}`; no place, no last four.

    "rows" are there where it has some.
    """
    rows = []
    for problem in problems:
        row: dict[str, str | int | list[str]] = {"message": problem.message, "hint": problem.hint}
        if problem.at:
            at = problem.at
            row |= {"path": at.path, "line": at.line, "column": at.column, "length": at.length}
        if problem.rows:
            row["rows"] = [*problem.rows]
        rows.append(row)
    return json.dumps({"problems": rows}, ensure_ascii=False, indent=2) + "\n"


def _as_github(problems: Iterable[Problem]) -> str:
    """Workflow commands, one line each: GitHub shows them at the line of the file."""
    lines = []
    for problem in problems:
        where = ""
        if problem.at:
            at = problem.at
            end = at.column + at.length
            where = f" file={_property(at.path)},line={at.line},col={at.column},endColumn={end}"
        level = {"note": "notice"}.get(problem.level, problem.level)
        lines.append(f"::{level}{where}::{_data(chr(10).join([problem.sentence, *problem.rows]))}\n")
    return "".join(lines)


def _data(text: str) -> str:
    return _shown(text, "\r\n").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _as_html(problems: Iterable[Problem]) -> str:
    """A list for a page, the same facts as the text; every word of the user's escaped."""
    items = []
    for problem in problems:
        message, hint = escape(_shown(problem.message)), escape(_shown(problem.hint))
        where = f"<code>{escape(_where(problem.at))}</code> " if problem.at else ""
        item = f"<p>{where}{message}</p>"
        if problem.at and problem.at.source.strip():
            before, found, after = map(escape, _excerpt(problem.at))
            item += f"<pre><code>{before}<mark>{found or ' '}</mark>{after}</code></pre>"
        if problem.rows:
            item += f"<pre>{chr(10).join(escape(_shown(row)) for row in problem.rows)}</pre>"
        if hint:
            item += f"<p>{hint}</p>"
        items.append(f"<li>{item}</li>")
    return f"<ul>{''.join(items)}</ul>\n"


FORMATS: Mapping[str, Callable[[Iterable[Problem]], str]] = {
    "text": _as_text,
    "json": _as_json,
    "github": _as_github,
    "html": _as_html,
}
