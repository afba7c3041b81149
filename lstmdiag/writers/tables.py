"""Table → text, one function per format. Whatever stands in a cell is shown as text and can do nothing else."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from html import escape

from lstmdiag.diagrams.text import readable
from lstmdiag.errors import Problem, UsageError, nearest
from lstmdiag.tables import Cell, Column, Formula, Table
from lstmdiag.writers import plain

_NONE = "–"


@lru_cache(maxsize=1 << 15)  # in a table of many layers most cells come again
def shown(cell: Cell) -> str:
    """A cell as plain text: 40,800; (3, 100); ? for a size not known."""
    if isinstance(cell, str):
        return readable(cell)
    if cell is None:
        return _NONE
    if isinstance(cell, Formula):
        return cell.text
    if isinstance(cell, int):
        return f"{cell:,}"
    sizes = ", ".join("?" if size is None else str(size) for size in cell)
    return f"({sizes},)" if len(cell) == 1 else f"({sizes})"


def _whole(table: Table) -> tuple[Table, ...]:
    """The table and the parts under it."""
    return (table, *(part for inner in table.parts for part in _whole(inner)))


def _last(part: Table) -> Table | None:
    """The total as a table of one row, its first cell in words."""
    if part.total is None:
        return None
    columns = tuple(replace(column, kind="text") if column.kind == "code" else column for column in part.columns)
    return replace(part, columns=columns, rows=(part.total,))


def write_text(table: Table) -> str:
    """Aligned columns; cells of prose wrap."""
    blocks = []
    for part in _whole(table):
        rows, total = (
            [[shown(cell) for cell in row] for row in body.rows] if body else [] for body in (part, _last(part))
        )
        right = [column.kind == "int" for column in part.columns]
        lines = plain.table([column.title for column in part.columns], rows, total, right)
        notes = [line for note in part.notes for line in _note(readable(note))]
        blocks.append("\n".join([readable(part.title), "", *lines, *(["", *notes] if notes else [])]))
    return "\n\n\n".join(blocks) + "\n"


def _note(text: str) -> list[str]:
    first, *others = plain.wrapped(text, 100)
    return [f"* {first}", *(f"  {line}" for line in others)]


# Markdown: every dialect's signs, the rarer ones as entities, which no dialect reads as a sign

_BLOCK = re.compile(r"^\s*(?:[-+=:]|\d+[.)])")
_BACKSLASH = re.compile(r"[*_\[\]]")
_ENTITY = re.compile(r"[\\`{}#&<>|~$^@]|=(?==)|\+(?=\+)|:(?=//|[\w+-]+:)|(?<=www)\.")


@lru_cache(maxsize=4096)
def _md(text: str) -> str:
    entities = _ENTITY.sub(lambda found: f"&#{ord(found[0])};", readable(text).strip())
    return _BACKSLASH.sub(lambda found: f"\\{found[0]}", entities)


def _md_line(text: str) -> str:
    """A line of its own, which must not begin like a list or a rule."""
    return _BLOCK.sub(lambda found: f"{found[0][:-1]}&#{ord(found[0][-1])};", _md(text))


def _md_cell(cell: Cell, column: Column) -> str:
    text = _md(shown(cell))
    return f"<code>{text}</code>" if isinstance(cell, str) and cell and column.kind == "code" else text


def write_md(table: Table) -> str:
    """Pipe tables, as GitHub, MkDocs and most others read them."""
    blocks = []
    for part in _whole(table):
        rule = ["---:" if column.kind == "int" else "---" for column in part.columns]
        rows = [[_md_cell(cell, column) for cell, column in zip(row, part.columns, strict=True)] for row in part.rows]
        if last := _last(part):
            rows.append([f"**{_md(shown(cell))}**" if cell != "" else "" for cell in last.rows[0]])
        lines = [f"**{_md(part.title)}**", "", _pipes([_md(column.title) for column in part.columns]), _pipes(rule)]
        lines += [_pipes(row) for row in rows]
        notes = [f"- {_md_line(note)}" for note in part.notes]
        blocks.append("\n".join([*lines, *(["", *notes] if notes else [])]))
    return "\n\n".join(blocks) + "\n"


def _pipes(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


# CSV


def write_csv(table: Table) -> str:
    """RFC 4180, one header: with parts, the union of their columns and a first one that names the part.

    Numbers have no thousands separators. Text that a spreadsheet would calculate gets an apostrophe in
    front, the mark by which spreadsheets know text; exact text is in JSON.
    """
    parts = _whole(table)
    keys = list(dict.fromkeys(column.key for part in parts for column in part.columns))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(["table", *keys])
    for part in parts:
        for row in (*part.rows, *([part.total] if part.total else [])):
            cells = {column.key: _csv(cell) for column, cell in zip(part.columns, row, strict=True)}
            writer.writerow([part.name, *(cells.get(key, "") for key in keys)])
    return file.getvalue()


_CALCULATED = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def _csv(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, int):
        return str(cell)
    text = cell if isinstance(cell, str) else shown(cell)
    return f"'{text}" if _CALCULATED.match(text) else text


# LaTeX

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}", "'": r"\textquotesingle{}",
    "[": "{[}", "*": "{*}", "--": "-{}-",  # after \\, [ and * would be read as its argument
    "–": "--", "—": "---", "−": "$-$", "×": r"$\times$", "⊙": r"$\odot$", "σ": r"$\sigma$", "→": r"$\rightarrow$",
    "c̃": r"$\tilde{c}$", "C̃": r"$\tilde{C}$", "Σ": r"$\sum$", "\u00a0": "~",
}  # fmt: skip
_LATEX_SIGN = re.compile("|".join(re.escape(sign) for sign in sorted(_LATEX, key=len, reverse=True)))


@lru_cache(maxsize=4096)
def _latex(text: str) -> str:
    return _LATEX_SIGN.sub(lambda found: _LATEX[found[0]], readable(text))


def _latex_cell(cell: Cell, column: Column) -> str:
    if isinstance(cell, Formula):
        return f"${cell.latex}$"
    if isinstance(cell, str) and cell and column.kind == "code":
        return rf"\texttt{{{_latex(cell)}}}"
    return _latex(shown(cell))


def write_latex(table: Table) -> str:
    """Floats with a booktabs tabular; needs the packages booktabs, amsmath and textcomp."""
    blocks = []
    for part in _whole(table):
        heads = " & ".join(_latex(column.title) for column in part.columns)
        form = "".join("r" if column.kind == "int" else "l" for column in part.columns)
        body = [_latex_row(row, part) for row in part.rows]
        last = _last(part)
        total = [r"\midrule", _latex_row(last.rows[0], last)] if last else []
        notes = [rf"\par\smallskip{{\footnotesize {_latex(note)}\par}}" for note in part.notes]
        lines = [
            *(r"\begin{table}", r"\centering", rf"\caption{{{_latex(part.title)}}}"),
            *(rf"\begin{{tabular}}{{{form}}}", r"\toprule", rf"{heads} \\", r"\midrule"),
            *(*body, *total, r"\bottomrule", r"\end{tabular}", *notes, r"\end{table}"),
        ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _latex_row(row: tuple[Cell, ...], part: Table) -> str:
    cells = [_latex_cell(cell, column) for cell, column in zip(row, part.columns, strict=True)]
    return " & ".join(cells) + r" \\"


# HTML


def write_html(table: Table) -> str:
    """A fragment: <table>s with caption, header cells with their scope, formulas as MathML."""
    return "\n".join(_html_table(part) for part in _whole(table)) + "\n"


def _html_table(part: Table) -> str:
    heads = "".join(
        f'<th scope="col"{_html_class(column)}>{escape(column.title)}</th>' if column.title else "<td></td>"
        for column in part.columns
    )
    body = "\n".join(_html_row(row, part) for row in part.rows)
    last = _last(part)
    lines = [
        f'<table data-table="{escape(part.name)}">',
        f'<caption dir="auto">{escape(readable(part.title))}</caption>',
        f"<thead><tr>{heads}</tr></thead>",
        f"<tbody>\n{body}\n</tbody>",
        *([f"<tfoot>{_html_row(last.rows[0], last)}</tfoot>"] if last else []),
        "</table>",
    ]
    if part.notes:
        notes = "".join(f"<li>{escape(readable(note))}</li>" for note in part.notes)
        lines.append(f'<ul class="ld-notes">{notes}</ul>')
    return "\n".join(lines)


def _html_class(column: Column) -> str:
    return ' class="ld-number"' if column.kind == "int" else ""


def _html_row(row: tuple[Cell, ...], part: Table) -> str:
    """The first cell heads the row."""
    (name, first), *rest = zip(row, part.columns, strict=True)
    cells = [f'<th scope="row" dir="auto">{_html_cell(name, first)}</th>']
    cells += [f'<td dir="auto"{_html_class(column)}>{_html_cell(cell, column)}</td>' for cell, column in rest]
    return f"<tr>{''.join(cells)}</tr>"


def _html_cell(cell: Cell, column: Column) -> str:
    if isinstance(cell, Formula):
        return cell.mathml
    text = escape(shown(cell))
    return f"<code>{text}</code>" if isinstance(cell, str) and cell and column.kind == "code" else text


def write_json(table: Table) -> str:
    """The table's data, exact."""
    return json.dumps(table.data, ensure_ascii=False, indent=2) + "\n"


FORMATS: Mapping[str, Callable[[Table], str]] = {
    "text": write_text,
    "md": write_md,
    "csv": write_csv,
    "latex": write_latex,
    "json": write_json,
    "html": write_html,
}


def write(table: Table, format: str) -> str:
    """The table in one of FORMATS, ending in a newline. Raises UsageError for any other."""
    if format not in FORMATS:
        raise UsageError(Problem(f"there is no table format {format!r}", hint=nearest(format, FORMATS)))
    return FORMATS[format](table)
