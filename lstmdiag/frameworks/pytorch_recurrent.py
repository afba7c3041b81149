"""Recurrent layers of PyTorch: the call that makes one or several at once, and the source text of one."""

from __future__ import annotations

from collections.abc import Mapping

from lstmdiag.frameworks.pytorch_layers import NO_MASK
from lstmdiag.frameworks.storage import SourceLines
from lstmdiag.layer import Layer

MERGES: Mapping[str | None, tuple[str, str]] = {
    "concat": ("output", "torch.cat([h_n[0], h_n[1]], -1)"),
    "sum": ("output.unflatten(-1, (2, -1)).sum(-2)", "h_n.sum(0)"),
    "mul": ("output.unflatten(-1, (2, -1)).prod(-2)", "h_n.prod(0)"),
    "ave": ("output.unflatten(-1, (2, -1)).mean(-2)", "h_n.mean(0)"),
    None: ("output.chunk(2, -1)", "h_n[0], h_n[1]"),
}
"""merge_mode → the same of every step, and of the last one that each direction has read."""


def output_expression(layer: Layer, sequences: bool) -> str:
    """The output of every step, or of the last one read, in terms of what PyTorch gives: `output` and `h_n`."""
    if layer.backward:
        every, last = MERGES[layer.options.merge_mode]
        return every if sequences else last
    if sequences:
        return "output"
    # Behind a packed sequence output[:, -1] is 0 for all samples that are shorter than the longest.
    return "h_n[0]" if layer.masked else "output[:, -1]"


def recurrent_call(call: str, layer: Layer, number: int = 1, dropout: float = 0.0) -> str:
    """What makes such a layer, or `number` like it: `torch.nn.LSTM(4, 8, num_layers=2, batch_first=True)`."""
    found, options = layer.innermost, layer.innermost.options
    parts = [f"{found.features}", f"{found.units}"]
    parts += [f"num_layers={number}"] * (number > 1) + [f"dropout={dropout}"] * (dropout > 0)
    parts += ['nonlinearity="relu"'] * (call == "torch.nn.RNN" and options.activation == "relu")
    parts += ["bias=False"] * (not options.use_bias) + ["bidirectional=True"] * (layer.backward is not None)
    parts += [f"proj_size={found.sizes['projection']}"] if "projection" in found.sizes else []
    return f"{call}({', '.join(parts)}, batch_first=True)"


def recurrent(call: str, layer: Layer, name: str) -> SourceLines:
    """Its source text, one way or both; `h` and `c` have an axis in front, of layers and directions."""
    made, options = recurrent_call(call, layer).removeprefix("torch."), layer.innermost.options
    states = list(layer.innermost.states)
    final = f"({', '.join(states)})" if len(states) > 1 else states[0]
    run = ["x = x.flip(1)"] if options.go_backwards else []
    state = f"{name}_state" if options.stateful else ""
    run.append(f"x, {final} = {name}(x{_start(layer, len(states)) or (state and f', {state}')})")
    if state:  # not part of what the next pass is trained on
        run.append(f"{state} = {', '.join(f'{each}.detach()' for each in states)}")
    output = output_expression(layer, options.return_sequences).replace("output", "x").replace("h_n", "h")
    run += [f"x = {output}"] if output != "x" else []
    notes = [f"{made.partition('(')[0]} has no dropout within a step"] * bool(
        options.dropout or options.recurrent_dropout
    )
    once = [
        f"{name} = {made}",
        *([f"{state} = None  # begins with zeros, and again wherever it is None"] * bool(state)),
    ]
    return SourceLines(once, run, notes + [NO_MASK] * layer.masked, (state,) if state else ())


def _start(layer: Layer, number: int) -> str:
    """The states it starts from, as a second argument: each of them first in the order of directions."""
    given = layer.initial_state
    if not given:
        return ""
    each = [given[state::number] for state in range(number)]
    if layer.backward:
        stacked = [f"torch.stack([{', '.join(ways)}])" for ways in each]
    else:
        stacked = [f"{ways[0]}[None]" for ways in each]
    return f", {stacked[0]}" if number == 1 else f", ({', '.join(stacked)})"
