"""What a layer is: its cell, its directions, where their states start."""

from __future__ import annotations

import pytest

from lstmdiag.layer import CellLayer, Layer, RecurrentLayer, inside
from lstmdiag.layers import KINDS
from lstmdiag.layers.recurrent import ReturnOptions
from tests.models import PACKAGED, model, packaged

BOTH = """
version: 1
inputs: {x: {steps: 5, features: 3}, h: {shape: [2]}, c: {shape: [2]}}
layers:
  - Bidirectional: {name: b, layer: {LSTM: {units: 2, return_sequences: true}}, from: x, initial_state: [h, c, c, h]}
  - TimeDistributed: {name: t, layer: {Dense: 4}}
"""


@pytest.mark.parametrize("name", PACKAGED)
def test_layers_with_equations_have_a_cell_and_those_with_states_carry_them(name: str) -> None:
    found = packaged(name)
    for layer in (each for top in found.layers for each in (top, *inside(top))):
        assert isinstance(layer, CellLayer) == (layer.cell is not None)
        assert isinstance(layer, RecurrentLayer) == (layer.recurrent and not layer.inner)
    assert all(layer.cell.state for layer in found.recurrent)


def test_a_recurrent_kind_has_the_options_of_all() -> None:
    """Layer.returns_sequences, go_backwards and stateful ask for them."""
    kinds = [kind for kind in KINDS.values() if kind.recurrent and not kind.wraps]
    assert len(kinds) > 4 and all(issubclass(kind.options, ReturnOptions) for kind in kinds)


def test_a_bidirectional_layer_has_two_directions_with_a_start_each() -> None:
    layer = model(BOTH).layers[0]
    assert [each.name for each in layer.directions] == ["b.forward", "b.backward"]
    assert dict(layer.halves) == dict(zip(("forward", "backward"), layer.directions, strict=True))
    assert layer.starts == (("h", "c"), ("c", "h"))
    assert [*layer.states] == ["forward.h", "forward.c", "backward.h", "backward.c"]
    assert not layer.go_backwards and layer.directions[1].go_backwards


def test_of_any_other_layer_itself_or_what_it_wraps_runs() -> None:
    layer = model(BOTH).layers[1]
    assert layer.directions == (layer.inner,) and not layer.halves and layer.starts == ((),)
    assert layer.directions[0].directions == layer.directions


def test_a_layer_without_equations_has_no_shapes_by_name() -> None:
    layer: Layer = model("version: 1\ninput: {steps: 5, features: 3}\nlayers: [Flatten]\n").layers[0]
    with pytest.raises(KeyError):
        layer.shape("x")


@pytest.mark.parametrize(("layer", "drops"), [
    ("Dropout: 0.5", True), ("Dropout: 0.0", False), ("LSTM: {units: 2, recurrent_dropout: 0.1}", True),
    ("LSTM: 2", False), ("SpatialDropout1D: 0.1", True), ("Dense: 2", False),
])  # fmt: skip
def test_a_layer_drops_where_a_share_is_given(layer: str, drops: bool) -> None:
    assert model(f"version: 1\ninput: {{steps: 5, features: 3}}\nlayers: [{{{layer}}}]\n").layers[0].drops == drops
