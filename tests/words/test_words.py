"""The phrases in the files of words: how they are said, and that every one of them is said somewhere."""

import ast
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
from tests.plain_yaml import LOADER, loaded

PACKAGE = Path(lstmdiag.__file__).parent
FILES = sorted((PACKAGE / "words" / LANGUAGE).glob("*.yml"))


def said(phrase: Any, **facts: object) -> str:
    words = Words("test", {"phrase": phrase, "who": "the unit {unit}", "all": {"each": "names", "say": "{it} goes"}})
    return words.say("phrase", SimpleNamespace(**facts))


@pytest.mark.parametrize(
    ("phrase", "facts", "expected"),
    [
        ("{who} reads {names}", {"unit": 1234, "names": ["x", "h", "c"]}, "the unit 1,234 reads x, h and c"),
        ("{steps:step}", {"steps": 1}, "1 step"),
        ("{steps:step}", {"steps": 3000}, "3,000 steps"),
        ("{steps:step}", {"steps": None}, "any number of steps"),
        ("{layer.steps}", {"layer": SimpleNamespace(steps=None)}, "?"),
        ("{names} {names:goes|go} up", {"names": ["h"]}, "h goes up"),
        ("{names} {names:goes|go} up", {"names": ["h", "c"]}, "h and c go up"),
        ("{alone:its one unit|unit by unit}", {"alone": False}, "unit by unit"),
        ({"if": "alone", "say": "one"}, {"alone": False}, ""),
        ({"if": ["alone", "not maps"], "say": "one", "else": "more"}, {"alone": True, "maps": False}, "one"),
        ({"first": [{"if": "alone", "say": "one"}, "more"]}, {"alone": False}, "more"),
        (["a", {"if": "alone", "say": "b"}, "c"], {"alone": False}, "a c"),
        ({"join": "; ", "of": ["a", {"if": "alone", "say": "b"}]}, {"alone": True}, "a; b"),
        ("{names:gate}, {sizes: × }", {"names": ["f", "g"], "sizes": (1000, None)}, "2 gates, 1,000 × ?"),
        ("{all}", {"names": ["h", "c"]}, "h goes and c goes"),
        ([{"each": "names", "say": "{it}"}, "."], {"names": ["h", "c"]}, "h c ."),
        (
            [{"each": "all", "say": "{name} of {n}"}, "c"],
            {"all": [{"name": "a"}, {"name": "b"}], "n": 2},
            "a of 2 b of 2 c",
        ),
    ],
)
def test_phrases(phrase: Any, facts: dict[str, object], expected: str) -> None:
    assert said(phrase, **facts) == expected


def test_a_fact_that_is_missing_is_named() -> None:
    with pytest.raises(KeyError, match=r"words/en/test.yml needs a fact 'steps'"):
        said("{steps:step}")


def test_a_group_has_its_own_phrases_before_those_of_the_file() -> None:
    words = Words("test", {"title": "Costs", "who": "the layer {name}", "memory": {"title": "Memory of {who}"}})
    assert words.group("memory").say("title", name="lstm") == "Memory of the layer lstm"
    assert words.say("title") == "Costs"


BLOCKS = {
    "section", "title", "link", "if", "of", "show", "fold", "class", "list", "contents", "questions", "each", "part",
    *MARKS,
}  # fmt: skip
"""What blocks of a page have: lstmdiag/site/template.py."""

FORMS = ({"if", "say"}, {"if", "say", "else"}, {"first"}, {"join", "of"}, {"each", "say"})


def named(phrases: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every phrase with its name, those in groups too."""
    for name, phrase in phrases.items():
        if isinstance(phrase, dict) and set(phrase) not in FORMS:
            yield name, ""
            yield from named(phrase)
        else:
            yield name, phrase


def pieces(phrase: Any) -> Iterator[tuple[str, bool]]:
    """(a text of the phrase, False), (a condition in it, True)."""
    if isinstance(phrase, str):
        yield phrase, False
    elif isinstance(phrase, list):
        for each in phrase:
            yield from pieces(each)
    else:
        assert set(phrase) in FORMS or set(phrase) <= BLOCKS, phrase
        if "each" in phrase:
            yield phrase["each"], True
        for condition in [phrase["if"]] if isinstance(phrase.get("if"), str) else phrase.get("if", []):
            yield condition.removeprefix("not "), True
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
                found |= {node.value, node.value.partition(":")[0]}  # a table's column is `key:kind`
    return frozenset(found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_phrase_is_said_and_every_fact_is_known(path: Path, written: frozenset[str]) -> None:
    phrases = [*named(loaded(path.read_text(encoding="utf-8")))]
    there = {name for name, _ in phrases}
    names = {name for _, phrase in phrases for name in needed(phrase)}
    assert sorted(there - names - written) == [], "said by no one"
    assert sorted(names - there - written) == [], "a fact that nothing gives"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_words_are_written_once(path: Path) -> None:
    """Of a name that stands twice in one mapping, YAML would take the later one."""
    nodes = [yaml.compose(path.read_text(encoding="utf-8"), LOADER)]
    for node in nodes:
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), keys
            nodes += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value


def test_what_is_no_phrase_is_shown() -> None:
    with pytest.raises(TypeError, match="is no phrase"):
        said({"iff": "alone", "say": "one"})
