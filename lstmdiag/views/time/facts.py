"""The facts of a lane that the words of the unrolled picture need; they are in words/en/time.yml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstmdiag.layer import show_shape
from lstmdiag.views.time.lanes import Lane
from lstmdiag.words import Words

WORDS = Words("time")


def facts_of_lane(lane: Lane, *, marked: bool = True) -> Mapping[str, Any]:
    """`marked` says whether its states bear a mark that tells its layer."""
    layer, states, reads = lane.layer, lane.states, {source.reads for source in lane.sources}
    drops = layer is not None and layer.definition.drops
    return {
        "name": lane.name,
        "layer": layer,
        "direction": lane.direction,
        "folded": lane.folded,
        "first": lane.folded and lane.folded[0].name,
        "last": lane.folded and lane.folded[-1].name,
        "weights_folded": lane.weighs,
        "merges": lane.merges,
        "shape": show_shape(lane.gives),
        "along_time": lane.along_time,
        "masked": lane.masked,
        "both_zero": lane.masked and lane.along_time and lane.direction,
        "padding_first": lane.masked and lane.along_time and lane.reads_reversed and not lane.direction,
        "padding_last": lane.masked and lane.along_time and not lane.reads_reversed and not lane.direction,
        # weights
        "weighted": bool(lane.weights),
        "shared": lane.shared,
        "letters": ", ".join(dict.fromkeys(weight.part for weight in lane.weights)),
        "uses": layer and layer.uses,
        "once": layer and layer.uses == 1,
        # states
        "states": list(states),
        "public": lane.public,
        "numbered": marked and "[" in lane.mark,
        "starts": lane.starts,
        "stateful": lane.option("stateful"),
        "return_state": lane.option("return_state"),
        "unreturned": lane.unreturned,
        "loses_states": any(not lane.returns(state) for state in lane.finals),
        "lost": [state for state in states if state != lane.public and not lane.returns(state)],
        # what it reads
        "leftwards": lane.leftwards,
        "reversed": lane.reads_reversed,
        "from_the_end": lane.reads_reversed != lane.leftwards,
        "all_steps": "all" in reads,
        "window": "window" in reads,
        "one_step_read": layer and layer.window and layer.window.size == 1,
        "steps_between": layer and layer.window and layer.window.dilation > 1,
        "steps_passed": layer and layer.window and layer.window.stride > 1,
        "sequences_joined": layer and len(layer.inputs) > 1,
        "sequence_inside": lane.kind == "layer" and lane.along_time and layer and layer.recurrent and not lane.merges,
        # what it does
        "copies": lane.gives[0] if lane.kind == "repeat" else 0,
        "one_copy": lane.gives[:1] == (1,),
        "tokens": layer and layer.definition.tokens,
        "queries": lane.along_time and layer and layer.mask == "query",
        "values": layer and layer.mask == "query" and layer.input_shapes[1][0],
        "drops": drops,
        "dropping": drops or (states and lane.option("dropout")) or lane.option("recurrent_dropout"),
    }
