"""A section's nodes → its pydantic model; what pydantic finds is worded here and set at its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from lstmdiag.errors import nearest
from lstmdiag.layers.kind import option_names, shown_options
from lstmdiag.spec import yaml_nodes
from lstmdiag.spec.source import MAX_PROBLEMS, Report
from lstmdiag.spec.yaml_nodes import Node, Scalar

M = TypeVar("M", bound=BaseModel)

SHOWN = 40
"""How much of a value a message quotes."""


def quoted(text: str) -> str:
    """Text for a message: on one line, not long, nothing in it that a terminal obeys."""
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")


def found(node: Node | None) -> str:
    """What stands there, in the user's own words where it is short."""
    if isinstance(node, yaml_nodes.Sequence):
        return "a list"
    if isinstance(node, yaml_nodes.Mapping):
        return "a mapping"
    value = node.value if isinstance(node, Scalar) else None
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    return str(value).lower() if isinstance(value, bool) else str(value)[:SHOWN]


def checked(
    model: type[M], given: Any, node: Node, report: Report, *, who: str, word: str = "key", at: Node | None = None
) -> M | None:
    """`given` as `model`, or None and every problem in the report.

    `who` is named in messages ("LSTM"), `word` is what its keys are called; what is missing is told at `at`.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        findings: list[Any] = error.errors(include_url=False, include_input=False)[: 2 * MAX_PROBLEMS]
    meant = {
        guess
        for finding in findings
        if finding["type"] == "extra_forbidden"
        and (guess := _meant(str(finding["loc"][-1]), option_names(model))) is not None
    }
    for finding in findings:
        kind, loc = finding["type"], finding["loc"]
        if kind == "extra_forbidden":
            _extra(model, loc, node, report, who, word)
        elif kind == "missing":
            if loc[-1] not in meant:  # else the misspelt key is told already
                place = at or node
                hint = model.model_fields[loc[-1]].description or ""
                report.add(f"{who} needs {loc[-1]!r}", place.start, place.end, hint)
        else:
            place, _ = _find(node, loc)
            if report.has_problem_at(place.start):  # a word that means something else than it seems to
                continue
            report.add(_sentence(finding, loc, place, who), place.start, place.end, _hint(finding, place))
    return None


def _meant(key: str, allowed: Collection[str]) -> str | None:
    hint = nearest(key, allowed)
    return hint.split("'")[1] if hint.startswith("did you mean") else None


def _extra(model: type[BaseModel], loc: tuple[Any, ...], node: Node, report: Report, who: str, word: str) -> None:
    _, key = _find(node, loc)
    at = key or node
    if report.has_problem_at(at.start):
        return
    name = str(loc[-1])
    hint = nearest(name, option_names(model))
    if not hint.startswith("did you mean"):
        hint = "allowed: " + ", ".join(shown_options(model))
    report.add(f"{who} has no {word} {quoted(name)}", at.start, at.end, hint)


def _find(node: Node, loc: tuple[Any, ...]) -> tuple[Node, Node | None]:
    """The node that pydantic's `loc` leads to, and its key; as near as there are nodes."""
    key: Node | None = None
    for step in loc:
        if step == "[key]":
            return key or node, key
        if isinstance(node, yaml_nodes.Mapping) and step in node.items:
            key, node = node.items[step]
        elif isinstance(node, yaml_nodes.Sequence) and isinstance(step, int) and step < len(node.items):
            key, node = None, node.items[step]
        elif isinstance(node, yaml_nodes.Sequence):  # a list of names that stands for a mapping
            named = (item for item in node.items if isinstance(item, Scalar) and item.value == step)
            key, node = None, next(named, node)
    return node, key


_EXPECTED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "int_type": lambda _: "a whole number",
    "int_from_float": lambda _: "a whole number",
    "float_type": lambda _: "a number",
    "finite_number": lambda _: "a finite number",
    "greater_than_equal": lambda limits: (
        f"at least {limits['ge']:,g}" if isinstance(limits["ge"], float) else f"at least {limits['ge']:,}"
    ),
    "less_than_equal": lambda limits: f"at most {limits['le']:,}",
    "less_than": lambda limits: f"less than {limits['lt']:g}",
    "string_type": lambda _: "text",
    "string_too_short": lambda limits: f"at least {limits['min_length']} long",
    "string_too_long": lambda limits: f"at most {limits['max_length']:,} characters long",
    "bool_type": lambda _: "true or false",
    "list_type": lambda _: "a list",
    "tuple_type": lambda _: "a list",
    "dict_type": lambda _: "a mapping",
    "model_type": lambda _: "a mapping",
    "literal_error": lambda _: "text",
}
"""pydantic's type of error → what is allowed there, after "must be"."""


def _sentence(finding: Mapping[str, Any], loc: tuple[Any, ...], node: Node, who: str) -> str:
    subject = f"{who}'s {_dotted(loc)}" if loc else who
    if loc and loc[-1] == "[key]":
        subject = quoted(str(loc[-2]))
    if finding["type"] in ("too_short", "too_long"):
        return f"{subject} must hold {_limit(finding['ctx'])}"
    if finding["type"] == "value_error":
        return f"{subject} {finding['ctx']['error']}"
    if finding["type"] == "literal_error" and isinstance(node, Scalar) and isinstance(node.value, str):
        return f"{subject} cannot be {quoted(node.value)}"
    expected = _EXPECTED.get(finding["type"])
    if expected is None:
        return f"{subject}: {finding['msg']}"
    return f"{subject} must be {expected(finding.get('ctx', {}))}, found {found(node)}"


_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")


def _limit(context: Mapping[str, Any]) -> str:
    limit = f"at least {context['min_length']}" if "min_length" in context else f"at most {context['max_length']:,}"
    return f"{limit}, found {context['actual_length'] or 'more'}" if "max_length" in context else limit


def _dotted(loc: tuple[Any, ...]) -> str:
    """("state", "h", 0) → state.h[0]."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).removeprefix(".")


def _hint(finding: Mapping[str, Any], node: Node) -> str:
    value = node.value if isinstance(node, Scalar) else None
    if finding["type"] == "list_type" and isinstance(node, yaml_nodes.Mapping):
        return "start each entry with '- '"
    if finding["type"] == "literal_error":
        return nearest(value if isinstance(value, str) else "", re.findall(r"'([^']*)'", finding["ctx"]["expected"]))
    if finding["type"] in ("int_type", "float_type") and isinstance(value, str) and _NUMBER.fullmatch(value):
        return f"write {value} without quotes"
    if finding["type"] == "int_type" and isinstance(value, float) and value.is_integer():
        return f"write {int(value)}"
    if finding["type"] == "string_type" and value is not None:
        return "write it in quotes"
    if finding["type"] == "bool_type" and value in ("true", "false", "True", "False"):
        return f"write {str(value).lower()} without quotes"
    return ""
