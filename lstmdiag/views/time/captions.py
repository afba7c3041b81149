"""What the unrolled picture claims, how it is read, its legend, and the picture in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lstmdiag.diagrams import Key
from lstmdiag.diagrams.text import clip
from lstmdiag.english import counted, listed
from lstmdiag.layer import Layer, show_shape
from lstmdiag.model import Model
from lstmdiag.readings.layers import kernel
from lstmdiag.views.letters import coincidence
from lstmdiag.views.time.axes import Axis
from lstmdiag.views.time.labels import times, weights_of
from lstmdiag.views.time.lanes import Lane
from lstmdiag.views.time.layout import Plan
from lstmdiag.views.time.parts import SCISSORS
from lstmdiag.views.time.ways import ROWS

NAME = 240.0  # room for a layer's name in a sentence, points


def captions(plan: Plan) -> dict[str, Any]:
    """Title, claim, reading and description."""
    return {
        "title": f"{plan.model.title}: through time",
        "claim": " ".join([_claim(plan.model, plan), *_again(plan)]),
        "reading": _reading(plan),
        "description": _description(plan),
    }


def _claim(model: Model, plan: Plan) -> str:
    layers = model.recurrent
    tops = [model.layer(layer.top) for layer in layers]
    if not layers:
        if any(source.reads in ("all", "window") for lane in plan.lanes for source in lane.sources):
            return "In this model nothing recurs: steps are read together, and no state passes from one to the next."
        if not plan.axes:
            once = all(layer.uses == 1 for layer in model.layers if layer.weights)
            return f"This model has no time axis{': every layer is used once' if once else ''}."
        return "In this model nothing passes from one step to the next: every step meets the same weights alone."
    first = layers[0]
    said = _used(first, tops[0])
    if tops[0].uses == 1 and len(layers) == 1:
        return f"{said}: with a single step nothing recurs, and {listed(list(first.states))} start from zero."
    said += f" with the same {counted(first.params, 'weight')}"
    if len(layers) == 1:
        return f"{said}."
    if len(layers) == 2:
        both = " in each direction" if tops[1].backward else ""
        said += f"; another, {_name(tops[1])}, {times(tops[1].uses)}{both}"
        return f"{said} with the same {layers[1].params:,}."
    total = sum(layer.params for layer in tops)
    uses = {layer.uses for layer in tops}
    often = times(uses.pop()) if len(uses) == 1 else "at every step of their sequences"
    return f"The {len(layers)} recurrent layers are used {often}, each with weights of its own, {total:,} in all."


def _again(plan: Plan) -> Iterator[str]:
    """The layers that are used on something else as well."""
    for layer in plan.model.layers:
        if layer.shared:
            name, first = (f"“{clip(each, NAME)}”" for each in (layer.name, layer.shared))
            yield f"{name} is {first} again, with the same weights."


def _used(layer: Layer, top: Layer) -> str:
    """One layer of 3 units, “b”, is used 5 times ..."""
    many = counted(layer.units, "filter" if kernel(layer) else "unit")
    if top.backward:
        return f"Two layers of {many}, {_name(top)}, read from both ends; each is used {times(top.uses)}"
    return f"One layer of {many}, {_name(top)}, is used {times(top.uses)}"


def _name(layer: Layer) -> str:
    return f"“{clip(layer.name, NAME)}”"


def _states(plan: Plan) -> tuple[list[str], list[str]]:
    """Symbols of the public and of the private states, each once."""
    lanes = [lane for lane in plan.lanes if lane.states]
    public = dict.fromkeys(lane.public for lane in lanes)
    return list(public), list(dict.fromkeys(state for lane in lanes for state in lane.private))


def _reading(plan: Plan) -> str:
    said = ["time runs right, depth runs up" if plan.axes else "depth runs up"]
    public, private = _states(plan)
    if public:
        goes = f"{listed(public)} {_verb('goes', public)} right and up"
        said.append(goes + (f", {listed(private)} right only" if private else ""))
    said += [words for words, holds in _READINGS if any(holds(lane) for lane in plan.lanes)]
    if any(len(axis.columns) > 1 for axis in plan.axes):
        said.append("a dashed box is the same layer again, with the same weights")
    words = "; ".join(said) + "."
    return f"{words[0].upper()}{words[1:]} {coincidence(plan.model)}".rstrip()


_READINGS: tuple[tuple[str, Callable[[Lane], bool]], ...] = (
    ("and left where a layer reads from the end", lambda lane: lane.leftwards),
    ("a state enters another layer only where that begins with it", lambda lane: bool(lane.starts)),
    ("a raised number counts the recurrent layers from below", lambda lane: "[" in lane.mark),
    ("crossing wires turn the order of the steps round", lambda lane: lane.turned),
    ("wires meet at dots only", lambda lane: any(source.way.kind == "level" for source in lane.sources)),
    (
        f"of more than {ROWS} steps that read so, the first and the last two are drawn with their wires",
        lambda lane: any(source.way.rows.count(None) > 1 for source in lane.sources),
    ),
    (
        "the last step is drawn as padding, an example: a mask lets the states pass it unchanged, and how many steps "
        "it leaves out differs from sample to sample",
        lambda lane: lane.masked,
    ),
    ("at a padded step both directions hand up zeros", lambda lane: lane.masked and bool(lane.way) and lane.along_time),
    ("at a padded step the last h is handed up again", lambda lane: lane.masked and lane.along_time and not lane.way),
)  # fmt: skip


def _verb(singular: str, of: list[str]) -> str:
    return singular if len(of) == 1 else singular.removesuffix("es")


def legend(plan: Plan) -> list[Key]:
    """One entry for each kind of thing that this picture draws."""
    public, private = _states(plan)
    again = any(len(axis.columns) > 1 for axis in plan.axes)
    keys = [Key("state.public", f"{symbol}, public: goes right and up", symbol, "line") for symbol in public]
    keys += [Key("state.private", f"{symbol}, private: goes right only", symbol, "line") for symbol in private]
    if any(lane.leftwards for lane in plan.lanes):
        keys.append(Key("state.public", "where each direction ends", "", "band"))
    keys.append(Key("layer", "a layer, where it is first used", "", "round"))
    if again:
        keys.append(Key("layer", "the same layer again", "", "round", "again"))
    if plan.model.params:
        keys.append(Key("weight", "a band: one set of weights" + (", used at every step" if again else ""), "", "band"))
    if any((lane.unreturned and again) or any(not lane.returns(state) for state in lane.finals) for lane in plan.lanes):
        keys.append(Key("state.public", "computed, not returned", "", "circle", "unreturned"))
    keys += [Key("note", words, sign, shape) for sign, shape, words, holds in _SIGNS if any(map(holds, plan.lanes))]
    if any(axis.left_out or axis.steps is None for axis in plan.axes):
        keys.append(Key("elision", "steps left out, wired identically", "⋯", "plain"))
    return keys


_SIGNS: tuple[tuple[str, str, str, Callable[[Lane], bool]], ...] = (
    (
        SCISSORS, "plain", "a share is dropped, in training only; in a recurrent layer the same one at all steps",
        lambda lane: lane.option("dropout") or lane.option("recurrent_dropout") or lane.drops,
    ),
    ("pad", "dotted", "a padded step, left out", lambda lane: lane.masked),
)  # fmt: skip
"""Sign, its shape, what it means, and the lanes that have it."""


def _description(plan: Plan) -> str:
    lines = [_of_axis(axis) for axis in plan.axes] + [_of_lane(plan, lane) for lane in plan.lanes]
    return "The model unrolled in time, from the bottom up. " + " ".join(lines)


def _of_axis(axis: Axis) -> str:
    steps = f"{axis.name} is not known" if axis.steps is None else f"{axis.name} = {counted(axis.steps, 'step')}"
    left_out = len(axis.columns) - len(axis.drawn)
    return f"{steps}, {len(axis.drawn)} drawn." if left_out else f"{steps}, all drawn."


def _of_lane(plan: Plan, lane: Lane) -> str:
    layer = lane.layer
    if layer is None:
        return f"{lane.name}: {show_shape(lane.gives)}."
    said = [f"{lane.name}: {layer.call}, {' '.join(weights_of(lane))}".rstrip(", ")]
    read = [plan.lanes[source.lane].name for source in lane.sources]
    if len(read) > 1 or lane.sources[0].lane != lane.index - 1:
        said.append(f"reads {listed(read)}")
    if lane.starts:
        given = dict.fromkeys(plan.lanes[source.lane].name for source in lane.starts)
        said.append(f"{listed(list(lane.states))} start from {listed(list(given))}")
    elif lane.states:
        said.append(f"{listed(list(lane.states))} start {'as kept' if lane.option('stateful') else 'at zero'}")
    if lane.reversed:
        said.append("reads the steps from the last to the first")
    if lane.masked:
        said.append("leaves padded steps out")
    if lane.unreturned:
        said.append(f"hands up {lane.public} of the last step only; the earlier ones are computed, not returned")
    elif lane.states:
        said.append(f"hands up {lane.public} of every step")
    if lane.kind == "repeat":
        said.append(f"copies one vector {times(lane.gives[0])}")
    unread = [state for state in lane.private if not lane.returns(state)]
    if unread:
        said.append(f"the last {listed(unread)} is computed, not returned")
    return ", ".join(said) + f", gives {show_shape(lane.gives)}."
