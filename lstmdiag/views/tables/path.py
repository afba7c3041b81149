"""How many recurrent steps must wait for each other: the part of a pass that no machine can do side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lstmdiag.analysis.axes import letters
from lstmdiag.frameworks import FRAMEWORKS
from lstmdiag.layer import Layer, cell_of
from lstmdiag.model import Model
from lstmdiag.tables import Table
from lstmdiag.views.tables.rows import table
from lstmdiag.views.tables.when import NOW, When, last_of
from lstmdiag.words import Words

WORDS = Words("table_cost")
_COLUMNS = ("layer:code", "steps:int", "before:int", "done:int")


@dataclass(frozen=True)
class _Span:
    """When the first and the last place of a sequence are there; of a vector both are one."""

    first: When = NOW
    last: When = NOW

    @property
    def all(self) -> When:
        return last_of(self.first, self.last)

    def whole(self) -> _Span:
        return _Span(self.all, self.all)


def _joined(spans: Iterable[_Span]) -> _Span:
    every = tuple(spans)
    return _Span(last_of(*(span.first for span in every)), last_of(*(span.last for span in every)))


@dataclass(frozen=True)
class _Wait:
    """One recurrent layer, or direction: recurrent steps before its first one, and before its result is there."""

    name: str
    steps: int | str | None  # its own: a number, or the letter of their number
    before: When
    done: When


@dataclass(frozen=True)
class Path:
    """The longest chain of steps that must wait for each other.

    Step t of a layer needs its own step t − 1 and step t of what it reads. So a layer that reads a sequence can
    start as soon as the first step of it is there, and one that reads a single vector, a copy of it, or
    backwards, when the last is. A layer whose places read others than
    their own (Flatten, a pooling, most convolutions) waits for all of them, attention for all of its values and keys.
    """

    waits: tuple[_Wait, ...]
    longest: When
    executed: When

    @staticmethod
    def of(model: Model) -> Path:
        ready = {source.name: _Span() for source in model.inputs}
        lengths = {name: row[0] for name, row in letters(model).items() if row}
        waits: list[_Wait] = []
        for layer in model.layers:
            read = [ready[reference] for reference in layer.inputs]
            if layer.recurrent:
                start = last_of(*(ready[reference].all for reference in layer.initial_state), NOW)
                letter = lengths.get(model.owner(layer.inputs[0])[0].name, "")
                waits += _recurrent(layer, read[0], start, "steps" if letter in ("", "T") else letter, ready)
            else:
                ready[layer.name] = _plain(layer, read)
        executed = NOW
        for wait in waits:
            executed = executed.plus(wait.steps)
        outputs = [ready[reference].all for reference in model.outputs if reference in ready]
        return Path(tuple(waits), last_of(*outputs, NOW), executed)

    def data(self) -> dict[str, Any]:
        return {
            "dependent_steps": self.longest.number(),
            "dependent_formula": self.longest.text(),
            "executed_steps": self.executed.number(),
            "executed_formula": self.executed.text(),
        }


def build(path: Path, model: Model) -> Table:
    """The table under the one of costs."""
    directions = (way for layer in model.layers if layer.recurrent for way in layer.directions)
    several = [layer for layer in model.layers if layer.recurrent and layer.unwrapped.input[0] != 1]
    uncoupled = [layer.name for layer in several if not _sums_read_states(layer)]
    both = any(layer.unwrapped.backward for layer in model.layers)
    sequences = len(model.recurrent) > 1 or (model.chain and not both)  # of one layer: it reads what it gave again
    return table(
        WORDS,
        "cost.path",
        model,
        _COLUMNS,
        (
            {
                "layer": wait.name,
                "steps": NOW.plus(wait.steps).cell(),
                "before": wait.before.cell(),
                "done": wait.done.cell(),
            }
            for wait in path.waits
        ),
        {
            "coupled": len(uncoupled) < len(several),
            "uncoupled": uncoupled,
            "from_end": any(way.go_backwards for way in directions),
            "shorter": path.longest != path.executed,
            "longest": path.longest.text(),
            "executed": path.executed.text(),
            "sequences": sequences,
            "both": both,
            "apart": not model.chain,
            "only_sequences": not both and model.chain,
            "frameworks": [each.title for each in FRAMEWORKS.values() if each.layer_by_layer],
        },
        total={"layer": WORDS.group("path").say("in_all"), "steps": path.executed.cell(), "done": path.longest.cell()},
    )


def _sums_read_states(layer: Layer) -> bool:
    """Whether a weighted sum reads a state, or what is made of one."""
    cell = cell_of(layer.innermost)
    return any(name != "x" and name not in cell.weights for g in cell.gates() for name in cell.equations[g].names())


def _recurrent(layer: Layer, read: _Span, start: When, letter: str, ready: dict[str, _Span]) -> list[_Wait]:
    """One wait for each direction; what they give goes into `ready`, by reference."""
    run = layer.unwrapped
    steps = run.input[0] if run.input[0] is not None else letter
    waits, spans = [], []
    for called, each in layer.named_directions.items():
        backwards = each.go_backwards
        begin = read.last if backwards and layer is run else read.first
        before = last_of(begin, start)
        span = _Span(before.plus(1), before.plus(steps))
        if layer is not run:  # its sequences are one step of another each
            span = _Span(span.last, last_of(read.last, start).plus(steps))
        done = span.all
        waits.append(_Wait(called, steps, before, done))
        if not each.returns_sequences and layer is run:
            span = span.whole()
        elif each is run.backward:  # its sequence is turned round again, to be merged
            span = _Span(span.last, span.first)
        spans.append(span)
        name = layer.name + (f".{each.name.rpartition('.')[2]}" if run.backward else "")
        ready[name] = span
        ready.update({f"{name}.{state}": _Span(done, done) for state in each.states})
    ready[layer.name] = _joined(spans)
    return waits


def _plain(layer: Layer, read: list[_Span]) -> _Span:
    """A place that reads others than its own waits for all; so does a vector that is made of a sequence."""
    span = _joined(one if reads.own else one.whole() for one, reads in zip(read, layer.reads, strict=True))
    return span if len(layer.output) > 1 else span.whole()
