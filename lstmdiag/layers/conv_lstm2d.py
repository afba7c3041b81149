"""ConvLSTM2D: an LSTM on maps, with convolutions in place of products (Shi et al. 2015, without its peepholes).

A unit is a filter: one map of h and of c. Padding, strides and dilation are of the kernels on x; those on h keep
its places. As in Keras, what is called a convolution is a cross-correlation.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lstmdiag.cells import expr
from lstmdiag.cells.cell import Cell, make_cell
from lstmdiag.layers import lstm, recurrent
from lstmdiag.layers.kind import Flag, Kind, MaskRule, Options, Shape, ShapeMisfit, Size
from lstmdiag.layers.pair import Pair, windows
from lstmdiag.layers.window import Window

_KERNEL = ("kernel_rows", "kernel_columns")
_MAPS = ("out_rows", "out_columns", "units")

CELL = make_cell(
    "ConvLSTM2D",
    state={"h": _MAPS, "c": _MAPS},
    equations={
        "i": "recurrent_activation(conv(W_i, x) + conv(U_i, h_prev) + b_i)",
        "f": "recurrent_activation(conv(W_f, x) + conv(U_f, h_prev) + b_f)",
        "g": "activation(conv(W_g, x) + conv(U_g, h_prev) + b_g)",
        "o": "recurrent_activation(conv(W_o, x) + conv(U_o, h_prev) + b_o)",
        "c": "f * c_prev + i * g",
        "h": "o * activation(c)",
    },
    weights={
        **{f"W_{gate}": ("units", "features", *_KERNEL) for gate in lstm.ROLES},
        **{f"U_{gate}": ("units", "units", *_KERNEL) for gate in lstm.ROLES},
    },
    roles=lstm.ROLES,
    known_as=lstm.KNOWN_AS,
    input=("rows", "columns", "features"),
)


class FilterOptions(Options):
    filters: Size = Field(description="How many maps h has: the units of the layer.")
    kernel_size: Pair = Field(description="How many rows and columns a kernel has.")
    strides: Pair = Field((1, 1), description="How far the kernels on x move on from one place to the next.")
    padding: Literal["valid", "same"] = Field(
        "valid", description="What kernels on x read beyond the edges: nothing, or zeros on all sides."
    )
    data_format: Literal["channels_last"] | None = Field(None, description="Features are the last axis.")
    dilation_rate: Pair = Field((1, 1), description="How far apart the places are that kernels on x read.")


class ConvLSTM2DOptions(recurrent.WeightOptions, recurrent.FunctionOptions, recurrent.ReturnOptions, FilterOptions):
    unit_forget_bias: Flag = Field(True, description="Start the keep gate's bias at 1.")


def cell(options: ConvLSTM2DOptions) -> Cell:
    window = expr.Window(options.strides, options.dilation_rate, options.padding)
    return CELL.bind(recurrent.functions(options), use_bias=options.use_bias).moving(window)


def output(options: ConvLSTM2DOptions, shape: Shape) -> Shape:
    """(steps, rows, columns, features) → (steps, rows', columns', filters), or the last step alone."""
    maps = (*_places(options, shape), options.filters)
    return (shape[0], *maps) if options.return_sequences else maps


def _places(options: ConvLSTM2DOptions, shape: Shape) -> tuple[int, int]:
    """Rows and columns of what comes out."""
    _, rows, columns, _ = _known(shape)
    over = _windows(options)
    found = over[1].fits(rows, "rows"), over[2].fits(columns, "columns")
    return found[0] or 0, found[1] or 0  # both are known


def _windows(options: ConvLSTM2DOptions) -> dict[int, Window]:
    """The axis of x → the window on it."""
    rows, columns = windows(options.kernel_size, options.strides, options.dilation_rate, options.padding)
    return {1: rows, 2: columns}


def _known(shape: Shape) -> tuple[int | None, int, int, int]:
    if len(shape) != 4:
        raise ShapeMisfit("needs a sequence of maps (steps, rows, columns, features)")
    steps, rows, columns, features = shape
    if rows is None or columns is None or features is None:
        raise ShapeMisfit("needs a known number of rows, columns and features")
    return steps, rows, columns, features


def sizes(options: ConvLSTM2DOptions, shape: Shape) -> dict[str, int]:
    _, rows, columns, features = _known(shape)
    out_rows, out_columns = _places(options, shape)
    kernel = dict(zip(_KERNEL, options.kernel_size, strict=True))
    return {
        "units": options.filters, "features": features, **kernel,
        "rows": rows, "columns": columns, "out_rows": out_rows, "out_columns": out_columns,
    }  # fmt: skip


KIND = Kind(
    takes=MaskRule("no mask", lambda x, mask: False),  # Keras takes the mask's axes for those of the maps
    name="ConvLSTM2D",
    options=ConvLSTM2DOptions,
    first="filters",
    summary="An LSTM on maps: convolutions in place of products.",
    output=output,
    cell=cell,
    function=recurrent.function,
    dropped=recurrent.dropped,
    sizes=sizes,
    uses=lambda _options, *shapes: shapes[0][0],
    recurrent=True,
    windows=_windows,
    ones=lstm.ones,
    elsewhere=lstm.ELSEWHERE,
    mask="reads",
)
