"""Weights from files, by the rows of the frameworks' tables: which stored array holds which weights, and how."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from lstmdiag.cells.numbers import Array
from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.frameworks import TITLES, arrays
from lstmdiag.frameworks.containers import opened
from lstmdiag.frameworks.held import Contents, Group, Held
from lstmdiag.frameworks.onnx_file import joined
from lstmdiag.frameworks.onnx_nodes import OPTIONS
from lstmdiag.frameworks.onnx_unrolled import check
from lstmdiag.frameworks.packing import Stored
from lstmdiag.frameworks.values import taken_apart
from lstmdiag.model import Layer, Model, show_shape
from lstmdiag.naming import snake_case
from lstmdiag.running import agreement, initial
from lstmdiag.running.fitting import fitting, inside_steps, renamed


@dataclass(frozen=True)
class Target:
    """A layer of the model with the arrays in which a framework stores its weights."""

    layer: Layer
    within: Layer  # of TimeDistributed, the layer inside
    stored: tuple[Stored, ...]

    @property
    def names(self) -> tuple[str, str]:
        return self.layer.name, self.within.name


def load(model: Model, path: Path) -> dict[str, Array]:
    """Every weight by name, `encoder.W_i`, float64. Raises LstmdiagError with all that do not fit, weight by weight."""
    shapes = initial.shapes(model)
    try:
        with opened(path, sum(map(prod, shapes.values()))) as contents:
            flat = renamed(model, contents.flat or {})
            if contents.flat is None:
                found = _from_groups(model, contents)
            elif flat.keys() & shapes.keys() or not any(_torch(name) for name in flat):
                found = {name: _checked(held, shapes.get(name)) for name, held in flat.items()}
            else:
                found = _from_groups(model, Contents("pytorch", groups=tuple(_torch_groups(flat))))
            return fitting(model, found)
    except LstmdiagError as error:
        told = (
            Problem(each.message if path.name in each.message else f"{path.name}: {each.message}", each.at, each.hint)
            for each in error.problems
        )
        raise type(error)(told) from None


def _checked(held: Held, shape: tuple[int, ...] | None) -> Any:
    """The numbers, if they have the right shape; else something of the shape they have, and nothing is read."""
    return held.read() if held.shape == shape else np.broadcast_to(np.zeros(()), held.shape)


_TORCH = re.compile(r"(?:(?P<path>.*)\.)?(?P<name>\w+?)(?:_l(?P<number>\d+)(?P<way>_reverse)?)?", re.DOTALL)
_TORCH_NAMES = ("weight", "bias", "running_mean", "running_var", "scale", "concat_score_weight")


def _torch(name: str) -> bool:
    """Whether PyTorch's layers call a parameter so."""
    return bool(re.fullmatch(r"weight_[ih][hr]|bias_[ih]h|" + "|".join(_TORCH_NAMES), _parts(name)["name"]))


def _parts(name: str) -> dict[str, Any]:
    found = _TORCH.fullmatch(name)
    return found.groupdict() if found else {"path": "", "name": "", "number": None, "way": None}


def _torch_groups(flat: Mapping[str, Held]) -> Iterator[Group]:
    """A state_dict: `lstm.weight_ih_l1_reverse` belongs to the second layer of a stack called lstm."""
    groups: dict[str, dict[str, Held]] = {}
    stacks: dict[str, str] = {}
    for name, held in flat.items():
        parts = _parts(name)
        if parts["name"] == "num_batches_tracked":
            continue
        number = parts["number"]
        layer = (parts["path"] or "") + (f"_l{number}" if number and int(number) else "")
        if number:
            stacks[layer] = parts["path"] or "?"
        own = parts["name"] + (f"_l0{parts['way'] or ''}" if number else "")
        groups.setdefault(layer, {})[own] = held
    return (Group(name, held, stack=stacks.get(name, "")) for name, held in groups.items())


def _targets(model: Model, framework: str) -> tuple[list[Target], list[Problem]]:
    targets, problems = [], []
    for layer in model.layers:
        within = inside_steps(layer)
        stored = arrays(layer, framework)
        if stored is None:
            title = TITLES[framework]
            problems.append(Problem(f"{title} has no convention for {layer.name!r}, a {within.kind}", layer.at,
                                    "give its weights as an .npz with names such as "
                                    f"{within.name}.{within.weights[0].name}"))  # fmt: skip
        elif stored:
            targets.append(Target(layer, within, stored))
    return targets, problems


def _from_groups(model: Model, contents: Contents) -> dict[str, Array]:
    targets, problems = _targets(model, contents.framework)
    if problems:
        raise LstmdiagError(problems)
    if contents.graph is not None:
        check(contents.graph, sum(layer.recurrent and not layer.shared for layer in model.layers))
        if len(contents.groups) > len(targets) and any(layer.shared for layer in model.layers):
            contents = replace(contents, groups=joined(contents.groups))
    pairs = _paired(model, targets, contents)
    found: dict[str, Array] = {}
    misfits: list[Problem] = []
    unlike: set[str] = set()
    for target, group in pairs:
        told = [*_differing(target, group)]
        unlike |= {target.layer.name} if told else set()
        problems += told
        shapes = {weight.name: weight.shape for weight in target.within.weights}
        for held, stored in _arrays(target, group, contents.framework, misfits):
            for name, part in taken_apart(stored, np.asarray(held.read(), dtype=float), shapes):
                whole = f"{target.within.name}.{name}"
                found[whole] = found[whole] + part if whole in found else part
    problems += misfits
    for name, shape in initial.shapes(model).items() if contents.framework == "onnx" else ():
        found.setdefault(name, np.zeros(shape))  # B may be left out, and is zeros then
    if contents.graph is not None and not misfits:
        problems += agreement.differences(model, contents.graph, _nodes(model, pairs), found, frozenset(unlike))
    if problems:
        raise LstmdiagError(problems)
    return found


def _nodes(model: Model, pairs: Sequence[tuple[Target, Group]]) -> dict[str, Any]:
    """Of an ONNX graph, each layer's node; of weights that are used again, one for each use."""
    found: dict[str, Any] = {}
    for target, group in pairs:
        again = [layer.name for layer in model.layers if layer.shared == target.layer.name]
        found |= dict(zip([target.layer.name, *again], group.nodes, strict=False))
    return found


def _differing(target: Target, group: Group) -> Iterator[Problem]:
    """Where the file says that such weights are used in another way."""
    who, kind = target.layer.name, target.within.maths.kind
    if group.kinds and kind not in group.kinds:
        yield Problem(f"{who} is a {kind}, in the file stands a {group.kinds[0]}")
        return
    for attribute, found, wanted in group.differs(target.within):
        option = OPTIONS.get(attribute)
        hint = f"in a spec that is {option}" if option else "no layer of a spec computes that"
        yield Problem(f"{who}: {attribute} is {found} in the file, {wanted} in the spec", target.layer.at, hint)


def _arrays(target: Target, group: Group, framework: str, problems: list[Problem]) -> Iterator[tuple[Held, Stored]]:
    """The stored arrays that fit; the others are told."""
    who = target.layer.name
    by_place = framework == "keras"
    for number, stored in enumerate(target.stored):
        held = group.arrays.get(str(number) if by_place else stored.name)
        if held is None:
            if framework != "onnx" or stored.name not in ("B", "C"):
                problems.append(Problem(f"{who} lacks its {stored.name}, {show_shape(stored.shape)}"))
        elif held.shape != stored.shape:
            message = f"{who}: {stored.name} has the shape {show_shape(held.shape)}, not {show_shape(stored.shape)}"
            problems.append(Problem(message))
        else:
            yield held, stored
    if len(group.arrays) > len(target.stored):
        names = (
            "" if by_place else ": " + ", ".join(sorted(group.arrays.keys() - {each.name for each in target.stored}))
        )
        problems.append(Problem(f"{who} has {len(target.stored)} arrays here, the file has {len(group.arrays)}{names}"))


def _paired(model: Model, targets: Sequence[Target], contents: Contents) -> list[tuple[Target, Group]]:
    """Which group is which layer: by name; else by class or by shape, where that is clear; else by place in a chain.

    Raises LstmdiagError.
    """
    groups = list(contents.groups)
    by_name = {_plain(group.name): group for group in groups}
    named = [next((by_name[n] for n in map(_plain, target.names) if n in by_name), None) for target in targets]
    if len(targets) == len(groups):
        if all(named):
            return [(target, group) for target, group in zip(targets, named, strict=True) if group]
        by_class = None if any(named) else _by_class(model, targets, groups)
        if by_class:
            return by_class
        by_shape = _by_shape(targets, groups, in_order=contents.ordered and model.chain)
        if by_shape:
            return by_shape
        if contents.ordered and model.chain:
            return list(zip(targets, groups, strict=True))
    raise LstmdiagError(_unpaired(targets, groups, named))


def _unpaired(targets: Sequence[Target], groups: Sequence[Group], named: Sequence[Group | None]) -> list[Problem]:
    found = ", ".join(group.name or "a layer without a name" for group in groups) or "none"
    if groups and not any(group.name for group in groups):
        wanted = ", ".join(target.layer.name for target in targets)
        message = f"it does not say which of its {len(groups)} layers with weights is which of {wanted}"
        return [Problem(message, hint="Keras writes the names of layers since 3.6: load it there and save it again")]
    if not any(named):
        wanted = ", ".join(target.layer.name for target in targets)
        hint = f"layers with weights here: {wanted}; in the file: {found}"
        return [Problem("these are the weights of another model, or its layers have other names", hint=hint)]
    missing = [target for target, group in zip(targets, named, strict=True) if group is None]
    problems = [Problem(f"there is no layer {target.layer.name!r}", hint=f"in the file: {found}") for target in missing]
    extra = [group for group in groups if not any(group is each for each in named)]
    return problems + [Problem(f"the layer {group.name!r} is not in the spec") for group in extra]


def _plain(name: str) -> str:
    """Names of modules in Python have no blanks or dots."""
    return re.sub(r"\W+", "_", name).lower()


def _by_class(model: Model, targets: Sequence[Target], groups: Sequence[Group]) -> list[tuple[Target, Group]] | None:
    """Keras 3 counts the layers of each class in their order, which is known of a chain. None: unclear."""
    kinds = [layer.kind for layer in model.layers if not layer.shared]
    keys: dict[str, str] = {}
    for number, layer in enumerate(layer for layer in model.layers if not layer.shared):
        before = kinds[:number].count(layer.kind)
        keys[layer.name] = snake_case(layer.kind) + (f"_{before}" if before else "")
    by_key = {group.key: group for group in groups}
    sure = model.chain or all(kinds.count(target.layer.kind) == 1 for target in targets)
    if not sure or not all(keys[target.layer.name] in by_key for target in targets):
        return None
    return [(target, by_key[keys[target.layer.name]]) for target in targets]


def _by_shape(
    targets: Sequence[Target], groups: Sequence[Group], *, in_order: bool
) -> list[tuple[Target, Group]] | None:
    """The groups whose arrays have the shapes; of several alike, in their order, where they have one. None: unclear."""
    left, pairs = list(groups), []
    for target in targets:
        fit = [group for group in left if _alike(target, group)]
        stacks = {group.stack for group in fit}
        if not fit or (len(fit) > 1 and not in_order and (len(stacks) > 1 or "" in stacks)):
            return None
        pairs.append((target, fit[0]))
        left.remove(fit[0])
    return pairs


def _alike(target: Target, group: Group) -> bool:
    if group.kinds and target.within.maths.kind not in group.kinds:
        return False
    return sorted(held.shape for held in group.arrays.values()) == sorted(each.shape for each in target.stored)
