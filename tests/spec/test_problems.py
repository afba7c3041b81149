"""Problems as text, JSON, GitHub annotations and HTML."""

import json

import pytest
import yaml

from lstmdiag.errors import LstmdiagError, Place, Problem
from lstmdiag.spec import yaml_nodes
from lstmdiag.spec.source import Report, decode
from lstmdiag.writers.problems import WIDTH, write

LINE = "  - LSTM: {unitz: 128}"
PROBLEM = Problem("LSTM has no option 'unitz'", Place("specs/a.yml", 7, 12, 5, LINE), "did you mean 'units'?")
HOSTILE = Problem(
    "a\x1b[31m</pre><script>alert(1)</script>\n::error::b",
    Place("x,y:%\n.yml", 1, 3, 4, "\x1b[2J<script>alert(1)</script> & \u202e"),
    "<b>\x07</b>",
)


def test_text() -> None:
    assert write([PROBLEM]) == (
        "specs/a.yml:7:12: error: LSTM has no option 'unitz'\n"
        "    7 |   - LSTM: {unitz: 128}\n"
        "      |            ^^^^^ did you mean 'units'?\n"
    )


def test_text_without_a_place() -> None:
    assert write([Problem("no such file", hint="look again")]) == "error: no such file\n    look again\n"


def test_color_changes_nothing_but_the_color() -> None:
    colored = write([PROBLEM], color=True)
    assert "\x1b[31m^^^^^\x1b[0m" in colored
    for code in ("\x1b[31m", "\x1b[1m", "\x1b[2m", "\x1b[0m"):
        colored = colored.replace(code, "")
    assert colored == write([PROBLEM])


def test_carets_stand_under_wide_characters() -> None:
    line = "日本\te\u0301: x"
    *_, excerpt, carets = write([Problem("m", Place("p", 1, 7, 1, line))]).splitlines()
    assert excerpt == "    1 | 日本 e\u0301: x"  # 2 + 2 + tab + é in one column + ": "
    assert carets == "      | " + " " * 7 + "^"


@pytest.mark.parametrize("column", [1, 500, 999, 1000])
def test_long_lines_are_cut_around_the_problem(column: int) -> None:
    line = "".join(chr(ord("a") + n % 26) for n in range(1000))
    _, excerpt, carets = write([Problem("m", Place("p", 1, column, 3, line))]).splitlines()
    assert len(excerpt) < WIDTH + 20
    assert excerpt[carets.index("^") :].startswith(line[column - 1 : column + 2])


def test_a_long_problem_is_cut() -> None:
    text = write([Problem("m", Place("p", 1, 1, 5000, "x" * 5000))])
    assert max(map(len, text.splitlines())) < WIDTH + 20


def test_json() -> None:
    place = {"path": "specs/a.yml", "line": 7, "column": 12, "length": 5}
    assert json.loads(write([PROBLEM, Problem("b")], "json")) == {
        "problems": [{"message": PROBLEM.message, "hint": PROBLEM.hint, **place}, {"message": "b", "hint": ""}]
    }
    assert json.loads(write([], "json")) == {"problems": []}


def test_github() -> None:
    assert write([PROBLEM, Problem("50 %\nof it")], "github") == (
        "::error file=specs/a.yml,line=7,col=12,endColumn=17::LSTM has no option 'unitz'; did you mean 'units'?\n"
        "::error::50 %25%0Aof it\n"
    )


def test_html() -> None:
    assert write([PROBLEM], "html") == (
        "<ul><li><p><code>specs/a.yml:7:12</code> LSTM has no option &#x27;unitz&#x27;</p>"
        "<pre><code>  - LSTM: {<mark>unitz</mark>: 128}</code></pre>"
        "<p>did you mean &#x27;units&#x27;?</p></li></ul>\n"
    )


@pytest.mark.parametrize("color", [False, True])
def test_a_terminal_obeys_nothing_quoted(color: bool) -> None:
    text = write([HOSTILE], color=color)
    for code in ("\x1b[31m", "\x1b[1m", "\x1b[2m", "\x1b[0m"):
        text = text.replace(code, "") if color else text
    assert all(character.isprintable() or character == "\n" for character in text)
    assert not any(line.startswith("::") for line in text.splitlines())


def test_github_obeys_nothing_quoted() -> None:
    text = write([HOSTILE], "github")
    assert text.count("\n") == 1
    assert text.startswith("::error file=x%2Cy%3A%25%0A.yml,line=1,")


def test_a_page_executes_nothing_quoted() -> None:
    html = write([HOSTILE], "html")
    assert "<script" not in html
    assert "<b>" not in html
    assert html.count("<pre>") == html.count("</pre>") == 1


def test_unknown_format() -> None:
    with pytest.raises(LstmdiagError):
        write([PROBLEM], "xml")


def test_rows_and_levels() -> None:
    rows = Problem("two lists", hint="look", rows=("here  there", "a     \x1b[31mb\n::error::c"), level="warning")
    assert write([rows]) == (
        "warning: two lists\n    here  there\n"
        "    a     \N{REPLACEMENT CHARACTER}[31mb\N{REPLACEMENT CHARACTER}::error::c\n"
        "    look\n"
    )
    assert json.loads(write([rows], "json"))["problems"][0]["rows"] == [*rows.rows]
    assert write([rows], "github").splitlines() == [
        "::warning::two lists; look%0Ahere  there%0Aa     \N{REPLACEMENT CHARACTER}[31mb%0A::error::c"
    ]
    assert "<pre>here  there\na     " in write([rows], "html")
    placed = Problem("m", PROBLEM.at, rows=("a row",))
    assert write([placed]).splitlines()[-1] == "    a row"


BEHIND = {
    "beyond the BMP": '{"𝒳🙂": 1, on: 2}',
    "wide characters": '{"日本": 1, on: 2}',
    "a letter and its accent": '{"e\u0301": 1, on: 2}',
    "a tab": '{"a\tb": 1, on: 2}',
    "nothing": "{on: 2}",
}


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("line", BEHIND.values(), ids=BEHIND)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["no BOM", "BOM"])
def test_columns_are_exact(loader: str, end: str, line: str, mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of libyaml's parser and of PyYAML's own, behind characters of any width and on lines of any end."""
    if not hasattr(yaml, loader):
        pytest.skip("PyYAML was built without libyaml")
    monkeypatch.setattr(yaml_nodes, "_Loader", getattr(yaml, loader))
    report = Report(decode(f"{mark}title: 🙂{end}input: {line}{end}".encode(), "spec.yml"))
    yaml_nodes.parse(report)
    surprise = next(problem.at for problem in report.problems if problem.message == "YAML reads on as true")
    assert surprise == Place("spec.yml", 2, f"input: {line}".index("on:") + 1, 2, f"input: {line}")
