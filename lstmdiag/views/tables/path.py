"""How many recurrent steps must wait for each other: the part of a pass that no machine can do side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lstmdiag.cells import terms
from lstmdiag.model import Layer, Model
from lstmdiag.tables import Cell, Column, Table
from lstmdiag.views.tables.layers import of_model


@dataclass(frozen=True)
class _When:
    """A number of recurrent steps: so many times the unknown T, and so many more."""

    unknown: int = 0
    known: int = 0

    def plus(self, steps: int | None) -> _When:
        return _When(self.unknown + 1, self.known) if steps is None else _When(self.unknown, self.known + steps)

    @property
    def number(self) -> int | None:
        return None if self.unknown else self.known

    def cell(self) -> Cell:
        """The number, or T + 1 where T is not known."""
        found: dict[tuple[str, ...], int] = {("steps",): self.unknown, (): self.known}
        return self.known if not self.unknown else terms.count({d: n for d, n in found.items() if n})


@dataclass(frozen=True)
class _Wait:
    """One recurrent layer: how many recurrent steps go before its first one, and before its result is there."""

    layer: Layer
    own: _When
    before: _When
    done: _When


@dataclass(frozen=True)
class Path:
    """The chain of steps that must wait for each other.

    Step t of a layer needs its own step t − 1 and step t of the layer below. So a layer that reads a
    sequence can start as soon as the first step below is done, and one that reads a single vector, a
    copy of it, or backwards, when the last is.
    """

    waits: tuple[_Wait, ...]
    longest: _When
    executed: _When

    @staticmethod
    def of(model: Model) -> Path:
        first = last = longest = executed = _When()  # when the first and the last step of the data are there
        waits = []
        for layer in model.layers:
            steps = layer.input[0] if layer.input else None
            if layer.recurrent:
                before = last if layer.options.go_backwards else first
                first, last = before.plus(1), before.plus(steps)
                executed = executed.plus(steps)
                waits.append(_Wait(layer, _When().plus(steps), before, last))
                if not layer.returns_sequences:
                    first = last
            elif len(layer.input) != len(layer.output) or layer.input[:-1] != layer.output[:-1]:
                first = last
            longest = last
        return Path(tuple(waits), longest, executed)

    def table(self, model: Model) -> Table:
        notes = [
            "Step t of a layer needs its step t − 1, so these steps cannot run side by side; units and samples can.",
            "When a layer can start and is done is counted in recurrent steps from the beginning of the pass.",
            *self._wavefront(),
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
            tuple((wait.layer.name, wait.own.cell(), wait.before.cell(), wait.done.cell()) for wait in self.waits),
            total=("in all", self.executed.cell(), "", self.longest.cell()),
            notes=tuple(notes),
        )

    def _wavefront(self) -> list[str]:
        if self.longest == self.executed:
            return []
        long, run = (_words(when) for when in (self.longest, self.executed))
        return [
            f"A layer that reads a sequence can take step t as soon as the layer below has: then {long} steps wait for "
            f"each other. Layer by layer, as Keras and PyTorch run them, it is {run}. The results are the same numbers."
        ]

    def data(self) -> dict[str, Any]:
        return {
            "dependent_steps": self.longest.number,
            "dependent_formula": _words(self.longest),
            "executed_steps": self.executed.number,
            "executed_formula": _words(self.executed),
        }


def _words(when: _When) -> str:
    cell = when.cell()
    return f"{cell:,}" if isinstance(cell, int) else getattr(cell, "text", "")
