"""The source that pages show for PyTorch gives Keras's shapes and numbers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import torch

from lstmdiag.cells.shapes import size
from lstmdiag.frameworks import arrays
from lstmdiag.frameworks.pytorch import PYTORCH
from lstmdiag.layer import Layer, Weight
from lstmdiag.layers import KINDS
from lstmdiag.layers.kind import Shape
from tests.layers.cases import CASES, Options

pytestmark = pytest.mark.filterwarnings("ignore")

LIKE = [
    (kind, options, shapes)
    for kind, options, shapes, *_ in CASES
    if PYTORCH.rows[kind].source
    and kind != "Dense"
    and not KINDS[kind].recurrent
    and options.get("axis", -1) in (-1, len(shapes[0]))
    and len({len(shape) for shape in shapes}) == 1
    and (kind, len(shapes[0])) != ("Attention", 3)
    and not (kind == "Reshape" and None in shapes[0])
]
"""What PyTorch does alike: no axis moved, no axis missing in front."""


def of(kind: str, options: Options, shapes: tuple[Shape, ...]) -> Layer:
    """The layer as a model holds it, its inputs called a, b, c."""
    row, chosen = KINDS[kind], KINDS[kind].options(**options)
    cell = row.cell(chosen) if row.cell else None
    dims = cell.weights if cell else row.weights(chosen) if row.weights else {}
    sizes = dict(row.sizes(chosen, *shapes)) if row.sizes else {}
    weights = tuple(Weight(name, name[0], "", of, size(of, sizes)) for name, of in dims.items())
    gives, names = row.output(chosen, *shapes), tuple("abc"[: len(shapes)])
    return Layer(kind.lower(), row, kind, chosen, names, shapes, gives, cell=cell, sizes=sizes, weights=weights)


def known(shape: Shape) -> tuple[int, ...]:
    """Any length: three."""
    return tuple(3 if size is None else size for size in shape)


def stored_alike(layer: Layer, held: Any, scope: dict[str, Any]) -> None:
    """Keras's numbers into PyTorch's arrays, by way of the rows of `frameworks`."""
    pairs = zip(arrays(layer, "keras") or (), arrays(layer, "pytorch") or (), strict=True)
    for theirs, ours in pairs:
        numbers = np.array(next(weight for weight in held.weights if weight.name == theirs.name))
        assert numbers.shape == theirs.shape
        if theirs.layout.axes:
            numbers = numbers.transpose(np.argsort(theirs.layout.axes))
        assert numbers.shape == ours.shape
        made = scope.get(layer.name)
        if isinstance(made, torch.nn.Sequential):  # zeros, then the convolution
            made = made[-1]
        found = getattr(made, ours.name) if made is not None else scope[f"{layer.name}_{ours.name}"]
        found.data = torch.tensor(numbers)


@pytest.mark.parametrize(("kind", "options", "shapes"), LIKE)
def test_keras_numbers(kind: str, options: Options, shapes: tuple[Shape, ...]) -> None:
    random = np.random.default_rng(5)
    sizes = [known(shape) for shape in shapes]
    held = getattr(keras.layers, kind)(**options)
    if kind == "Embedding":
        given = [random.integers(0, options["input_dim"], size=(2, *sizes[0]))]
    else:
        given = [random.normal(size=(2, *shape)).astype("float32") for shape in sizes]
    held(given if len(given) > 1 else given[0])
    for weight in held.weights:
        if "seed" not in weight.path:
            weight.assign(random.uniform(0.5, 2, size=weight.shape))
    wanted = np.asarray(held(given if len(given) > 1 else given[0]))
    layer = of(kind, options, tuple(sizes))
    write = PYTORCH.rows[kind].source
    assert write is not None
    lines = write(layer, layer.name)
    scope: dict[str, Any] = {"torch": torch, "nn": torch.nn} | dict(zip("abc", map(torch.tensor, given), strict=False))
    scope["x"] = scope["a"]
    exec("\n".join(lines.init), scope)
    stored_alike(layer, held, scope)
    for made in scope.values():
        if isinstance(made, torch.nn.Module):
            made.eval()
    exec("\n".join(lines.run), scope)
    found = scope["x"].detach().numpy()
    assert found.shape == wanted.shape
    if not any("other steps may meet" in note for note in lines.notes):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)
