"""What a picture calls the quantities of one layer: symbols and, with the values of a pass, numbers under them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lstmdiag.analysis.elision import Gap, shown
from lstmdiag.diagrams import Number, Run, Text
from lstmdiag.diagrams.text import figure, small, text
from lstmdiag.layer import CellLayer
from lstmdiag.views.numbers import SOME, decimals, one_of, short, vector
from lstmdiag.views.words import symbol

if TYPE_CHECKING:
    from lstmdiag.cells.numbers import Array
    from lstmdiag.running.values import Values

BELOW = 1_000  # from here on an index goes under its symbol, where there is room


@dataclass(frozen=True, slots=True)
class Labels:
    """Of one layer at one step. What `arrays` has by its name bears a number; without any, nobody has to ask."""

    layer: CellLayer
    step: int | None = None
    arrays: Mapping[str, Array] = field(default_factory=dict)  # (units,), (rows, columns) or one number for all units
    below: int = BELOW  # from here on an index goes under its symbol

    def of(self, name: str, unit: int) -> Text:
        """The symbol of a quantity of one unit, or of one feature of x, its number below."""
        return indexed(name, unit, self.below) + self.number(name, unit)

    def number(self, name: str, *index: int) -> Text:
        """The number alone, a line; nothing where there is none. Indices are counted from 1."""
        return tuple((run,) for run in self._runs(name, index))

    def indexed(self, name: str, unit: int) -> Text:
        """A line `[3] 0.25`: of an array that is drawn as a whole the number of one unit."""
        return tuple((replace(run, text=f"[{unit:,}] {run.text}"),) for run in self._runs(name, (unit,)))

    def figures(self, name: str, unit: int, style: str, *, whole: bool = False) -> Text:
        """A line with the number of one unit to three decimals, which a build-up tells when it comes to it; x as it is.

        Of a `whole` vector all numbers, of a long one that of the unit. Raises UsageError where there is no such unit.
        """
        if name not in self.arrays:
            return ()
        array, write = self.arrays[name], short if name == "x" else decimals
        index: tuple[int, ...] = ()
        if whole and array.size > 1 and (name == "x" or array.size <= SOME or array.size != self.layer.units):
            written = vector([float(value) for value in array], write=write)
        else:
            written, index = write(one_of(array, unit)), (unit,) if array.size > 1 else (1,) * array.ndim
        return text(figure(written, style, number_of(self.layer, name, self.step, *index)))

    def _runs(self, name: str, index: tuple[int, ...]) -> list[Run]:
        if name not in self.arrays:
            return []
        array = self.arrays[name]
        index = (1,) * array.ndim if array.size == 1 else index[: array.ndim]
        return [printed(self.layer, name, self.step, index, float(array[tuple(place - 1 for place in index)]))]

    def widest(self, total: int, most: int, focus: int) -> list[int]:
        """The units, or features, whose labels need the most room, of `total`.

        Without numbers whichever is the focus, so that pictures of one layer are alike.
        """
        if not self.arrays:
            return [min(total, self.below - 1), total]
        return [unit for unit in shown(total, most, focus) if not isinstance(unit, Gap)]


def labels_of(values: Values | None, layer: CellLayer, step: int | None) -> Labels:
    """Raises UsageError where the step has no numbers to show."""
    if values is None:
        return Labels(layer)
    from lstmdiag.running.step_values import values_at

    found = values_at(values, layer, step)
    return Labels(layer, found.step, found.parts)


def number_of(layer: CellLayer, name: str, step: int | None, *index: int) -> Number:
    """What a quantity or a weight of a layer is called on a picture; weights are those of every step."""
    return Number(f"{layer.name}.{name}", None if name in layer.cell.weights else step, index)


def printed(layer: CellLayer, name: str, step: int | None, index: tuple[int, ...], value: float) -> Run:
    """A number as labels have it, small, which says what it is."""
    return Run(short(value), "small", of=number_of(layer, name, step, *index))


def indexed(name: str, index: int, below: int = BELOW) -> Text:
    """h_t[3], of h_prev h_t−1[3]; a long index goes under its symbol."""
    return text(symbol(name, index)) if index < below else text(symbol(name), small(f"[{index:,}]"))
