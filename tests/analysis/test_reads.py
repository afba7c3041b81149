"""Which steps of an input each place of every output depends on: what the layers say of themselves, against passes.

One step of an input is changed at a time, each in a row of a batch of its own; the places whose numbers change are
those that `Layer.reads`, and the states of recurrent layers, lead to.
"""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given

from lstmdiag.analysis.axes import across_time, time_axes
from lstmdiag.cells.numbers import Array
from lstmdiag.drawing import placed
from lstmdiag.layer import Layer
from lstmdiag.layers import KINDS
from lstmdiag.layers.reads import ALL
from lstmdiag.model import Model, ModelInput
from lstmdiag.running import Trace, run
from lstmdiag.views.selection import Selection
from tests.generator import MERGES, ORDER, Document, documents, text
from tests.models import PACKAGED, model, packaged

LENGTH = 4  # of an axis whose length is not known
DRAWS = 6  # what a relu cuts off in one pass, or another step outdoes, shows in another


def inputs_of(found: Model, source: ModelInput, random: np.random.Generator) -> list[Array]:
    """Rows of a batch: the first as drawn, in each other one a place of the first axis of `source` is changed."""
    made = []
    rows = source.shape[0] or LENGTH
    for each in found.inputs:
        shape = tuple(size or LENGTH for size in each.shape)
        both = drawn(found, each, shape, random), drawn(found, each, shape, random)
        batch = np.repeat(both[0][None], rows + 1, axis=0)
        if each is source:
            for place in range(rows):
                batch[place + 1, place] = both[1][place]
        made.append(batch)
    return made


def drawn(found: Model, source: ModelInput, shape: tuple[int, ...], random: np.random.Generator) -> Array:
    if source.dtype != "int":
        return random.normal(0, 1, shape)
    tables = [layer.innermost for layer in found.layers if layer.innermost.definition.tokens]
    return random.integers(0, min(table.definition.tokens(table.options) for table in tables), shape)


def weights_of(found: Model, random: np.random.Generator) -> dict[str, Array]:
    """Of any size; variances are positive."""
    named = ((f"{layer.name}.{weight.name}", weight.shape) for layer in found.layers for weight in layer.weights)
    owned = {f"{found.owner_of_weights(layer)}.{w.name}": w.shape for layer in every(found) for w in layer.weights}
    return {name: np.abs(random.normal(0, 0.5, shape)) if name.endswith("variance") else random.normal(0, 0.5, shape)
            for name, shape in {**dict(named), **owned}.items()}  # fmt: skip


def every(found: Model) -> list[Layer]:
    """All layers that have weights of their own, those inside wrappers too."""
    waiting, layers = [*found.layers], []
    while waiting:
        layer = waiting.pop()
        layers.append(layer)
        waiting += [each for each in (layer.inner, layer.backward) if each]
    return layers


def seen(found: Model, source: ModelInput, random: np.random.Generator) -> dict[str, Array]:
    """Layer → (places of its output, places of the source): whether one changes where the other does."""
    changed: dict[str, Array] = {}
    for _ in range(DRAWS):
        trace: Trace = run(found, inputs_of(found, source, random), weights_of(found, random))
        for layer in found.layers:
            out = trace[f"{layer.name}.output"]
            moved = np.abs(out[1:] - out[:1]) > 1e-13 * (1 + np.abs(out[:1]))
            some = moved.reshape(*moved.shape[:2], -1).any(-1).T
            changed[layer.name] = changed.get(layer.name, False) | some
    return changed


def told(found: Model, source: ModelInput, lengths: Mapping[str, int]) -> dict[str, Array]:
    """The same, as the layers say it."""
    rows = lengths[source.name]
    known: dict[str, Array] = {
        each.name: np.eye(rows, dtype=bool) if each is source else np.zeros((lengths[each.name], rows), bool)
        for each in found.inputs
    }
    for layer in found.layers:
        if layer.recurrent and not layer.wrappers:
            over_time(layer, known)
            continue
        if layer.recurrent:  # its states begin with something that may depend on any step
            start = np.array([known[each].any(0) for each in layer.initial_state]).any(0)
        else:
            start = np.zeros(rows, bool)
        made = np.zeros((lengths[layer.name], rows), bool) | start
        for reads, reference in zip(layer.reads, layer.inputs, strict=True):
            for place in range(len(made)):
                for read in reads.places(place, len(known[reference])):
                    made[place] |= known[reference][read]
        known[layer.name] = made
    return {layer.name: known[layer.name] for layer in found.layers}


def over_time(layer: Layer, known: dict[str, Array]) -> None:
    """What each step gives knows of the steps before it, and of what the states began with."""
    read = known[layer.inputs[0]]
    both = []
    for each, starts in zip(layer.directions, layer.starts, strict=True):
        steps = read[::-1] if each.go_backwards else read
        start = np.array([known[start].any(0) for start in starts]).any(0) if starts else False
        after = np.logical_or.accumulate(steps, axis=0) | start
        for state, shape in each.states.items():
            prefix = layer.name if each is layer else f"{layer.name}.{each.name.rpartition('.')[2]}"
            known[f"{prefix}.{state}"] = np.repeat(after[-1:], shape[0] or 1, axis=0)
        turned = after[::-1] if each is layer.backward else after
        both.append(turned if each.returns_sequences else np.repeat(after[-1:], each.output[0] or 1, axis=0))
        known |= {f"{layer.name}.{part}": both[-1] for part in layer.parts if each is layer.halves[part]}
    if len(both) == 1 or layer.parts:
        known[layer.name] = both[0]
    elif len(both[0]) != layer.output[0] and len(layer.output) == 1:  # one vector behind the other
        known[layer.name] = np.concatenate(both)
    else:
        known[layer.name] = both[0] | both[1]


def check(found: Model, exactly: bool = True) -> None:
    """`exactly`: all that a place says it reads shows; x − x reads x, and does not."""
    random = np.random.default_rng(7)
    if any(layer.masked or layer.mask == "makes" for layer in every(found)):
        return  # which steps count is another question: lstmdiag.masks
    for source in found.inputs:
        changed = seen(found, source, random)
        lengths = {each.name: each.shape[0] or LENGTH for each in found.inputs}
        lengths |= {name: len(places) for name, places in changed.items()}
        for name, places in told(found, source, lengths).items():
            layer = found.layer(name)
            for reads, reference in zip(layer.reads, layer.inputs, strict=True):
                given = lengths.get(reference)
                if given and not layer.recurrent and reads is not ALL:
                    assert reads.count(given) == len(places), f"{name} counts its places otherwise: {layer.call}"
            assert not (changed[name] & ~places).any(), f"{name} reads more than it says: {layer.call}"
            assert not exactly or (changed[name] == places).all(), f"{name} reads less than it says: {layer.call}"


UNMASKED = ("Masking", "mask_zero", "stateful")


@given(documents(without=UNMASKED))
def test_a_changed_step_changes_nothing_but_what_reads_it(document: Document) -> None:
    check(model(text(document)), exactly=False)


@given(documents(most=1, chain=True, without=UNMASKED))
def test_a_changed_step_changes_all_that_reads_it(document: Document) -> None:
    """But for a vector of one number: normalized, or a share of itself, it is the same whatever it was."""
    found = model(text(document))
    check(found, exactly=found.inputs[0].shape[-1] != 1)


SHORT = [name for name in PACKAGED if all((source.shape[0] or LENGTH) <= 20 for source in packaged(name).inputs)]
"""Over more steps an LSTM forgets, or a difference of the last digit grows."""


@pytest.mark.parametrize("name", [name for name in SHORT if packaged(name).params < 100_000])
def test_packaged_specs(name: str) -> None:
    check(packaged(name))


TWO = """version: 1
inputs: {a: {steps: 4, features: 3}, b: {BOTH}}
layers:
  - LAYER
"""


def two(layer: str, other: str = "{steps: 4, features: 3}") -> Model:
    return model(TWO.replace("{BOTH}", other).replace("LAYER", layer))


JOINED = {
    "number by number": ("Add: {from: [a, b]}", "{steps: 4, features: 3}", False),
    "one step for all": ("Multiply: {from: [a, b]}", "{shape: [1, 3]}", False),
    "a vector for all": ("Maximum: {from: [a, b]}", "{shape: [3]}", False),
    "side by side": ("Concatenate: {from: [a, b]}", "{steps: 4, features: 2}", False),
    "one behind the other": ("Concatenate: {axis: 1, from: [a, b]}", "{steps: 2, features: 3}", False),
    "attention": ("Attention: {from: [a, b]}", "{steps: 5, features: 3}", True),
    "additive attention": ("AdditiveAttention: {from: [b, a]}", "{steps: 2, features: 3}", True),
}


@pytest.mark.parametrize("case", JOINED)
def test_layers_of_two_inputs(case: str) -> None:
    layer, other, across = JOINED[case]
    found = two(layer, other)
    check(found)
    assert across_time(found, found.layers[0], time_axes(found)) == across


CASES = {
    "the largest of two": ("[6, 2]", "MaxPooling1D: 2"),
    "the mean of three, of padding too": ("[7, 2]", "AveragePooling1D: {pool_size: 3, strides: 2, padding: same}"),
    "the largest of all, as one step": ("[5, 2]", "GlobalMaxPooling1D: {keepdims: true}"),
    "the mean of all": ("[5, 2]", "GlobalAveragePooling1D"),
    "a convolution": ("[6, 2]", "Conv1D: {filters: 3, kernel_size: 3}"),
    "a vector again and again": ("[4]", "RepeatVector: 3"),
    "features dropped": ("[4, 3]", "SpatialDropout1D: 0.5"),
    "all in a vector": ("[3, 2]", "Flatten"),
    "maps to vectors, step by step": ("[5, 3, 4]", "Reshape: [5, 12]"),
    "two steps become one": ("[6, 2]", "Reshape: [3, 4]"),
    "one step becomes two": ("[3, 4]", "Reshape: [6, 2]"),
    "steps across the others' borders": ("[6, 2]", "Reshape: [4, 3]"),
    "normalized over time": ("[5, 12]", "LayerNormalization: {axis: 1}"),
    "a batch's own axis": ("[5, 12]", "BatchNormalization: {axis: 1}"),
    "one step at a time": ("[6, 2]", "Conv1D: {filters: 3, kernel_size: 1}"),
    "every other step": ("[6, 2]", "Conv1D: {filters: 3, kernel_size: 1, strides: 2}"),
    "far apart": ("[12, 4]", "Conv1D: {filters: 3, kernel_size: 2, padding: causal, dilation_rate: 4}"),
    "an axis that stays": ("[3, 2, 4]", "Permute: [1, 3, 2]"),
    "axes that change places": ("[3, 2]", "Permute: [2, 1]"),
    "flat at each step": ("[3, 2, 2]", "TimeDistributed: {layer: Flatten}"),
}


@pytest.mark.parametrize("case", CASES)
def test_cases(case: str) -> None:
    shape, layer = CASES[case]
    check(model(f"version: 1\ninput: {{shape: {shape}}}\nlayers:\n  - {layer}\n"))


OWN_STEP = {
    "features dropped", "maps to vectors, step by step", "a batch's own axis", "one step at a time",
    "an axis that stays", "flat at each step",
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_keeps_to_its_own_step(case: str) -> None:
    shape, layer = CASES[case]
    (reads,) = model(f"version: 1\ninput: {{shape: {shape}}}\nlayers:\n  - {layer}\n").layers[0].reads
    assert reads.own == (case in OWN_STEP)


@pytest.mark.parametrize(
    ("layer", "kept"),
    [
        ("Reshape: [-1, 6]", True),
        ("Reshape: [-1, 3]", False),
        ("Conv1D: {filters: 3, kernel_size: 1}", True),
        ("Conv1D: {filters: 3, kernel_size: 3}", False),
        ("Conv1D: {filters: 3, kernel_size: 1001, padding: same}", True),
        ("MaxPooling1D: {pool_size: 2, padding: same}", False),
    ],
)
def test_whether_steps_stay_where_their_number_is_not_known(layer: str, kept: bool) -> None:
    found = model(f"version: 1\ninput: {{steps: null, features: 6}}\nlayers:\n  - {layer}\n  - LSTM: 2\n")
    assert (time_axes(found)[found.layers[0].name] == "input") == kept


def test_sequences_of_unknown_length_one_behind_the_other() -> None:
    found = two("Concatenate: {axis: 1, from: [a, b]}\n  - LSTM: 2", "{steps: null, features: 3}")
    assert time_axes(found)["concatenate"] == "concatenate"


def test_a_kernel_may_be_wider_than_any_number_of_steps_one_thinks_of() -> None:
    """The time view counts with a length that stands for the unknown one."""
    layer = "Conv1D: {filters: 2, kernel_size: 100001}"
    found = model(f"version: 1\ninput: {{steps: null, features: 2}}\nlayers:\n  - {layer}\n  - LSTM: 2\n")
    assert placed(found, "time", Selection()).nodes


def test_every_kind_is_asked_for_all_it_reads() -> None:
    """In a case of its own above, where the random models of one layer do not draw it, or seldom."""
    seldom = {"Conv1D", "MaxPooling1D", "AveragePooling1D", "GlobalMaxPooling1D", "SpatialDropout1D", "RepeatVector"}
    written = {layer.partition(":")[0] for _, layer in CASES.values()}
    written |= {layer.partition(":")[0] for layer, *_ in JOINED.values()}
    assert sorted(seldom - written) == []
    alike = {"Subtract", "Multiply", "Average", "Minimum", "Maximum", "Add"}  # one rule
    assert sorted({*MERGES} - alike - written) == []
    assert set(KINDS) <= set(ORDER)
