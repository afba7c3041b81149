"""Tables as text: the six formats, and that whatever stands in a cell is shown and does nothing else."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import markdown
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lstmdiag.diagrams.text import readable
from lstmdiag.errors import UsageError
from lstmdiag.tables import Column, Formula, Table
from lstmdiag.views.tables import NAMES, table
from lstmdiag.writers import plain
from lstmdiag.writers.tables import FORMATS, write
from tests.models import PACKAGED, packaged

COMMON_MARK = pytest.importorskip("markdown_it")


def squeezed(text: str) -> str:
    return " ".join(text.split())


HOSTILE = (
    "=1+1",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a | b",
    "\\",
    "\\|",
    "`tick`",
    "*b* _i_ **b** __i__ ~~s~~ ==m== ++k++ ^^u^^",
    "[link](javascript:alert(1))",
    "![x](http://example.org/x.png)",
    "<http://example.org>",
    "http://example.org",
    "$x^2$",
    r"\input{/etc/passwd} % & # _ ~ ^ { }",
    "&lt; &amp; &#60;",
    "]]>",
    "-->",
    "line\nbreak\r\nand\ttab",
    "\x1b[31mred",
    "\u202egnp.exe",
    "{% raw %} {{ x }}",
    "名前 🙂 é ẽ̃",
    ":smile: @user #1",
    "&",
    "a\u00a0b",
    "# head",
    "- item",
    "1. item",
    "---",
)

TEXTS = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=30), st.text("\\`*_{}[]()<>#+-.!|~$^=:&@/\n ", max_size=12)
)
SEEN = TEXTS.filter(lambda text: bool(squeezed(readable(text))))
FORMULA = Formula("W_f x_t", r"W_{f} \, x_{t}", "<math><mi>W</mi></math>")


def tiny(text: str) -> Table:
    columns = (Column("a", "Name"), Column("b", "Call", "code"), Column("c", "Count", "int"))
    return Table(
        "tiny",
        f"Title: {text}",
        columns,
        ((text, text, 1234567), ("plain", None, None)),
        notes=(text,),
        data={"a": text},
    )


class Seen(HTMLParser):
    """The elements of a fragment, and the text in each table cell, caption and list item."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.attributes: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag in ("td", "th", "caption", "li", "strong"):
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        if self.texts:
            self.texts[-1] += data


@settings(deadline=None)
@given(SEEN)
@example("\ud800")
def test_html_shows_text_as_text(text: str) -> None:
    seen = Seen(write(tiny(text), "html"))
    assert set(seen.tags) == {"table", "caption", "thead", "tbody", "tr", "th", "td", "code", "ul", "li"}
    assert seen.attributes <= {"data-table", "dir", "scope", "class"}
    shown = [squeezed(each) for each in seen.texts]
    assert [shown[4], shown[5], shown[-1]] == [squeezed(readable(text))] * 3
    assert shown[0] == squeezed(f"Title: {readable(text)}")


@settings(deadline=None)
@given(SEEN)
@pytest.mark.parametrize("reader", ["python-markdown", "commonmark"])
def test_markdown_shows_text_as_text(reader: str, text: str) -> None:
    written = write(tiny(text), "md")
    if reader == "python-markdown":
        extensions = [
            "tables",
            "pymdownx.tilde",
            "pymdownx.caret",
            "pymdownx.mark",
            "pymdownx.keys",
            "pymdownx.magiclink",
        ]
        html = markdown.markdown(written, extensions=[*extensions, "md_in_html", "attr_list"])
    else:
        html = COMMON_MARK.MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(written)
    seen = Seen(html)
    right = squeezed(readable(text))
    allowed = {"p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code", "ul", "li"}
    assert set(seen.tags) <= allowed, html
    cells = [squeezed(each) for each in seen.texts]
    assert cells.count(right) >= 3, html  # in its column, as code, in the note
    assert "1,234,567" in cells and f"Title: {right}" in cells


@settings(deadline=None)
@given(TEXTS)
def test_csv_reads_back_and_calculates_nothing(text: str) -> None:
    rows = list(csv.reader(io.StringIO(write(tiny(text), "csv"), newline="")))
    assert rows[0] == ["table", "a", "b", "c"]
    assert rows[1][3] == "1234567" and rows[2] == ["tiny", "plain", "", ""]
    assert rows[1][1].removeprefix("'") == text.removeprefix("'") and rows[1][1] in (text, f"'{text}")
    assert not re.match(r"[=+\-@\t\r]", rows[1][1])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "\r=1", "\n=1"])
def test_a_spreadsheet_gets_an_apostrophe(text: str) -> None:
    rows = list(csv.reader(io.StringIO(write(tiny(text), "csv"), newline="")))
    assert rows[1][1] == f"'{text}"


COMMANDS = re.compile(r"\\(?:[a-zA-Z]+|.)")
OURS = {
    *(
        [
            r"\begin",
            r"\end",
            r"\centering",
            r"\caption",
            r"\toprule",
            r"\midrule",
            r"\bottomrule",
            r"\par",
            r"\smallskip",
            r"\footnotesize",
            r"\texttt",
        ]
    ),
    *(
        [
            r"\textbackslash",
            r"\textasciitilde",
            r"\textasciicircum",
            r"\textless",
            r"\textgreater",
            r"\textbar",
            r"\textquotedbl",
        ]
    ),
    *([r"\textasciigrave", r"\textquotesingle", r"\times", r"\odot", r"\sigma", r"\rightarrow", r"\tilde", r"\sum"]),
    *([r"\\", r"\{", r"\}", r"\$", r"\&", r"\#", r"\%", r"\_"]),
}


@settings(deadline=None)
@given(TEXTS)
def test_latex_runs_nothing_of_a_text(text: str) -> None:
    written = write(tiny(text), "latex")
    assert set(COMMANDS.findall(written)) <= OURS
    bare = COMMANDS.sub("", written)
    assert bare.count("{") == bare.count("}") and bare.count("$") % 2 == 0
    assert not set("#%_^") & set(bare)
    assert "~" not in bare or "\u00a0" in text
    lines = [line for line in written.split("\n") if line.endswith(r"\\")]
    assert all(len(re.findall(r"(?<!\\)&", line)) == 2 for line in lines)
    assert not re.search(r"\\\\\s*[\[*]", written)


@settings(deadline=None)
@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=5))
def test_plain_text_is_aligned(rows: list[list[str]]) -> None:
    columns = tuple(Column(key, key.upper(), kind) for key, kind in (("a", "text"), ("b", "code"), ("c", "text")))
    written = write(Table("tiny", "Title", columns, tuple(map(tuple, rows))), "text")
    lines = written.split("\n")
    assert lines[0] == "Title" and lines[1] == "" and lines[-1] == ""
    rule = lines[3]
    assert set(rule) <= {"─", " "}
    starts = [found.start() for found in re.finditer("─+", rule)]
    for line in lines[4:-1]:
        assert plain.width(line) <= len(rule)
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line)
        at = 0
        for char in line:  # between two columns there is nothing but room
            for start in starts[1:]:
                assert not (start - 2 <= at < start) or char == " " or plain.width(char) == 0
            at += plain.width(char)


@settings(deadline=None)
@given(st.text(max_size=80), st.integers(2, 30))
def test_wrapping_keeps_the_text(text: str, widest: int) -> None:
    lines = plain.wrapped(text, widest)
    assert all(plain.width(line) <= widest for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("name", PACKAGED)
def test_every_table_in_every_format(name: str) -> None:
    for which in NAMES:
        check(table(packaged(name), which))


def check(found: Table) -> None:
    written = {format: write(found, format) for format in FORMATS}
    for format, content in written.items():
        assert content.endswith("\n") and not content.endswith("\n\n"), (found.name, format)
    html = ET.fromstring(f"<div>{written['html']}</div>")
    tables = html.findall("table")
    assert len(tables) == 1 + len(found.parts)
    for each in tables:
        assert each.find("caption") is not None
        for row in each.findall("tbody/tr"):
            assert [cell.tag for cell in row] == ["th", *["td"] * (len(row) - 1)]
            assert row[0].get("scope") == "row"
    rows = list(csv.reader(io.StringIO(written["csv"], newline="")))
    assert len({len(row) for row in rows}) == 1, "one header for all parts"
    assert "\r\n" in written["csv"]
    assert isinstance(json.loads(written["json"]), dict)


def test_formulas_in_each_format() -> None:
    found = Table("tiny", "Title", (Column("a", "A", "formula"),), ((FORMULA,),))
    assert "$W_{f} \\, x_{t}$" in write(found, "latex")
    assert "<math><mi>W</mi></math>" in write(found, "html")
    assert "W_f x_t" in write(found, "text") and "W_f x_t" in write(found, "csv")
    assert r"W\_f x\_t" in write(found, "md")


def test_numbers_and_shapes_in_each_format() -> None:
    columns = (Column("a", "A"), Column("b", "B", "int"), Column("c", "C", "shape"))
    found = Table("tiny", "Title", columns, (("x", 40800, (None, 8)), ("y", None, (100,))), total=("all", 40800, ""))
    assert "40,800" in write(found, "text") and "(?, 8)" in write(found, "text") and "(100,)" in write(found, "text")
    assert 'tiny,x,40800,"(?, 8)"\r\n' in write(found, "csv")
    assert "**40,800**" in write(found, "md") and "| y | – | (100,) |" in write(found, "md")
    assert r"\midrule" + "\nall & 40,800 &  \\\\\n" in write(found, "latex")
    assert "<tfoot>" in write(found, "html")


def test_an_unknown_format_is_told() -> None:
    with pytest.raises(UsageError) as wrong:
        write(tiny("x"), "jsn")
    assert wrong.value.problems[0].hint == "did you mean 'json'?"


def test_parts_of_different_columns_share_one_csv_header(tmp_path: Path) -> None:
    written = write(table(packaged("one-unit"), "params"), "csv")
    rows = list(csv.DictReader(io.StringIO(written, newline="")))
    assert {row["table"] for row in rows} == {"params", "params.weights", "params.arrays"}
    weights = [row for row in rows if row["table"] == "params.weights" and row["tensor"]]
    assert sum(int(row["count"]) for row in weights) == 12
