"""The phrases in the files of words: how they are said, and that every one of them is said somewhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

import lstmdiag
from lstmdiag.site.template import MARKS
from lstmdiag.words import LANGUAGE, Words

PACKAGE = Path(lstmdiag.__file__).parent
FORMS = ({"if", "say"}, {"if", "say", "else"}, {"first"}, {"join", "of"}, {"each", "say"})
BLOCKS = {
    "section", "title", "link", "if", "of", "show", "fold", "class", "list", "contents", "questions", "each", "part",
    *MARKS,
}  # fmt: skip
FILES = sorted((PACKAGE / "words" / LANGUAGE).glob("*.yml"))


def said(phrase: Any, **facts: object) -> str:
    words = Words("test")
    words.__dict__["phrases"] = {"phrase": phrase, "who": "the unit {unit}"}
    return words.say("phrase", SimpleNamespace(**facts))


@pytest.mark.parametrize(
    ("phrase", "facts", "expected"),
    [
        ("{who} reads {names}", {"unit": 1234, "names": ["x", "h", "c"]}, "the unit 1,234 reads x, h and c"),
        ("{steps:step}", {"steps": 1}, "1 step"),
        ("{steps:step}", {"steps": 3000}, "3,000 steps"),
        ("{steps:step}", {"steps": None}, "any number of steps"),
        ("{layer.steps}", {"layer": SimpleNamespace(steps=None)}, "?"),
        ("{alone:its {steps:step}|all}", {"alone": True, "steps": 2}, "its 2 steps"),
        ("{names:gate}, {sizes: × }", {"names": ["f", "i"], "sizes": (3, 5000)}, "2 gates, 3 × 5,000"),
        ("{names} {names:goes|go} up", {"names": ["h"]}, "h goes up"),
        ("{names} {names:goes|go} up", {"names": ["h", "c"]}, "h and c go up"),
        ("{alone:its one unit|unit by unit}", {"alone": False}, "unit by unit"),
        ({"if": "alone", "say": "one"}, {"alone": False}, ""),
        ({"if": ["alone", "not maps"], "say": "one", "else": "more"}, {"alone": True, "maps": False}, "one"),
        ({"first": [{"if": "alone", "say": "one"}, "more"]}, {"alone": False}, "more"),
        (["a", {"if": "alone", "say": "b"}, "c"], {"alone": False}, "a c"),
        ([{"each": "names", "say": "{it} is {size}"}], {"names": ["h", "c"], "size": 3}, "h is 3 c is 3"),
        (
            {"join": "; ", "of": [{"each": "sizes", "say": "{name}: {size}"}]},
            {"sizes": [{"name": "h", "size": 3}], "name": "own facts first"},
            "h: 3",
        ),
        ({"join": "; ", "of": ["a", {"if": "alone", "say": "b"}]}, {"alone": True}, "a; b"),
    ],
)
def test_phrases(phrase: Any, facts: dict[str, object], expected: str) -> None:
    assert said(phrase, **facts) == expected


def test_things_of_which_something_is_said_are_listed() -> None:
    words = Words("test")
    words.__dict__["phrases"] = {"all": "{some} {some:reads|read}", "some": {"each": "names", "say": "the {it}"}}
    assert words.say("all", names=["a", "b", "c"]) == "the a, the b and the c read"


def test_a_fact_that_is_missing_is_named() -> None:
    with pytest.raises(KeyError, match=r"words/en/test.yml needs a fact 'steps'"):
        said("{steps:step}")


def pieces(phrase: Any) -> Iterator[tuple[str, bool]]:
    """(a text of the phrase, False), (a condition in it, True)."""
    if isinstance(phrase, str):
        yield phrase, False
    elif isinstance(phrase, list):
        for each in phrase:
            yield from pieces(each)
    else:
        assert set(phrase) in FORMS or set(phrase) <= BLOCKS, phrase
        for condition in [phrase["if"]] if isinstance(phrase.get("if"), str) else phrase.get("if", []):
            yield condition.removeprefix("not "), True
        if "each" in phrase:
            yield phrase["each"], True
        for key in ("say", "else", "first", "of", "title", "link", "fold", "show", "list"):
            yield from pieces(phrase.get(key, []))


def needed(phrase: Any) -> Iterator[str]:
    """The facts and phrases that a phrase names."""
    for piece, condition in pieces(phrase):
        names = [piece] if condition else [field for _, field, _, _ in Formatter().parse(piece) if field is not None]
        yield from (name.split(".")[0] for name in names)


@pytest.fixture(scope="session")
def written() -> frozenset[str]:
    """Every name and every string in the package's Python."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.keyword | ast.arg):
                found.add(node.arg or "")
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return frozenset(found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_phrase_is_said_and_every_fact_is_known(path: Path, written: frozenset[str]) -> None:
    phrases = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = {name for phrase in phrases.values() for name in needed(phrase)}
    assert sorted(set(phrases) - names - written) == [], "said by no one"
    assert sorted(names - set(phrases) - written) == [], "a fact that nothing gives"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_words_are_written_once(path: Path) -> None:
    keys = re.findall(r"^([a-z_]+):", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(keys) == len(set(keys)), "one phrase twice: the later one would win"
