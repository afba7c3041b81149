"""The section on time: who runs how often, what the states start from, what leaves, what waits for what."""

from __future__ import annotations

from collections.abc import Iterator

from lstmdiag.english import counted, listed, number
from lstmdiag.layer import Layer, cell_of
from lstmdiag.model import Model
from lstmdiag.site.placeholders import placeholder
from lstmdiag.site.words import code, held, quantity, symbol


def through_time(model: Model) -> list[str]:
    layers = [layer for layer in model.layers if layer.recurrent and not layer.shared]
    if not layers:
        return []
    facts = [
        "In each row the columns are one layer drawn once per step, not several layers: only the state is handed on.",
        f"{symbol('T', at='')}, the number of steps, is in no formula for the parameters.",
        *_directions([layer for layer in layers if layer.backward]),
        *_starts(model),
        *_all_leave(model, layers),
        *(_again(layer) for layer in model.layers if layer.recurrent and layer.shared),
        *_masks(model),
        *(_dropout(layer) for layer in layers if _drops(layer)),
        *_waits(model),
    ]
    return [
        "## What happens through time? {#time}",
        _runs(model, layers),
        placeholder(spec=model.name, view="time"),
        "\n".join(f"- {fact}" for fact in facts if fact),
    ]


def _runs(model: Model, layers: list[Layer]) -> str:
    """Who runs how often, and that one set of weights serves every time."""
    first = layers[0]
    steps = first.maths.input[0]
    if len(layers) == 1:
        weights = _parameters(first)
        if steps == 1 and not first.backward:
            return f"{code(first.name)} runs once: with a single step nothing recurs, and nothing reads the state."
        often = "once per step, however many come" if steps is None else f"{counted(steps, 'time')}, once per step"
        if first.backward:
            one = counted(first.maths.params, "parameter")
            return (
                f"Each direction of {code(first.name)} runs {often}, with the same {one} each time; together they have "
                f"{weights}."
            )
        again = [layer for layer in model.layers if layer.shared == first.name and layer.input[0]]
        often += "".join(f", and {counted(layer.input[0], 'time')} as {code(layer.name)}" for layer in again)
        return f"{code(first.name)} runs {often}, with the same {weights} each time."
    numbers = [_parameters(layer).removesuffix(" parameters") for layer in layers]
    counts = f"{numbers[0]} parameters" if len(set(numbers)) == 1 else f"{listed(numbers)} parameters"
    counts += "; one set for each direction" if any(layer.backward for layer in layers) else ""
    sets = "one set of weights"
    if any(layer.maths.input[0] is None for layer in layers):
        names = listed([code(layer.name) for layer in layers])
        return f"{names} run once per step, however many come, each with {sets} ({counts})."
    if len({layer.maths.input[0] for layer in layers}) == 1:
        names = listed([code(layer.name) for layer in layers])
        return f"{names} run {counted(steps, 'time')}, once per step, each with {sets} ({counts})."
    told = [f"{code(layer.name)} {counted(layer.maths.input[0], 'time')}" for layer in layers]
    return f"Once per step: {listed(told)}, each with {sets} for all its steps ({counts})."


def _parameters(layer: Layer) -> str:
    """72 parameters; 2 × 72 parameters."""
    each = counted(layer.maths.params, "parameter")
    return f"2 × {each}" if layer.backward else each


def _directions(layers: list[Layer]) -> Iterator[str]:
    if layers:
        names, reads = listed([code(layer.name) for layer in layers]), "reads" if len(layers) == 1 else "each read"
        yield (
            f"{names} {reads} the sequence twice, from its first step on and from its last step back, each time with "
            f"other weights and states; the two directions meet in nothing but the output."
        )


def _starts(model: Model) -> Iterator[str]:
    """What the state is before the first step; layers with the same said together."""
    groups: dict[tuple[object, ...], list[Layer]] = {}
    for layer in model.layers:
        if not layer.recurrent:
            continue
        if layer.initial_state:
            yield _given(model, layer)
        elif not layer.shared:
            maths = layer.maths
            key = (maths.options.stateful, tuple(maths.states.items()))
            groups.setdefault(key, []).append(layer)
    yield from map(_zeros, groups.values())


def _zeros(group: list[Layer]) -> str:
    layer = group[0].maths
    cell = cell_of(layer)
    ways = [each.backward is not None for each in group]
    both = [" in both directions" if way and not all(ways) else "" for way in ways]
    names = listed([code(each.name) + way for each, way in zip(group, both, strict=True)])
    names += " in both directions" if all(ways) else ""
    states = [quantity(cell, state, "0") for state in cell.state]
    if layer.options.stateful:
        goes_on = "after it, row i goes on where row i of the batch before ended"
        return f"{listed(states)} of {names} are zeros in the first batch; {goes_on} (stateful)."
    sizes = [held(layer, state, "zero") for state in cell.state]
    if len(set(sizes)) > 1:
        each = listed([f"{size} in {state}" for size, state in zip(sizes, states, strict=True)])
        return f"Before the first step there are {each} of {names}, since none are given."
    zeros = sizes[0] if sizes[0].endswith(("zero", "zeros")) else f"{sizes[0]} zeros"
    hold, each = ("hold", " each") if len(states) > 1 or len(group) > 1 else ("holds", "")
    return f"Before the first step {listed(states)} of {names} {hold} {zeros}{each}, since none are given."


def _given(model: Model, layer: Layer) -> str:
    """`decoder` starts from the final h and c of `encoder`; or state by state."""
    owners = [model.owner(reference) for reference in layer.initial_state]
    name = code(layer.name)
    first = owners[0][0]
    ends = isinstance(first, Layer) and all(owner is first and part in first.states for owner, part in owners)
    if ends and [part for _, part in owners] == list(layer.states):
        states = listed([part.replace(".", " ") for _, part in owners])
        known = first.name in _upstream(model, layer) or (isinstance(first, Layer) and outputs_read(model, first))
        alone = "" if known else f": that is all it gets to know of what {code(first.name)} has read"
        return f"{name} does not start from zeros but from {code(first.name)}'s {states} of its last step{alone}."
    pairs = [
        f"{state.replace('.', ' ')} from {code(reference)}"
        for state, reference in zip(layer.states, layer.initial_state, strict=True)
    ]
    return f"{name} does not start from zeros: it takes {listed(pairs)}."


def _upstream(model: Model, layer: Layer) -> set[str]:
    """Names of all that its inputs are made of, at any distance."""
    found: set[str] = set()
    waiting = list(layer.inputs)
    while waiting:
        owner, _ = model.owner(waiting.pop())
        if owner.name not in found and isinstance(owner, Layer):
            waiting += (*owner.inputs, *owner.initial_state)
        found.add(owner.name)
    return found


def _all_leave(model: Model, layers: list[Layer]) -> Iterator[str]:
    """What each returns; layers of which the same is said are told together."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for layer in layers:
        name, said = code(layer.name), _leaves(model, layer)
        groups.setdefault(said.removeprefix(f"{name} returns "), []).append((name, said))
    for what, found in groups.items():
        names = [name for name, _ in found]
        yield found[0][1] if len(found) == 1 else f"{listed(names)} each return {what}"


def _leaves(model: Model, layer: Layer) -> str:
    """What the layer returns, and what is computed and thrown away."""
    maths, steps = layer.maths, layer.maths.input[0]
    cell = cell_of(maths)
    out, private = cell.output, [state for state in cell.state if state != cell.output]
    name = code(layer.name)
    several = len(cell.state) > 1 or layer.backward
    takers = [code(other.name) for other in model.layers if _takes_state(model, other, layer)]
    if layer.returns_state:
        to = (
            f"{'go' if several else 'goes'} to {listed(takers)}" if takers else f"{'are' if several else 'is'} returned"
        )
        rest = f" The final {listed([quantity(cell, state, 'T') for state in cell.state])} {to} as well."
    else:
        leave = "never leave" if len(private) > 1 else "never leaves"
        rest = f" {listed([quantity(cell, state) for state in private])} {leave} the layer." if private else ""
    if layer.returns_state and takers and not outputs_read(model, layer):
        final = listed([quantity(cell, state, "T") for state in cell.state])
        are, they = ("are", "they go") if several else ("is", "it goes")
        return (
            f"Only the final {final} of {name} {are} used: {they} to {listed(takers)}. The outputs on the way are "
            f"computed, read by the next step, and thrown away."
        )
    if layer.backward:
        each = f"{quantity(cell, out)} of every step" if layer.returns_sequences else f"the last {quantity(cell, out)}"
        return f"{name} returns {each} of each direction, {_merged(layer)}.{rest}"
    if layer.returns_sequences:
        order = ", the last step of the sequence first" if maths.options.go_backwards else ""
        return f"{name} returns {quantity(cell, out)} of every step{order}.{rest}"
    last = quantity(cell, out, "T" if steps is None else number(steps))
    if maths.options.go_backwards:
        last = f"{quantity(cell, out)} of the last step it reads, which is the first of the sequence"
    unused = f"{quantity(cell, out, '1')} is" if steps == 2 else "the earlier ones are"
    thrown = f"; {unused} computed, read by the next step, and not returned" if steps != 1 else ""
    return f"{name} returns {last} ({held(maths, out)}){thrown}.{rest}"


def _takes_state(model: Model, reader: Layer, layer: Layer) -> bool:
    owners = map(model.owner, (*reader.inputs, *reader.initial_state))
    return any(owner is layer and part in layer.states for owner, part in owners)


def outputs_read(model: Model, layer: Layer) -> bool:
    """Whether anything uses its output, and not its states alone."""
    used = [model.owner(each) for each in (*model.outputs, *(each for other in model.layers for each in other.inputs))]
    return any(owner is layer and part not in layer.states for owner, part in used)


_MERGES = {"sum": "added", "mul": "multiplied", "ave": "averaged", None: "apart"}


def _merged(layer: Layer) -> str:
    """joined: 3 + 3 = 6 numbers; added, number by number."""
    cell = cell_of(layer.maths)
    mode, one = layer.options.merge_mode, layer.maths.shape(cell.output)[-1]
    if mode == "concat":
        return f"joined: {number(one)} + {number(one)} = {counted(layer.output[-1], 'number')}"
    return _MERGES[mode] + (", number by number" if mode else "")


def _again(layer: Layer) -> str:
    first, name = code(layer.shared), code(layer.name)
    often = "" if layer.input[0] is None else f", {counted(layer.input[0], 'time')}"
    start = "" if layer.initial_state else ", which start from zeros"
    return f"{name} is {first} on another input{often}: the same weights, and states of its own{start}."


def _masks(model: Model) -> Iterator[str]:
    """What is padding, and what a recurrent layer does there (keras.layers.RNN, keras.layers.Bidirectional)."""
    for layer in model.layers:
        padding = layer.definition.padding
        if layer.mask == "makes" and padding:
            what = padding(layer.options)
            yield f"{code(layer.name)} takes {what} for padding and hands on a mask that says where it stands."
    for two, gives in ((False, "gives its last output again"), (True, "gives zeros")):
        layers = [layer for layer in model.layers if layer.recurrent and layer.masked and bool(layer.backward) is two]
        if layers:
            names = listed([code(layer.name) for layer in layers])
            sequences = [code(layer.name) for layer in layers if layer.returns_sequences]
            also = f" {listed(sequences)}, asked for every step, {gives} there (Keras)." if sequences else ""
            keep = "keep" if len(layers) > 1 else "keeps"
            given = gives if len(layers) == 1 else gives.replace("gives its", "give their").replace("gives", "give")
            if len(sequences) == len(layers):
                yield f"At padded steps {names} {keep} the states as they are, and {given} there (Keras)."
            else:
                yield f"At padded steps {names} {keep} the states as they are.{also}"
    forgotten = [code(layer.name) for layer in model.layers if layer.recurrent and layer.masked and layer.initial_state]
    if forgotten:
        yield (
            f"Keras 3.15 forgets the mask of {listed(forgotten)}, since a start is given as well, unless the call says "
            "<code>mask=</code>. Here it counts."
        )


def _drops(layer: Layer) -> bool:
    options = layer.maths.options
    return bool(getattr(options, "dropout", 0) or getattr(options, "recurrent_dropout", 0))


def _dropout(layer: Layer) -> str:
    maths = layer.maths
    cell = cell_of(maths)
    rates = [
        (maths.options.dropout, quantity(cell, "x")),
        (maths.options.recurrent_dropout, quantity(cell, f"{cell.output}_prev") + " on its way back in"),
    ]
    shares = listed([f"{rate:.0%} of {what}" for rate, what in rates if rate])
    return (
        f"In training {code(layer.name)} sets to zero about {shares}, the same numbers at every step of a sequence "
        f"(Keras); at prediction nothing is dropped."
    )


def _waits(model: Model) -> Iterator[str]:
    """Whether a layer must finish before the next one starts."""
    known = {layer.name: layer for layer in model.layers}
    side_by_side = False
    for upper in model.layers:
        for reference in dict.fromkeys(upper.inputs):
            lower = known.get(reference)
            if lower is None or not lower.recurrent or not lower.returns_sequences:
                continue
            below, above = code(lower.name), code(upper.name)
            if upper.across_time and reference in upper.inputs[1:]:
                yield f"{above} looks at all steps of {below} at once, so {below} has to finish first."
            elif upper.recurrent and (lower.backward or upper.backward or upper.maths.options.go_backwards):
                yield f"{above} has to wait: its first step needs what {below} makes only after the whole sequence."
            elif upper.recurrent and not side_by_side:
                side_by_side = True
                yield (
                    f"A step of {above} needs the same step of {below} and its own step before, nothing else: whether "
                    f"{below} finishes first or both advance side by side, the numbers are the same."
                )
