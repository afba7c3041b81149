"""Which stored arrays are which layer's: by name where names fit, else by order, class and shape if that is clear."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.frameworks import FRAMEWORKS
from lstmdiag.frameworks.file_contents import FileContents, Group
from lstmdiag.frameworks.storage import StoredArray
from lstmdiag.layer import Layer, show_shape
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.naming import snake_case


@dataclass(frozen=True)
class Target:
    """A layer of the model with the arrays in which a framework stores its weights."""

    layer: Layer
    inner: Layer  # of TimeDistributed, the layer inside
    stored: tuple[StoredArray, ...]

    @property
    def names(self) -> tuple[str, str]:
        """The name of the layer, and of the one inside where it is TimeDistributed; else the same name twice."""
        return self.layer.name, self.inner.name


Pairs = list[tuple[Target, Group]]
Named = tuple[str, str, Sequence[tuple[int, ...]]]
"""A layer in a list: its name, its class, the shapes of its arrays."""


def paired(
    model: Model, targets: Sequence[Target], contents: FileContents, names: Mapping[str, str] | None = None,
    keys: Mapping[str, str] | None = None,
) -> Pairs:  # fmt: skip
    """Each target with its group. `names` are of layers in the spec → in the file, and `keys` of the groups of these,
    where the file says them. Raises LstmdiagError where it is not clear which is which.
    """
    groups = list(contents.groups)
    if names is not None:
        known = _by_config(targets, groups, names, keys or {})
        if known:
            return known
    if len(targets) == len(groups):
        named = _by_name(targets, groups)
        ordered = _by_class(model, targets, groups) or (
            list(zip(targets, groups, strict=True)) if contents.ordered and model.chain else None
        )
        for pairs in (named, ordered, _only_one(model, targets, groups, _alike)):
            if pairs is not None and all(_alike(*pair) for pair in pairs):
                return pairs
        for pairs in (named, ordered, _only_one(model, targets, groups, _same_kind)):
            if pairs and all(_same_kind(*pair) for pair in pairs):  # their shapes are told
                return pairs
    raise LstmdiagError(_unpaired(targets, contents))


def renaming(pairs: Pairs, names: Mapping[str, str] | None = None) -> Problem | None:
    """Which layers were matched by something else than their names, as a note; `names` as for `paired`."""
    told = [(target, names.get(target.layer.name, "") if names else group.name or group.key) for target, group in pairs]
    other = [
        f"{target.layer.name} is {name} in the file"
        for target, name in told
        if name and _plain(name) not in map(_plain, target.names)
    ]
    if not other:
        return None
    more = f", and {len(other) - 5:,} more" if len(other) > 5 else ""
    how = "layers are matched by their order, class and shape, not by name"
    return Problem(f"{how}: {', '.join(other[:5])}{more}", level="note")


def side_by_side(ours: Sequence[Named], theirs: Sequence[Named], most: int = 40) -> tuple[str, ...]:
    """Both lists as lines of text."""
    left, right = (["in the spec", *map(_line, ours)], ["in the file", *map(_line, theirs)])
    width = max(map(len, left))
    rows = [f"{one:<{width}}   {other}".rstrip() for one, other in zip_longest(left, right, fillvalue="")]
    return (*rows[: most + 1], *([f"and {len(rows) - most - 1:,} more"] if len(rows) > most + 1 else []))


def _line(layer: Named) -> str:
    name, kind, shapes = layer
    return " ".join(filter(None, (name[:40] or "(no name)", kind[:40], *map(show_shape, shapes[:8]))))


def of_targets(targets: Sequence[Target]) -> list[Named]:
    """The layers of the model for a list: name, kind, and the shapes that the framework stores."""
    return [(each.layer.name, each.layer.kind, [array.shape for array in each.stored]) for each in targets]


def of_groups(groups: Sequence[Group]) -> list[Named]:
    """The layers of a file for a list: name, else key; first class, else ""; and the shapes stored."""
    return [
        (group.name or group.key, group.kinds[0] if group.kinds else "", [held.shape for held in group.arrays.values()])
        for group in groups
    ]


def _plain(name: str) -> str:
    """Names of modules in Python have no blanks or dots."""
    return re.sub(r"\W+", "_", name).lower()


def _by_config(
    targets: Sequence[Target], groups: Sequence[Group], names: Mapping[str, str], keys: Mapping[str, str]
) -> Pairs | None:
    by_name = {group.name: group for group in groups if group.name} or {group.key: group for group in groups}
    named = any(group.name for group in groups)
    wanted = [names.get(target.layer.name, "") for target in targets]
    found = [by_name.get(name if named else keys.get(name, "")) for name in wanted]
    pairs = [(target, group) for target, group in zip(targets, found, strict=True) if group]
    return pairs if len(pairs) == len(targets) == len(groups) else None


def _by_name(targets: Sequence[Target], groups: Sequence[Group]) -> Pairs | None:
    """If every layer has its name in the file."""
    by_name = {_plain(group.name): group for group in groups}
    found = [next((by_name[n] for n in map(_plain, target.names) if n in by_name), None) for target in targets]
    pairs = [(target, group) for target, group in zip(targets, found, strict=True) if group]
    return pairs if len(pairs) == len(targets) and len(by_name) == len(groups) else None


def _by_class(model: Model, targets: Sequence[Target], groups: Sequence[Group]) -> Pairs | None:
    """Keras 3 counts the layers of each class in their order, which is known of a chain."""
    layers = [layer for layer in model.layers if not layer.shared]
    counts: Counter[str] = Counter()
    keys: dict[str, str] = {}
    for layer in layers:
        before = counts[layer.kind]
        keys[layer.name] = snake_case(layer.kind) + (f"_{before}" if before else "")
        counts[layer.kind] += 1
    by_key = {group.key: group for group in groups}
    sure = model.chain or all(counts[target.layer.kind] == 1 for target in targets)
    if not sure or not all(keys[target.layer.name] in by_key for target in targets):
        return None
    return [(target, by_key[keys[target.layer.name]]) for target in targets]


def _only_one(
    model: Model, targets: Sequence[Target], groups: Sequence[Group], fits: Callable[[Target, Group], bool]
) -> Pairs | None:
    """If each layer in turn leaves one group that fits; of one of PyTorch's stacks, the next layer of it."""
    left = list(groups)
    pairs: Pairs = []
    for target in targets:
        fit = [group for group in left if fits(target, group)]
        stacks = {group.stack for group in fit}
        if not fit or (len(fit) > 1 and (len(stacks) > 1 or "" in stacks)):
            return None
        below = [each for each, group in pairs if group.stack and group.stack == fit[0].stack]
        if below and not (model.chain or model.owner(target.layer.inputs[0])[0].name == below[-1].layer.name):
            return None
        pairs.append((target, fit[0]))
        left.remove(fit[0])
    return pairs


def _same_kind(target: Target, group: Group) -> bool:
    return not group.kinds or bool({target.layer.kind, target.inner.innermost.kind} & {*group.kinds})


def _alike(target: Target, group: Group) -> bool:
    stored = sorted(each.shape for each in target.stored)
    return _same_kind(target, group) and sorted(held.shape for held in group.arrays.values()) == stored


BY_KEY = {snake_case(name): name for name in KINDS}


def kinds_of_key(key: str) -> tuple[str, ...]:
    """What Keras 3's name of a group says of its layer; a wrapper may be left out in a spec."""
    base = re.sub(r"_\d+$", "", key)
    return () if base in ("", "time_distributed") else (BY_KEY.get(base, base),)


def _unpaired(targets: Sequence[Target], contents: FileContents) -> list[Problem]:
    groups = contents.groups
    other = [pair for pair in _by_name(targets, groups) or () if not _same_kind(*pair)]
    if other:
        return [
            Problem(
                f"{each.layer.name}: the class is {group.kinds[0]} in the file, {each.layer.kind} in the spec",
                each.layer.at,
            )
            for each, group in other
        ]
    names = {_plain(group.name): group for group in groups}
    ours = {_plain(name) for target in targets for name in target.names}
    missing = [target for target in targets if not {*map(_plain, target.names)} & names.keys()]
    extra = [group for group in groups if _plain(group.name) not in ours]
    if len(targets) != len(groups) and bool(missing) != bool(extra) and all(group.name for group in groups):
        problems = [Problem(f"there is no layer {each.layer.name!r} in it", each.layer.at) for each in missing]
        return problems + [Problem(f"the layer {group.name!r} is not in the spec") for group in extra]
    nameless = not any(group.name for group in groups)
    others = any(not any(_same_kind(target, group) for group in groups) for target in targets)
    hint = ""
    if len(targets) != len(groups):
        message = f"these are the weights of another model: of {len(groups)} layers, not of {len(targets)}"
    elif others:
        message = "these are the weights of another model, whose layers are of other classes"
    elif nameless:
        wanted = ", ".join(target.layer.name for target in targets)
        message = f"it does not say which of its {len(groups)} layers with weights is which of {wanted}"
        hint = FRAMEWORKS[contents.framework].naming_hint
    else:
        message = "these are the weights of another model, or its layers have other names"
    return [Problem(message, hint=hint, rows=side_by_side(of_targets(targets), of_groups(groups)))]
