"""What a kind of layer is, as fields of `Kind`: each kind fills them in a file of its own, and has a row in KINDS."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.config import JsonDict

from lstmdiag.cells.cell import MAX_SIZE, Cell, Dims

if TYPE_CHECKING:
    import numpy as np

    from lstmdiag.layers.reads import Reads
    from lstmdiag.layers.window import Window
    from lstmdiag.layers.work import Work

    Array = np.ndarray[Any, np.dtype[Any]]
    Weights = Mapping[str, Array]
    Arrays = Sequence[Array]
    Masks = Sequence[Array | None]

Shape = tuple[int | None, ...]
"""Without the batch axis; None is a size not known yet."""

Size = Annotated[int, Field(strict=True, ge=1, le=MAX_SIZE, description="A whole number, at least 1.")]
Rate = Annotated[
    float, Field(strict=True, ge=0, lt=1, allow_inf_nan=False, description="The share that is dropped, 0 <= rate < 1.")
]
Activation = Literal[
    "sigmoid", "hard_sigmoid", "tanh", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu",
    "softplus", "softsign", "linear", "softmax",
]  # fmt: skip
Flag = Annotated[bool, Field(strict=True)]


class ShapeMisfit(Exception):
    """The input's shape does not fit this layer; says both sides, and the mend where there is one."""

    def __init__(self, needs: str, mend: str = "") -> None:
        super().__init__(needs)
        self.needs, self.mend = needs, mend


class ValueMisfit(Exception):
    """The layer cannot take these numbers; `str()` of it goes on after the layer's name."""


_NO_NAME = r"^$|^\s|\s$|^\.$|\.\.|[/\\\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]"
_NAME_LENGTH = 100


def _fit_name(name: str) -> str:
    """Names go into files, ids and references: no '/' (Keras refuses it too), nothing that cannot be seen."""
    if name != name.strip() or not name:
        raise ValueError("cannot begin or end with a blank" if name.strip() else "cannot be empty")
    if name == ".":
        raise ValueError("cannot be '.'")
    found = re.search(_NO_NAME, name)
    if found:
        raise ValueError(f"cannot hold {found.group()!r}")
    if len(name) > _NAME_LENGTH:
        raise ValueError(f"can have {_NAME_LENGTH} characters, this one has {len(name):,}")
    return name


Name = Annotated[
    str,
    AfterValidator(_fit_name),
    WithJsonSchema({"type": "string", "maxLength": _NAME_LENGTH, "not": {"pattern": _NO_NAME}}),
]
"""Any text that can be shown, as a layer's name."""


def _names(value: Any) -> Any:
    """A reference or a list of them; resolving says whether there is such a thing."""
    given = value if isinstance(value, list) else [value]
    if value is None:
        return None
    if not given or len(given) > MAX_REFERENCES or not all(isinstance(name, str) and name for name in given):
        raise ValueError("is a name or a list of names, as in encoder, encoder.h or [left, right]")
    return value


MAX_REFERENCES = 100
_REFERENCE: JsonDict = {"type": "string", "minLength": 1}
_REFERENCES_SCHEMA: JsonDict = {
    "anyOf": [
        _REFERENCE,
        {"type": "array", "items": _REFERENCE, "minItems": 1, "maxItems": MAX_REFERENCES},
        {"type": "null"},
    ]
}
References = Annotated[
    Any, BeforeValidator(lambda value: None if value is None else _names(value)), WithJsonSchema(_REFERENCES_SCHEMA)
]
"""Names of layers or inputs, or of their states: `encoder`, `encoder.h`, `b.forward.h`."""

WIRING = ("from_", "initial_state")
"""Options that say what a layer is joined to, not what it is."""

_CHANGES_NOTHING = "Accepted as in Keras; changes nothing shown."


class Options(BaseModel):
    """What every layer may say. Names are Keras's."""

    # A model is built when a spec first uses it: most specs use few, and building takes milliseconds each.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, defer_build=True)

    name: Name | None = Field(None, description="The layer's name; by default Keras's, such as lstm_1.")
    trainable: Flag = Field(True, description="Whether training changes the weights.")
    dtype: str | None = Field(None, description=_CHANGES_NOTHING)
    from_: References = Field(None, alias="from", description="What it reads; by default the layer before it.")


Keras = Annotated[Any, Field(description=_CHANGES_NOTHING)]


def shown_options(options: type[BaseModel]) -> list[str]:
    """The options that change a shape, a count, an equation or a picture, and the name."""
    return [
        field.alias or name for name, field in options.model_fields.items() if field.description != _CHANGES_NOTHING
    ]


def option_names(model: type[BaseModel]) -> list[str]:
    """Every key as a spec writes it: `from`, where Python says from_."""
    return [field.alias or name for name, field in model.model_fields.items()]


_LONGEST, _MOST_PARTS = 80, 9


def as_in_spec(value: object) -> str:
    """The value of an option as a spec writes it: null, true, relu, [3, 3]; cut short where it is very long."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_in_spec, value[:_MOST_PARTS]))}]"
    return str(value)[:_LONGEST]


Mask = Literal["passes", "passes all", "concatenates", "makes", "reads", "query", "ends"]
"""What a layer does with the mask of padded steps (Keras's rules: lstmdiag.masks): hand it on; join those of all
inputs, if all have one; put them together as the inputs; begin one; use it; use the value's and hand on the query's;
or lose it."""


@dataclass(frozen=True)
class MaskRule:
    """Which masks of padded steps a layer takes: (input's shape, mask's shape) → whether it does; and in words."""

    words: str
    fits: Callable[[Shape, Shape], bool]


def all_but_the_last(x: Shape, mask: Shape) -> bool:
    """Whether the mask has all axes but the last, and is as long as these."""
    sizes = zip(x, mask, strict=False)
    return len(mask) == len(x) - 1 and all(None in both or both[1] in (1, both[0]) for both in sizes)


NOT_THE_LAST = MaskRule("a mask of all axes but the last", all_but_the_last)


@dataclass(frozen=True)
class Kind:
    """A row of the table of kinds.

    `output(options, *inputs)` gives the output's shape or raises ShapeMisfit; a wrapper's is asked
    `output(options, input, what the wrapped layer gives)`. `cell(options)` gives the equations, bound to
    their activations; None where the layer has no equations. `sizes(options, *inputs)` gives a number for
    each symbol in the weights' shapes.

    `numbers(options, weights, inputs, masks)` computes what a layer without equations gives; of a wrapper of two copies
    `inputs` are what these give. Arrays have the batch in
    front; `masks` has one (N, steps) for each input, true where a step counts, or None. It imports NumPy itself, which
    drawing does without. Raises ValueMisfit.
    """

    name: str
    options: type[Options]
    summary: str
    output: Callable[..., Shape]
    first: str = ""  # the option that a bare argument stands for
    cell: Callable[[Any], Cell] | None = None
    sizes: Callable[..., Mapping[str, int]] | None = None
    numbers: Callable[..., Array] | None = None
    shares: Callable[..., Array] | None = None  # as `numbers`: softmax(scores) over key steps, (N, ..., Tq, Tk)
    weights: Callable[[Any], Mapping[str, Dims]] | None = None  # where there are no equations that name them
    frozen: tuple[str, ...] = ()  # weights that training does not change, by name: moving_mean
    uses: Callable[..., int | None] | None = None
    """(options, *inputs, output) → how often the weights are used in a pass; by default once per place of the input."""
    work: Callable[..., Work] | None = None
    """(options, *inputs, output) → its arithmetic, where there are no equations; without it, it computes nothing."""
    recurrent: bool = False
    sequence: bool = False  # takes the first axis of its input for steps, as every recurrent layer and wrapper does
    wraps: bool = False  # takes `layer:`, another layer
    inside: Callable[[Any, Shape], Shape] | None = None  # of a wrapper: the shape the wrapped layer is given
    inputs: tuple[int, int | None] = (1, 1)  # fewest and most inputs; None: any number
    copies: bool = False  # at prediction it gives out the numbers it is given, and computes nothing
    over_batch: bool = False  # whether in training it normalizes over the samples of a batch
    reads: Callable[..., Sequence[Reads]] | None = None
    """(options, axis, *inputs, output) → which places of each input one place along this axis of the output reads, as
    `Layer.reads_along`. By default what its windows or its equations say, and where it has none of them its own."""
    windows: Callable[[Any], Mapping[int, Window]] = lambda options: {}
    """An axis of its input, counted from 0 → the window on it, where it reads a few neighbouring places."""
    aligned: Literal["first", "last"] = "last"  # which axes of input and output go together, if they differ in number
    mask: Mask | Callable[[Any], Mask] = "passes"
    counting: Callable[..., Array] | None = None  # (options, inputs) → where a step counts, of a mask that it makes
    padding_value: Callable[[Any], float] | None = None  # the number that fills a padded step, where it makes a mask
    takes: MaskRule | None = None  # the masks that Keras can do with; None: what lstmdiag.masks says for its like
    order: Callable[[Any], Sequence[int]] | None = None  # the axes of its input, from 1, in the order it gives them
    any_order: bool = False  # whether its inputs may come in any order
    input_names: tuple[str, ...] = ()  # where the order of the inputs matters and cannot be seen: query, value, key
    over_steps: str = ""  # in words, what it does with all steps of its input
    tokens: Callable[[Any], int] | None = None  # how many tokens it knows, where it looks its input up in a table
    repeats: bool = False  # gives one vector again and again, as a sequence
    drops: bool = False  # drops a share of the numbers in training, and does nothing else
    dropped: Callable[[Any], Sequence[float]] = lambda options: ()  # the shares of numbers that it drops in training
    function: Callable[[Any], str] | None = None  # the function on what it gives, by name: its option `activation`
    piecewise: bool = False  # gives one of the numbers it is given, as relu and its like may
    axis: Callable[[Any], int] | None = None  # the axis its equations work along, as Keras counts; by default the last
    ones: Callable[[Any], tuple[str, ...]] | None = None  # weights that begin at 1, in an array that begins at 0
    each_step: str = ""  # in words, what it does at a step, where its name does not say it
    elsewhere: Mapping[str, str] = field(default_factory=dict, hash=False)  # quantity → what some others call it
    sentence: str = ""
    """What it does, where that is more than a change of shape: a verb and its object. `{inputs}` and each of
    `input_names` stand for names of layers, `{first:time}` and `{last:number}` for the sizes of the output's first and
    last axis, counted."""
    padding: Callable[[Any], str] | None = None  # in words, what it takes for padding, where it makes a mask
    remark: Callable[[Any], str] | None = None
    """Sentences on what its options change; `{r}` stands for the quantity r of its cell."""
    as_tag: bool = True  # whether it tells a model from others, as a tag does
    hidden: tuple[str, ...] = ("name", "trainable", "dtype", "from", "initial_state")  # not printed in the call
