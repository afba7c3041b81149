"""What fits each kind of layer, and options of it at random: one row a kind, written without asking KINDS.

Only what comes out of a layer (`gives`, `states`) is asked there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from typing import Any

import yaml
from hypothesis import strategies as st

from lstmdiag.cells.shapes import size
from lstmdiag.layer import Layer
from lstmdiag.layers import KINDS
from lstmdiag.masks import output_mask_shape, step_mask_shape
from tests.models import CELLS

Shape = tuple[int | None, ...]
Options = dict[str, Any]
Drawn = st.SearchStrategy[Options]

pick = st.sampled_from
SIZES = st.integers(1, 6) | pick([16, 100])
RATES = pick([0.5, 0.25, 0])
FUNCTIONS = pick(["relu", "sigmoid", "tanh", "linear", "hard_sigmoid", "softmax", "elu", "selu", "gelu", "softplus"])
TRUE = st.just(True)
FALSE = st.just(False)


def options(optional: Mapping[str, st.SearchStrategy[Any]] | None = None, **needed: st.SearchStrategy[Any]) -> Drawn:
    """All of `needed`, and now and then one or two of `optional`, or that its weights are frozen."""
    rare: dict[str, st.SearchStrategy[Any]] = {**(optional or {}), "trainable": FALSE}
    some = st.sets(pick([*rare]), max_size=2).flatmap(
        lambda names: st.fixed_dictionaries({name: rare[name] for name in rare if name in names})
    )
    extra = st.just({}) | some
    return st.tuples(st.fixed_dictionaries(needed), extra).map(lambda both: both[0] | both[1])


# What fits: a shape without the batch axis → whether such a layer can read it.


def anything(shape: Shape) -> bool:
    return True


def known_features(shape: Shape) -> bool:
    return bool(shape) and shape[-1] is not None


def vector(shape: Shape) -> bool:
    return len(shape) == 1


def steps(shape: Shape) -> bool:
    return len(shape) == 2


def sequence(shape: Shape) -> bool:
    return steps(shape) and known_features(shape)


def sequences(shape: Shape) -> bool:
    return len(shape) >= 2 and known_features(shape)


def pictures(shape: Shape) -> bool:
    """Steps of rows × columns × channels."""
    return len(shape) == 4 and None not in shape[1:]


# Options that depend on the shape.


def normalization(shape: Shape) -> Drawn:
    axes = [axis + 1 for axis, size in enumerate(shape) if size is not None]
    flags: dict[str, st.SearchStrategy[Any]] = {"center": FALSE, "scale": FALSE, "epsilon": pick([0.0001, 0.5])}
    return options({"axis": pick([-1, *axes]), **flags})


def reshape(shape: Shape) -> Drawn:
    """-1 in front where the steps are not known, and sometimes where they are."""
    total = prod(size for size in shape if size is not None)
    parts = [part for part in range(1, min(total, 12) + 1) if total % part == 0]
    targets = [[-1, part] for part in parts]
    if None not in shape:
        targets = [[part, total // part] for part in parts] + targets + [[total], [-1], [1, 1, total]]
    return options(target_shape=pick(targets))


def permute(shape: Shape) -> Drawn:
    return options(dims=st.permutations(range(1, len(shape) + 1)))


def convolution(shape: Shape) -> Drawn:
    features, known = shape[1] or 1, shape[0] or 9
    groups = [group for group in (1, 2, 3) if features % group == 0]

    def grouped(group: int) -> Drawn:
        rare = {"activation": FUNCTIONS | st.none(), "use_bias": FALSE, "padding": pick(["same", "causal"])}
        wide = {"kernel_size": st.integers(1, min(known, 4)), "filters": st.integers(1, 4).map(lambda n: n * group)}
        far = {"padding": pick(["same", "causal"]), "dilation_rate": st.integers(1, 3)}
        chosen = options({**rare, "strides": st.integers(1, 3)}, **wide) | options({"use_bias": FALSE}, **wide, **far)
        return chosen if group == 1 else chosen.map(lambda found: found | {"groups": group})

    return pick(groups).flatmap(grouped)


def pooling(shape: Shape) -> Drawn:
    size = st.integers(1, min(shape[0] or 4, 4))
    return options({"strides": st.integers(1, 3), "padding": st.just("same")}, pool_size=size)


def recurrent(**more: st.SearchStrategy[Any]) -> Callable[[Shape], Drawn]:
    rare = {
        "go_backwards": TRUE, "return_state": TRUE, "stateful": TRUE, "use_bias": FALSE,
        "activation": FUNCTIONS, "dropout": RATES, "recurrent_dropout": RATES, **more,
    }  # fmt: skip
    return lambda shape: options(rare, units=SIZES, return_sequences=pick([False, True]))


def cell(shape: Shape) -> Drawn:
    """Of a cell declared in the spec: what all of them have."""
    rare = {"go_backwards": TRUE, "return_state": TRUE, "stateful": TRUE}
    return options(rare, units=SIZES, return_sequences=pick([False, True]))


def plain(**needed: st.SearchStrategy[Any]) -> Callable[[Shape], Drawn]:
    return lambda shape: options(**needed)


def rarely(**optional: st.SearchStrategy[Any]) -> Callable[[Shape], Drawn]:
    return lambda shape: options(optional)


def concatenate(shape: Shape) -> Drawn:
    return st.fixed_dictionaries({}, optional={"axis": st.integers(1, len(shape)) | st.just(-1)})


def convolution_of_pictures(shape: Shape) -> Drawn:
    _, rows, columns, _ = shape
    assert rows and columns
    kernel = st.integers(1, min(rows, columns, 3))
    rare = {
        "padding": st.just("same"), "strides": st.integers(1, 2), "use_bias": FALSE, "activation": FUNCTIONS,
        "go_backwards": TRUE, "return_state": TRUE, "stateful": TRUE,
    }  # fmt: skip
    return options(rare, filters=st.integers(1, 5), kernel_size=kernel, return_sequences=pick([False, True]))


def mates(kind: str, options: Options, shape: Shape, other: Shape) -> bool:
    """Whether a layer of several inputs can read both."""
    if kind == "Concatenate":
        axis = options.get("axis", -1)
        at = axis - 1 if axis > 0 else len(shape) - 1
        return len(shape) == len(other) and shape[:at] + shape[at + 1 :] == other[:at] + other[at + 1 :]
    if kind.endswith("Attention"):
        return len(shape) == len(other) and shape[:-2] == other[:-2] and shape[-1] == other[-1]
    return shape[-len(other) :] == other if other else False


GATED = {"recurrent_activation": FUNCTIONS}

ROWS: Mapping[str, tuple[Callable[[Shape], bool], Callable[[Shape], Drawn]]] = {
    "Dense": (known_features, lambda _: options({"activation": FUNCTIONS | st.none(), "use_bias": FALSE}, units=SIZES)),
    "Dropout": (anything, plain(rate=RATES)),
    "Activation": (known_features, plain(activation=FUNCTIONS)),
    "LSTM": (sequence, recurrent(unit_forget_bias=FALSE, projection=st.integers(1, 4), **GATED)),
    "GRU": (sequence, recurrent(reset_after=st.booleans(), **GATED)),
    "SimpleRNN": (sequence, recurrent()),
    "PeepholeLSTM": (sequence, recurrent(**GATED)),
    "ConvLSTM2D": (pictures, convolution_of_pictures),
    "RepeatVector": (vector, plain(n=st.integers(1, 8))),
    "SpatialDropout1D": (steps, lambda _: st.fixed_dictionaries({"rate": RATES})),  # Keras's takes nothing else
    "Masking": (known_features, rarely(mask_value=pick([-1, 0.5]))),
    "Flatten": (anything, plain()),
    "Reshape": (anything, reshape),
    "Permute": (anything, permute),
    "LayerNormalization": (known_features, normalization),
    "BatchNormalization": (known_features, normalization),
    "Conv1D": (sequence, convolution),
    "MaxPooling1D": (steps, pooling),
    "AveragePooling1D": (steps, pooling),
    "GlobalMaxPooling1D": (steps, rarely(keepdims=TRUE)),
    "GlobalAveragePooling1D": (steps, rarely(keepdims=TRUE)),
    "Embedding": (
        lambda shape: False,  # tokens are asked for by hand
        lambda _: options(mask_zero=st.booleans(), input_dim=pick([7, 100, 10_000]), output_dim=SIZES),
    ),
    "Concatenate": (known_features, concatenate),
    **dict.fromkeys(("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"), (known_features, plain())),
    "Attention": (sequences, rarely(use_scale=TRUE, score_mode=st.just("concat"), dropout=RATES)),
    "AdditiveAttention": (sequences, rarely(use_scale=FALSE, dropout=RATES)),
}
"""Kind → what it can read, and its options for that."""

OWN: Mapping[str, Mapping[str, Any]] = {
    "".join(word.capitalize() for word in name.split("-")): yaml.safe_load(body) for name, body in CELLS.items()
}
"""Cells that a spec declares itself: MinimalGated → its section."""


def states(kind: str, options: Options, *shapes: Shape) -> dict[str, Shape]:
    """Of a recurrent layer or a bidirectional one, by the rest of a reference."""
    if kind == "Bidirectional":
        ((inner, its),) = options["layer"].items()
        ways = ("forward", "backward")
        return {f"{way}.{name}": of for way in ways for name, of in states(inner, its, *shapes).items()}
    if kind in OWN:
        return dict.fromkeys(OWN[kind]["state"], (options["units"],))
    row = KINDS[kind]
    if not row.recurrent or row.cell is None or row.sizes is None:
        return {}
    chosen = row.options(**options)
    sizes = row.sizes(chosen, *shapes)
    return {name: size(dims, sizes) for name, dims in row.cell(chosen).state.items()}


def masked(kind: str, options: Options, shapes: tuple[Shape, ...], masks: tuple[Shape | None, ...]) -> Layer:
    """The layer with the mask that it hands on, as lstmdiag has it. Raises LstmdiagError where it takes none such."""
    if kind in OWN:
        kind, options = "SimpleRNN", {name: options[name] for name in ("units", "return_sequences") if name in options}
    row = KINDS[kind]
    inner = None
    if "layer" in options:
        ((wrapped, its),) = options["layer"].items()
        both = kind == "Bidirectional"
        inner = masked(
            wrapped, its, shapes if both else (shapes[0][1:],), masks if both else (step_mask_shape(masks[0]),)
        )
        options = {name: value for name, value in options.items() if name != "layer"}
    chosen = row.options.model_construct(**options)
    mask = row.mask(chosen) if callable(row.mask) else row.mask
    output = gives(kind, options, *shapes) if mask == "makes" else ()
    made = Layer(
        kind, row, "", chosen, (), shapes, output, inner=inner, masks=masks, mask=mask, recurrent=row.recurrent
    )
    return replace(made, mask_shape=output_mask_shape(made))


def gives(kind: str, options: Options, *shapes: Shape) -> Shape:
    """What comes out, as KINDS has it."""
    if kind in OWN:
        return (*(shapes[0][:1] if options.get("return_sequences") else ()), options["units"])
    row = KINDS[kind]
    chosen = row.options(**options)
    if row.inside is None:
        return row.output(chosen, *shapes)
    ((inner, its),) = options["layer"].items()
    return row.output(chosen, shapes[0], gives(inner, its, row.inside(chosen, shapes[0])))
