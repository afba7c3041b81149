"""How many recurrent steps must wait for each other: the part of a pass that no machine can do side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lstmdiag.layer import Layer
from lstmdiag.model import Model
from lstmdiag.readings.axes import letters
from lstmdiag.tables import Column, Table
from lstmdiag.views.tables.layers import of_model, running
from lstmdiag.views.tables.when import NOW, When, last_of


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
    found = tuple(spans)
    return _Span(last_of(*(span.first for span in found)), last_of(*(span.last for span in found)))


@dataclass(frozen=True)
class _Wait:
    """One recurrent layer, or direction: recurrent steps before its first one, and before its result is there."""

    name: str
    own: When
    before: When
    done: When


@dataclass(frozen=True)
class Path:
    """The longest chain of steps that must wait for each other.

    Step t of a layer needs its own step t − 1 and step t of what it reads. So a layer that reads a sequence can
    start as soon as the first step of it is there, and one that reads a single vector, a copy of it, or
    backwards, when the last is. A layer that mixes steps (Flatten, Conv1D, a pooling) waits for all of
    them, attention for all of its values and keys.
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
            executed = _added(executed, wait.own)
        outputs = [ready[reference].all for reference in model.outputs if reference in ready]
        return Path(tuple(waits), last_of(*outputs, NOW), executed)

    def table(self, model: Model) -> Table:
        notes = [
            f"Step t of a layer needs its step t − 1{_turned(model)}, so these steps cannot run side by side; "
            "units and samples can.",
            "When a layer can start and is done is counted in recurrent steps from the beginning of the pass.",
            *self._side_by_side(model),
        ]
        return Table(
            "cost.path",
            of_model(model, "Steps that wait for each other"),
            (
                Column("layer", "Layer", "code"),
                Column("steps", "Own steps", "int"),
                Column("before", "Can start after steps", "int"),
                Column("done", "Done after steps", "int"),
            ),
            tuple((wait.name, wait.own.cell(), wait.before.cell(), wait.done.cell()) for wait in self.waits),
            total=("in all", self.executed.cell(), "", self.longest.cell()),
            notes=tuple(notes),
        )

    def _side_by_side(self, model: Model) -> list[str]:
        if self.longest == self.executed:
            return []
        below = "A layer that reads a sequence can take step t as soon as the layer below has"
        both = any(layer.unwrapped.backward for layer in model.layers)
        why = [below] if len(model.recurrent) > 1 else []
        why += ["the two directions of a layer can run at once"] if both else []
        why += [] if model.chain else ["layers that do not read each other can run at once"]
        why = why or [below]  # one layer, again on what it gave
        why[0] = why[0][0].upper() + why[0][1:]
        ran = "Layer by layer, as Keras and PyTorch run them," if why == [below] else "One after the other"
        return [
            f"{'; '.join(why)}: then {self.longest.text()} steps wait for each other. {ran} it is "
            f"{self.executed.text()}. The results are the same numbers."
        ]

    def data(self) -> dict[str, Any]:
        return {
            "dependent_steps": self.longest.number(),
            "dependent_formula": self.longest.text(),
            "executed_steps": self.executed.number(),
            "executed_formula": self.executed.text(),
        }


def _turned(model: Model) -> str:
    """What a direction that reads from the end waits for."""
    ways = (way for layer in model.layers if layer.recurrent for way in running(layer))
    return " (t + 1 where it reads from the end)" if any(way.options.go_backwards for way in ways) else ""


def _added(total: When, own: When) -> When:
    (known, lengths), *_ = own.sums
    for letter, times in lengths:
        for _ in range(times):
            total = total.plus(letter)
    return total.plus(known)


def _recurrent(layer: Layer, read: _Span, start: When, letter: str, ready: dict[str, _Span]) -> list[_Wait]:
    """One wait for each direction; what they give goes into `ready`, by reference."""
    found = layer.unwrapped
    steps = found.input[0] if found.input[0] is not None else letter
    waits, spans = [], []
    for each in running(layer):
        backwards = each.options.go_backwards
        begin = read.last if backwards and layer is found else read.first
        before = last_of(begin, start)
        span = _Span(before.plus(1), before.plus(steps))
        if layer is not found:  # its sequences are one step of another each
            span = _Span(span.last, last_of(read.last, start).plus(steps))
        done = span.all
        waits.append(_Wait(each.name if found.backward else layer.name, NOW.plus(steps), before, done))
        if not each.returns_sequences and layer is found:
            span = span.whole()
        elif each is found.backward:  # its sequence is turned round again, to be merged
            span = _Span(span.last, span.first)
        spans.append(span)
        name = layer.name + (f".{each.name.rpartition('.')[2]}" if found.backward else "")
        ready[name] = span
        ready.update({f"{name}.{state}": _Span(done, done) for state in each.states})
    ready[layer.name] = _joined(spans)
    return waits


def _plain(layer: Layer, read: list[_Span]) -> _Span:
    if layer.across_time and len(read) > 1:  # attention: a query step meets all values
        return _joined([read[0], *(span.whole() for span in read[1:])])
    span = _joined(read)
    kept = len(layer.input) == len(layer.output) and layer.input[:-1] == layer.output[:-1]
    return span if kept and not layer.across_time else span.whole()
