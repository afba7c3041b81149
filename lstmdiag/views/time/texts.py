"""The facts that the captions of the unrolled picture need, and its legend; the words are in words/en/time.yml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from lstmdiag.analysis.layers import kernel
from lstmdiag.diagrams import Key
from lstmdiag.diagrams.text import clip
from lstmdiag.layer import Layer
from lstmdiag.model import Model
from lstmdiag.views.letters import coincidence
from lstmdiag.views.time.facts import WORDS
from lstmdiag.views.time.layout import Grid
from lstmdiag.views.time.routing import ROWS
from lstmdiag.views.time.wires import SCISSORS

NAME = 240.0  # room for a layer's name in a sentence, points
Facts = Mapping[str, Any]


def facts_of(model: Model, grid: Grid) -> Facts:
    """What the captions need to know."""
    lanes, axes, of_lanes = grid.lanes, grid.axes, grid.labels.facts
    routes = [route for routing in grid.routings for route in routing.inputs]
    layers = [_recurrent(layer, model.layer(layer.top)) for layer in model.recurrent]
    uses = {layer["uses"] for layer in layers}
    shared = [(layer.name, layer.shared) for layer in model.layers if layer.shared]
    return {
        "model": model,
        "coincidence": coincidence(model),
        "axes": axes,
        "together": any(lane["all_steps"] or lane["window"] for lane in of_lanes),
        "again": any(len(axis.columns) > 1 for axis in axes),
        "lanes": [_lane(grid, number) for number in range(len(lanes))],
        "some": SimpleNamespace(**{fact: any(lane[fact] for lane in of_lanes) for fact in of_lanes[0]}),
        "public": _once(lane.public for lane in lanes if lane.states),
        "private": _once(state for lane in lanes for state in lane.states if state != lane.public),
        "levels": any(route.kind == "level" for route in routes),
        "crowded": any(route.rows.count(None) > 1 for route in routes),
        "rows": ROWS,
        "layers": layers,
        "recurrent": len(layers),
        "many": len(layers) > 2,
        "one_step": len(layers) == 1 and layers[0]["once"],
        "alike": len(uses) == 1,
        "uses": next(iter(uses), None),
        "once": uses == {1},
        "weights": sum(layer["all_weights"] for layer in layers),
        "each_once": all(layer.uses == 1 for layer in model.layers if layer.weights),
        "shared_layers": [{"name": clip(name, NAME), "original": clip(first, NAME)} for name, first in shared],
    }


def _recurrent(layer: Layer, top: Layer) -> Facts:
    """Of a recurrent layer; `top` is the layer of the model that it is, or is inside of."""
    return {
        "name": clip(top.name, NAME),
        "units": layer.units,
        "maps": kernel(layer),
        "uses": top.uses,
        "once": top.uses == 1,
        "both_directions": len(top.directions) > 1,
        "params": layer.params,
        "all_weights": top.params,
    }


def _lane(grid: Grid, number: int) -> Facts:
    lane = grid.lanes[number]
    reads = [source.lane for source in lane.sources]
    return {
        **grid.labels.facts[number],
        "reads": [grid.lanes[index].name for index in reads if reads != [number - 1]],
        "begins": _once(grid.lanes[source.lane].name for source in lane.starts),
    }


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def legend(facts: Facts) -> Iterator[Key]:
    """One entry for each kind of thing that this picture draws."""
    some, again = facts["some"], facts["again"]
    for role, symbols, phrase in (
        ("state.public", facts["public"], "key_public"),
        ("state.private", facts["private"], "key_private"),
    ):
        yield from (Key(role, WORDS.say(phrase, symbol=symbol), symbol, "line") for symbol in symbols)
    rows = (
        (some.leftwards, "key_end", "state.public", "", "band", ""),
        (True, "key_layer", "layer", "", "round", ""),
        (again, "key_again", "layer", "", "round", "again"),
        (facts["model"].params, "key_weights", "weight", "", "band", ""),
        (some.loses_states or (again and some.unreturned), "key_lost", "state.public", "", "circle", "unreturned"),
        (some.dropping, "key_dropped", "note", SCISSORS, "plain", ""),
        (some.masked, "key_pad", "note", WORDS.say("pad"), "dotted", ""),
        (any(axis.elided for axis in facts["axes"]), "key_left_out", "elision", "⋯", "plain", ""),
    )
    for drawn, phrase, role, symbol, shape, mark in rows:
        if drawn:
            yield Key(role, WORDS.say(phrase, facts), symbol, shape, mark)
