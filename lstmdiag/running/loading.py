"""Weights from files, by the rows of the frameworks' tables: which stored array holds which weights, and how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from lstmdiag.cells.numbers import Array
from lstmdiag.errors import LstmdiagError, Problem, in_order, listed
from lstmdiag.frameworks import FRAMEWORKS, arrays, row_of, unstored
from lstmdiag.frameworks.containers import opened
from lstmdiag.frameworks.file_contents import FileArray, FileContents, Group
from lstmdiag.frameworks.onnx_file import merged
from lstmdiag.frameworks.onnx_nodes import OPTIONS
from lstmdiag.frameworks.onnx_unrolled import check
from lstmdiag.frameworks.storage import StoredArray
from lstmdiag.frameworks.values import weights_in_array
from lstmdiag.layer import show_shape
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.running import graph_agreement, initial
from lstmdiag.running.config_agreement import Agreement, agreement
from lstmdiag.running.fitting import fitting, renamed
from lstmdiag.running.pairing import Pairs, Target, kinds_of_key, of_targets, paired, renaming, side_by_side


def load(
    model: Model, path: Path, *, ignore_config: bool = False, notes: list[Problem] | None = None
) -> dict[str, Array]:
    """Every weight by name, as the equations have it: `encoder.W_i` (units, features), float64.

    What the file says of its layers has to agree with the model, else that is an error at the spec's line; a warning
    with `ignore_config`. Warnings, and what else is worth to know, are added to `notes`.
    Raises LstmdiagError with all that does not agree or fit, weight by weight.
    """
    shapes = initial.shapes(model)
    aside: list[Problem] = []
    try:
        numbers = sum(map(prod, shapes.values()))
        with opened(path, numbers) as contents, np.errstate(all="ignore"):  # what is not finite is told
            flat = renamed(model, contents.flat or {})
            grouped = contents if contents.flat is None else _by_layer(flat)
            if grouped is None or flat.keys() & shapes.keys():
                found = {name: _checked(held, shapes.get(name)) for name, held in flat.items()}
            else:
                found = _from_groups(model, grouped, ignore_config, aside)
            made = fitting(model, found)
    except LstmdiagError as error:
        raise type(error)(_of(path, error.problems)) from None
    if notes is not None:
        notes += _of(path, aside)
    return made


def _of(path: Path, problems: Iterable[Problem]) -> list[Problem]:
    """With the name of the file."""
    return [
        each if path.name in each.message else replace(each, message=f"{path.name}: {each.message}")
        for each in problems
    ]


def _checked(held: FileArray, shape: tuple[int, ...] | None) -> Any:
    """The numbers, if they have the right shape; else something of the shape they have, and nothing is read."""
    return held.read() if held.shape == shape else np.broadcast_to(np.zeros(()), held.shape)


def _by_layer(flat: Mapping[str, FileArray]) -> FileContents | None:
    """Arrays by layer, where a framework calls them so."""
    for framework in FRAMEWORKS.values():
        groups = framework.groups(flat) if framework.groups else ()
        if groups:
            return FileContents(framework.key, groups=groups)
    return None


def _targets(model: Model, framework: str) -> tuple[list[Target], list[Problem]]:
    targets, problems = [], []
    for layer in model.layers:
        within = layer.unwrapped
        stored = arrays(layer, framework)
        if stored is None:
            title, row = FRAMEWORKS[framework].title, row_of(layer, framework)
            what = f"{layer.name!r}, a {within.kind}"
            message = f"{title} has no convention for {what}"
            if within.innermost.kind in KINDS and not (row and row.lacking):
                message = f"lstmdiag does not know how {title} stores {what}"
            problems.append(Problem(message, layer.at,
                                    "give its weights as an .npz with names such as "
                                    f"{within.name}.{within.weights[0].name}"))  # fmt: skip
        elif stored:
            targets.append(Target(layer, within, stored))
    return targets, problems


def _from_groups(model: Model, contents: FileContents, ignore_config: bool, notes: list[Problem]) -> dict[str, Array]:
    targets, problems = _targets(model, contents.framework)
    if problems:
        raise LstmdiagError(problems)
    groups = tuple(replace(each, kinds=each.kinds or kinds_of_key(each.key)) for each in contents.groups)
    contents = replace(contents, groups=groups)
    if contents.graph is not None:
        check(contents.graph, sum(layer.recurrent and not layer.shared for layer in model.layers))
        if len(contents.groups) > len(targets) and any(layer.shared for layer in model.layers):
            contents = replace(contents, groups=merged(contents.groups))
    agreed = agreement(model, contents.config, contents.version) if contents.config else None
    differences = [] if agreed is None else _disagreeing(agreed, targets, contents)
    if differences and not ignore_config:  # what does not fit follows from them
        raise LstmdiagError(_with_the_way_out(differences))
    pairs = paired(model, targets, contents, *((agreed.names, agreed.keys) if agreed else ()))
    found: dict[str, Array] = {}
    unlike: set[str] = set()
    for target, group in pairs:
        other = [*_unlike(target, contents.framework), *_differing(target, group)]
        unlike |= {target.layer.name} if other else set()
        differences += other
        shapes = {weight.name: weight.shape for weight in target.inner.weights}
        for held, stored in _arrays(target, group, contents.framework, problems):
            for name, part in weights_in_array(stored, np.asarray(held.read(), dtype=float), shapes):
                whole = f"{target.inner.name}.{name}"
                found[whole] = found[whole] + part if whole in found else part
    if contents.graph is not None and not problems:
        nodes = _nodes(model, pairs)
        differences += graph_agreement.differences(model, contents.graph, nodes, found, frozenset(unlike))
    if problems or (differences and not ignore_config):
        raise LstmdiagError(in_order(problems) + ([] if ignore_config else _with_the_way_out(differences)))
    notes += [replace(each, level="warning") for each in in_order(differences)]
    notes += filter(None, [renaming(pairs, agreed.names if agreed else None)])
    return found


def _nodes(model: Model, pairs: Pairs) -> dict[str, Any]:
    """Of an ONNX graph, each layer's node; of weights that are used again, one for each use."""
    found: dict[str, Any] = {}
    for target, group in pairs:
        again = [layer.name for layer in model.layers if layer.shared == target.layer.name]
        found |= dict(zip([target.layer.name, *again], group.nodes, strict=False))
    return found


def _with_the_way_out(differences: Sequence[Problem]) -> list[Problem]:
    """In the order of the file; the last one says how to go on all the same."""
    if not differences:
        return []
    *others, last = in_order(differences)
    way = "" if "--ignore-config" in last.hint else "--ignore-config only warns"
    return [*others, replace(last, hint="; ".join(filter(None, (last.hint, way))))]


def _disagreeing(agreed: Agreement, targets: Sequence[Target], contents: FileContents) -> list[Problem]:
    """Where the file's own description is not the model."""
    if agreed.names is not None or agreed.problems:
        return list(agreed.problems)
    shapes = {group.name: [held.shape for held in group.arrays.values()] for group in contents.groups}
    theirs = [(name, kind, shapes.get(name, ())) for name, kind in agreed.layers]
    stored = {name: shapes for name, _, shapes in of_targets(targets)}
    ours = [(name, kind, stored.get(name, ())) for name, kind in agreed.ours]
    return [Problem("its layers are not those of the spec", rows=side_by_side(ours, theirs))]


def _unlike(target: Target, framework: str) -> Iterator[Problem]:
    """What no layer of the framework with such weights computes, where a file of it holds nothing but weights."""
    innermost = target.inner.innermost
    call = FRAMEWORKS[framework].rows[innermost.kind].call
    for option, value, can in unstored(target.inner, framework) if FRAMEWORKS[framework].weights_alone else ():
        message = f"{target.layer.name}: {option} is {can} in {call}, {value} in the spec"
        at = innermost.option_at.get(option, target.layer.at)
        yield Problem(message, at, "the weights of a layer of one's own come as an .npz, with names such as "
                                   f"{target.inner.name}.{target.inner.weights[0].name}")  # fmt: skip


def _differing(target: Target, group: Group) -> Iterator[Problem]:
    """Where the file says that such weights are used in another way."""
    who, kind = target.layer.name, target.inner.innermost.kind
    if group.kinds and not {kind, target.layer.kind} & {*group.kinds}:
        yield Problem(f"{who} is a {kind}, in the file stands a {group.kinds[0]}")
        return
    for attribute, found, wanted in group.differs(target.inner):
        names = OPTIONS.get(attribute, "").split(" and ")
        own = [name for name in names if name in type(target.inner.innermost.options).model_fields]
        option = " and ".join(own or names)
        hint = f"in a spec that is {option}" if option else "no layer of a spec computes that"
        yield Problem(f"{who}: {attribute} is {found} in the file, {wanted} in the spec", target.layer.at, hint)


def _arrays(
    target: Target, group: Group, framework: str, problems: list[Problem]
) -> Iterator[tuple[FileArray, StoredArray]]:
    """The stored arrays that fit; the others are told."""
    who = target.layer.name
    numbered = FRAMEWORKS[framework].numbered_arrays
    for number, stored in enumerate(target.stored):
        held = group.arrays.get(str(number) if numbered else stored.name)
        if held is None and stored.layout.optional:
            yield FileArray(stored.shape, partial(np.zeros, stored.shape)), stored
        elif held is None:
            problems.append(Problem(f"{who} lacks its {stored.name}, {show_shape(stored.shape)}"))
        elif held.shape != stored.shape:
            message = f"{who}: {stored.name} has the shape {show_shape(held.shape)}, not {show_shape(stored.shape)}"
            problems.append(Problem(message))
        else:
            yield held, stored
    if len(group.arrays) > len(target.stored):
        names = "" if numbered else ": " + listed(sorted(group.arrays.keys() - {each.name for each in target.stored}))
        problems.append(Problem(f"{who} has {len(target.stored)} arrays here, the file has {len(group.arrays)}{names}"))
