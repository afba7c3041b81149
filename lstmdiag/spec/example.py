"""`input:` and `example:`: the shape of one sample, and the numbers of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from math import isinf, isnan
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lstmdiag.errors import nearest
from lstmdiag.layers.kind import Name
from lstmdiag.spec import Example, InputSpec, yaml_nodes
from lstmdiag.spec.checking import checked, found, quoted
from lstmdiag.spec.document import MAX_INPUTS, ExampleSection, ShapedInput, TokenInput, input_form
from lstmdiag.spec.source import Report
from lstmdiag.spec.yaml_nodes import Node, Scalar, plain

LARGEST = 1e30
"""Far beyond any measurement, and its products still fit a float."""


def read_inputs(node: Node, report: Report) -> list[InputSpec]:
    """`inputs:`, a mapping from name to shape."""
    if not isinstance(node, yaml_nodes.Mapping) or not node.items:
        hint = "inputs: {left: {steps: 3, features: 1}, right: {steps: 5, features: 2}}"
        given = "an empty one" if isinstance(node, yaml_nodes.Mapping) else found(node)
        report.add(f"inputs is a mapping from name to shape, found {given}", node.start, node.end, hint)
        return []
    if len(node.items) > MAX_INPUTS:
        report.add(
            f"a model may have {MAX_INPUTS} inputs, this one has {len(node.items):,}", node.start, node.start + 1
        )
        return []
    made = []
    for name, (key, value) in node.items.items():
        try:
            _name().validate_python(name)
        except ValidationError as error:
            reason = error.errors()[0].get("ctx", {}).get("error", "must be text")
            report.add(f"an input's name {reason}", key.start, key.end)
            continue
        made.append(read_input(key, value, report, name, f"inputs.{name}"))
    return [sample for sample in made if sample]


@cache
def _name() -> TypeAdapter[str]:
    """What checks the name of an input, made when a spec first names one."""
    return TypeAdapter(Name)


def read_input(key: Scalar, node: Node, report: Report, name: str = "input", who: str = "input") -> InputSpec | None:
    """One of `inputs:`, or `input:`; `who` is what messages call it."""
    given = plain(node)
    section = checked(input_form(given), given, node, report, who=who, at=key)
    if section is None:
        return None
    if isinstance(section, ShapedInput):
        shape = tuple(section.shape)
    else:
        shape = (section.steps,) if isinstance(section, TokenInput) else (section.steps, section.features)
    at, steps = report.source.place(key.start, key.end), not isinstance(section, ShapedInput)
    return InputSpec(name, shape, at, section.dtype, section.batch, steps)


def read_example(key: Scalar, node: Node, samples: Sequence[InputSpec], report: Report) -> Example | None:
    """`samples` are the inputs it must fit, none where these could not be read."""
    section = checked(ExampleSection, plain(node), node, report, who="example", at=key)
    if section is None:
        return None
    assert isinstance(node, yaml_nodes.Mapping)
    if section.weights is not None and section.seed is not None:
        at, _ = node.items["seed"]
        report.add("example has weights already", at.start, at.end, "a seed is for where there are none")
    if "input" in node.items:
        _, numbers = node.items["input"]
        for sample, given in _each(numbers, samples, report):
            if _all_numbers(given, report) and sample is not None:
                _fits(given, sample, report)
    where: Node = node.items["weights"][1] if section.weights else key
    return Example(section.input, section.weights, section.seed, report.source.place(where.start, where.end))


def _each(node: Node, samples: Sequence[InputSpec], report: Report) -> Iterator[tuple[InputSpec | None, Node]]:
    """Each input with its numbers: a mapping by name where there are several."""
    if len(samples) < 2:
        yield (samples[0] if samples else None), node
        return
    names = ", ".join(sample.name for sample in samples)
    if not isinstance(node, yaml_nodes.Mapping):
        message = f"example.input is a mapping here, for the inputs {names}; found {found(node)}"
        report.add(message, node.start, node.end)
        return
    by_name = {sample.name: sample for sample in samples}
    for name, (key, given) in node.items.items():
        if name not in by_name:
            report.add(f"there is no input {quoted(str(name))}", key.start, key.end, nearest(str(name), by_name))
        else:
            yield by_name[name], given
    for name in by_name:
        if name not in node.items:
            report.add(f"example.input lacks {quoted(name)}", node.start, node.start + 1, f"its inputs are {names}")


def _all_numbers(node: Node, report: Report) -> bool:
    """Lists of lists of numbers; what is none is told at its place."""
    if isinstance(node, yaml_nodes.Sequence):
        results = [_all_numbers(item, report) for item in node.items]  # every one is looked at
        return all(results)
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        if not report.has_problem_at(node.start):
            report.add(f"example.input holds numbers, found {found(node)}", node.start, node.end)
    elif isnan(value) or isinf(value):
        report.add(f"example.input holds finite numbers, found {value}", node.start, node.end)
    elif abs(value) > LARGEST:
        report.add(f"this number is too large for an example, at most {LARGEST:g} is allowed", node.start, node.end)
    else:
        return True
    return False


_AXES = ("steps", "features")


def _fits(node: Node, sample: InputSpec, report: Report, axis: int = 0) -> None:
    """Compare sizes axis by axis; `axis` is how many are settled already."""
    if axis == len(sample.shape):
        if isinstance(node, yaml_nodes.Sequence):
            report.add("a number belongs here, found a list", node.start, node.end, _shape_of(sample))
        elif sample.dtype == "int" and isinstance(node, Scalar) and not _is_token(node.value):
            report.add(f"a token is a whole number from 0, found {node.value}", node.start, node.end)
        return
    name = _AXES[axis] if len(sample.shape) <= len(_AXES) else f"axis {axis + 1}"
    wanted = sample.shape[axis]
    if not isinstance(node, yaml_nodes.Sequence):
        message = f"a list of {name} belongs here, found a number"
        report.add(message, node.start, node.end, _shape_of(sample))
    elif not node.items or (wanted is not None and len(node.items) != wanted):
        message = f"example.input has {len(node.items)} {name} here, input wants {wanted or 'at least 1'}"
        report.add(message, node.start, node.end, _shape_of(sample))
    elif axis + 1 < len(sample.shape) and all(isinstance(item, Scalar) for item in node.items):
        first = plain(node.items[0])
        message = f"at each of the {name} a list belongs, found numbers"
        hint = f"write [[{first}], …]" if sample.shape[1:] == (1,) else _shape_of(sample)
        report.add(message, node.start, node.end, hint)
    else:
        for item in node.items:
            _fits(item, sample, report, axis + 1)


def _is_token(value: Any) -> bool:
    return isinstance(value, int) and value >= 0


def _shape_of(sample: InputSpec) -> str:
    sizes = ", ".join("any" if size is None else str(size) for size in sample.shape)
    return f"input is ({sizes})" if len(sample.shape) > 1 else f"input is ({sizes},)"
