"""The section on time: who runs how often, what the states start from, what leaves, what waits for what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lstmdiag.cells.cell import PREVIOUS
from lstmdiag.english import number
from lstmdiag.layer import Layer, cell_of
from lstmdiag.layers.reads import ALL
from lstmdiag.model import Model, ModelInput
from lstmdiag.site.markup import WORDS, code, quantity

Facts = Mapping[str, Any]
"""What the words of the section need to know, names and symbols in HTML."""


def time_facts(model: Model) -> Facts:
    """Of all recurrent layers; nothing where no layer of the model itself recurs."""
    recurrent = [layer for layer in model.layers if layer.recurrent]
    layers = [layer for layer in recurrent if not layer.shared]
    if not layers:
        return {}
    first, *others = layers
    steps = [layer.innermost.input[0] for layer in layers]
    counts = [f"{'2 × ' if layer.backward else ''}{number(layer.innermost.params)}" for layer in layers]
    masked = [layer for layer in recurrent if layer.masked]
    return {
        "alone": not others,
        "names": names(layers),
        "layers": [_runs(layer) for layer in layers],
        **_runs(first),
        "once": steps[0] == 1 and not first.backward,
        "params": first.innermost.params,
        "numbers": counts[:1] if len(set(counts)) == 1 else counts,
        "rerun": [_runs(each) for each in recurrent if each.shared == first.name and each.input[0]],
        "any_length": None in steps,
        "equal_length": len(set(steps)) == 1,
        "two_ways": names([layer for layer in layers if layer.backward]),
        "given_starts": [_given(model, layer) for layer in recurrent if layer.initial_state],
        "zero_starts": [*_zeros([layer for layer in layers if not layer.initial_state])],
        "leaving": [*_leaving(model, layers)],
        "again": [
            {"shared": code(layer.shared), "started": bool(layer.initial_state), **_runs(layer)}
            for layer in recurrent if layer.shared
        ],
        "paddings": [
            {"name": code(layer.name), "padding": layer.definition.padding(layer.options)}
            for layer in model.layers if layer.mask == "makes" and layer.definition.padding
        ],
        "masked": [*_masked([layer for layer in masked if not reads_from_end(layer)], zeros=False),
                   *_masked([layer for layer in masked if reads_from_end(layer)], zeros=True)],
        "forgotten": names([layer for layer in masked if layer.initial_state]),
        "dropping": [facts for layer in layers for facts in _dropping(layer)],
        "waiting": [*_waiting(model)],
    }  # fmt: skip


def reads_from_end(layer: Layer) -> bool:
    """Whether it, or one of its directions, reads from the end, where padding is."""
    return layer.backward is not None or layer.go_backwards


def names(layers: Sequence[Layer]) -> list[str]:
    return [code(layer.name) for layer in layers]


def _runs(layer: Layer) -> Facts:
    steps = layer.innermost.input[0]
    return {
        "name": code(layer.name),
        "steps": steps,
        "single_step": steps == 1,
        "both_ways": layer.backward is not None,
    }


def _zeros(layers: Sequence[Layer]) -> Iterator[Facts]:
    """What the states of layers are before the first step; layers with the same states together."""
    groups: dict[tuple[object, ...], list[Layer]] = {}
    for layer in layers:
        groups.setdefault((layer.stateful, *layer.innermost.states.items()), []).append(layer)
    for group in groups.values():
        innermost, cell, last = group[0].innermost, cell_of(group[0].innermost), group[-1]
        all_both = all(layer.backward for layer in group)  # then the last name says it for all of them
        shapes = {quantity(cell, state, "0"): innermost.shape(state) or (1,) for state in cell.state}
        sized = [{"state": state, "places": shape[:-1], "last": shape[-1]} for state, shape in shapes.items()]
        yield {
            "stateful": innermost.stateful,
            "states": [*shapes],
            "group": [
                {"name": code(each.name), "both": each.backward and (each is last or not all_both)} for each in group
            ],
            "single": len(shapes) == len(group) == 1,
            "sizes_differ": len(set(shapes.values())) > 1,
            "sized": sized,
            **sized[0],
        }


def _given(model: Model, layer: Layer) -> Facts:
    """What a layer starts from that does not start from zeros."""
    giver, _ = model.owner(layer.initial_state[0])
    ends = [f"{giver.name}.{state}" for state in layer.states]
    whole = isinstance(giver, Layer) and {*layer.states} <= {*giver.states} and ends == [*layer.initial_state]
    states = [state.replace(".", " ") for state in layer.states]
    return {
        "name": code(layer.name),
        "whole": whole,
        "giver": code(giver.name),
        "states": states,
        "unread": giver.name not in upstream(model, layer)
        and not (isinstance(giver, Layer) and outputs_read(model, giver)),
        "given": [
            {"state": state, "reference": code(reference)}
            for state, reference in zip(states, layer.initial_state, strict=True)
        ],
    }


def _leaving(model: Model, layers: Sequence[Layer]) -> Iterator[Facts]:
    """What each returns, and what is computed and thrown away; layers of which the same is said together."""
    groups: dict[str, tuple[Facts, list[str]]] = {}
    for layer in layers:
        facts = _leaves(model, layer)
        leaves = facts["name"] if facts["state_only"] else WORDS.say("leaves", facts)
        groups.setdefault(leaves, (facts, []))[1].append(facts["name"])
    for leaves, (facts, together) in groups.items():
        yield {**facts, "names": together, "leaves": leaves}


def _leaves(model: Model, layer: Layer) -> Facts:
    innermost, cell = layer.innermost, cell_of(layer.innermost)
    steps, out, mode = innermost.input[0], cell.output, layer.merge_mode
    takers = [code(other.name) for other in model.layers if layer.returns_state and _takes_state(model, other, layer)]
    modes = {"concat": "joined", "sum": "added", "mul": "multiplied", "ave": "averaged"}
    return {
        **_runs(layer),
        "sequences": layer.returns_sequences,
        "reversed": innermost.go_backwards,
        "once": steps == 1,
        "twice": steps == 2,
        "out": quantity(cell, out),
        "out_first": quantity(cell, out, "1"),
        "out_last": quantity(cell, out, "T" if steps is None else number(steps)),
        "size": size(innermost, out),
        "several": len(_read_states(model, layer)) > 1 or layer.backward is not None,
        "states": [quantity(cell, state, "") for state in cell.state if state in _read_states(model, layer)],
        "finals": [quantity(cell, state, "T") for state in cell.state if state in _read_states(model, layer)],
        "private": [quantity(cell, state) for state in cell.state if state != out],
        "returns_state": layer.returns_state,
        "takers": takers,
        "state_only": takers and not outputs_read(model, layer),
        **{word: key == mode for key, word in modes.items()},
        "one": innermost.shape(out)[-1],
        "merged_size": layer.output[-1],
    }


def _masked(layers: Sequence[Layer], *, zeros: bool) -> list[Facts]:
    """What recurrent layers do at padded steps: `zeros`, or their last output again.

    Zeros are of both directions (keras.layers.Bidirectional), and of a layer that reads the padding first.
    """
    sequences = names([layer for layer in layers if layer.returns_sequences])
    facts = {"names": names(layers), "zeros_there": zeros, "sequences": sequences}
    return [{**facts, "all_sequences": len(sequences) == len(layers)}] if layers else []


def _dropping(layer: Layer) -> Iterator[Facts]:
    """What is dropped in training: shares of the input, and of the output on its way back in."""
    innermost, cell = layer.innermost, cell_of(layer.innermost)
    vectors = ("x", False), (cell.output + PREVIOUS, True)
    shares = [
        {"share": f"{rate:.0%}", "vector": quantity(cell, vector), "back": back}
        for (vector, back), rate in zip(vectors, innermost.definition.dropped(innermost.options), strict=False)
        if rate
    ]
    if shares:
        yield {"name": code(layer.name), "dropped": shares}


def _waiting(model: Model) -> Iterator[Facts]:
    """Whether a layer must finish before the next one starts; that two may go side by side is said once."""
    below = {layer.name: layer for layer in model.layers if layer.recurrent and layer.returns_sequences}
    side_by_side = False
    for upper in model.layers:
        for lower in (below[name] for name in dict.fromkeys(upper.inputs) if name in below):
            others = zip(upper.inputs[1:], upper.reads[1:], strict=True)
            all_steps = (lower.name, ALL) in others
            reverses = lower.backward or upper.backward or upper.go_backwards
            free = upper.recurrent and not (all_steps or reverses)
            if all_steps or (upper.recurrent and not (free and side_by_side)):
                yield {
                    "above": code(upper.name),
                    "below": code(lower.name),
                    "all_steps": all_steps,
                    "reverses": reverses,
                }
            side_by_side = side_by_side or free


def size(layer: Layer, name: str) -> str:
    """What a quantity of a layer holds: 3 numbers; of a convolution 4 maps of 16 × 16."""
    *places, last = layer.shape(name) or (1,)
    return WORDS.say("size", places=places, last=last)


def upstream(model: Model, layer: Layer) -> Mapping[str, ModelInput | Layer]:
    """All that its inputs are made of, at any distance, by name."""
    owners: dict[str, ModelInput | Layer] = {}
    waiting = list(layer.inputs)
    while waiting:
        owner, _ = model.owner(waiting.pop())
        if owner.name not in owners and isinstance(owner, Layer):
            waiting += (*owner.inputs, *owner.initial_state)
        owners[owner.name] = owner
    return owners


def _takes_state(model: Model, reader: Layer, layer: Layer) -> bool:
    owners = map(model.owner, (*reader.inputs, *reader.initial_state))
    return any(owner is layer and part in layer.states for owner, part in owners)


def _read_states(model: Model, layer: Layer) -> frozenset[str]:
    """The states whose last values something uses, a layer or who calls the model; all where all are returned."""
    readers = (reference for other in model.layers for reference in (*other.inputs, *other.initial_state))
    used = {part for owner, part in map(model.owner, (*model.outputs, *readers)) if owner is layer}
    read = frozenset(state.rpartition(".")[2] for state in layer.states if state in used)
    return read or frozenset(cell_of(layer.innermost).state)


def outputs_read(model: Model, layer: Layer) -> bool:
    """Whether anything uses its output, and not its states alone."""
    used = [model.owner(each) for each in (*model.outputs, *(each for other in model.layers for each in other.inputs))]
    return any(owner is layer and part not in layer.states for owner, part in used)
