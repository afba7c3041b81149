"""Masks of padded steps: the shape of each, by Keras 3.15's rules, and what no layer of Keras can do with one.

A mask tells of the first axes of its tensor which places count: (steps,), or (steps, words) of rows of words. Shapes
have no batch axis, so that () tells of samples as a whole; None is no mask.
"""

from __future__ import annotations

from lstmdiag.errors import LstmdiagError, Problem
from lstmdiag.layer import Layer, show_shape
from lstmdiag.layers.kind import NOT_THE_LAST, MaskRule, Shape, all_but_the_last

MaskShape = Shape | None


OVER_TIME = MaskRule("a mask (steps,), or one of several parts of a step", lambda x, mask: len(mask) in (1, 2))
VALUE = MaskRule("a mask (steps,)", lambda x, mask: len(mask) == len(x) - 1 == 1)

HINT = "Masking and mask_zero begin a mask; it ends at Flatten, Reshape, Permute and RepeatVector"


def output_mask_shape(layer: Layer) -> MaskShape:
    """The shape of the mask that goes along with its output. Raises LstmdiagError where Keras fails on a mask."""
    _check(layer)
    if layer.mask == "makes":
        return layer.output[:-1]
    if layer.mask == "passes all":
        return _joined(layer)
    if layer.mask == "concatenates":
        return _concatenated(layer)
    goes_on = layer.mask in ("passes", "query") or (layer.mask == "reads" and layer.returns_sequences)
    return layer.masks[0] if goes_on else None


def step_mask_shape(mask: MaskShape) -> MaskShape:
    """What TimeDistributed gives the wrapped layer of its mask: that of one step."""
    return None if mask is None else mask[1:]


def _check(layer: Layer) -> None:
    for number, (shape, mask) in enumerate(zip(layer.input_shapes, layer.masks, strict=True)):
        takes = layer.definition.takes or (OVER_TIME if layer.recurrent else None)
        if layer.mask == "query":
            takes = (NOT_THE_LAST, VALUE, None)[number]
        if takes and mask is not None and not takes.fits(shape, mask):
            what = f"of the shape {show_shape(mask)}" if mask else "that leaves it out as a whole"
            raise _misfit(layer, f"takes {takes.words}, but one {what} comes with its input")


def _misfit(layer: Layer, told: str) -> LstmdiagError:
    return LstmdiagError(Problem(f"{layer.name!r} {told}", layer.at, HINT))


def _joined(layer: Layer) -> MaskShape:
    """A step counts where it counts in any input; without a mask in one of them there is none."""
    found = [mask for mask in layer.masks if mask is not None]
    if len(found) < len(layer.masks):
        return None
    sizes = [{size for size in axis if size not in (1, None)} for axis in zip(*found, strict=False)]
    if any(len(mask) != len(found[0]) for mask in found) or any(len(axis) > 1 for axis in sizes):
        raise _misfit(layer, f"cannot join masks of the shapes {' and '.join(map(show_shape, found))}")
    return tuple(None if None in axis else max(axis) for axis in zip(*found, strict=True))


def _concatenated(layer: Layer) -> MaskShape:
    """All masks as wide as their inputs are put together as these are; of the result, any number of the last axis."""
    if not layer.masked:
        return None
    wide = [_widened(layer, *both) for both in zip(layer.input_shapes, layer.masks, strict=True)]
    axis = layer.options.axis
    place = axis - 1 if axis > 0 else axis
    place %= len(layer.input)
    others = {mask[:place] + mask[place + 1 :] for mask in wide}
    if len({len(mask) for mask in wide}) > 1 or len(others) > 1:
        given = " and ".join("none" if mask is None else show_shape(mask) for mask in layer.masks)
        raise _misfit(layer, f"cannot put masks together that have the shapes {given}")
    sizes = [mask[place] for mask in wide]
    total = None if None in sizes else sum(size for size in sizes if size)
    return (*wide[0][:place], total, *wide[0][place + 1 :])[:-1]


def _widened(layer: Layer, shape: Shape, mask: MaskShape) -> Shape:
    if mask is None or all_but_the_last(shape, mask):
        return shape
    if len(mask) < len(shape):
        raise _misfit(layer, f"takes {NOT_THE_LAST.words}, but one of the shape {show_shape(mask)} comes with an input")
    return mask
