"""What a picture calls the quantities of one layer: symbols and, with the values of a pass, numbers under them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lstmdiag.diagrams import Text
from lstmdiag.diagrams.text import small, text
from lstmdiag.layer import Layer
from lstmdiag.readings.elision import Gap, shown
from lstmdiag.views.numbers import short
from lstmdiag.views.words import symbol

if TYPE_CHECKING:
    from lstmdiag.cells.numbers import Array
    from lstmdiag.running.values import Values

BELOW = 1_000  # from here on an index goes under its symbol


@dataclass(frozen=True, slots=True)
class Labels:
    """Of one step. What `arrays` has by its name bears a number; without any, nobody has to ask."""

    step: int | None = None
    arrays: Mapping[Any, Array] = field(default_factory=dict)  # of a number a unit, or a row for each unit

    def of(self, name: str, unit: int) -> Text:
        """The symbol of a quantity of one unit, or of one feature of x, its number below."""
        return indexed(name, unit) + self.number(name, unit)

    def number(self, name: Hashable, *index: int) -> Text:
        """The number alone, a line; nothing where there is none. Indices are counted from 1."""
        found = self._written(name, *index)
        return text(small(found)) if found else ()

    def indexed(self, name: Hashable, unit: int) -> Text:
        """A line `[3] 0.25`: of an array that is drawn as a whole the number of one unit."""
        found = self._written(name, unit)
        return text(small(f"[{unit:,}] {found}")) if found else ()

    def _written(self, name: Hashable, *index: int) -> str:
        if name not in self.arrays:
            return ""
        array = self.arrays[name]
        if array.size == 1:  # one for all units
            return short(float(array.reshape(-1)[0]))
        return short(float(array[tuple(number - 1 for number in index[: array.ndim])]))

    def widest(self, total: int, most: int, focus: int) -> list[int]:
        """The units, or features, whose labels need the most room, of `total`.

        Without numbers whichever is the focus, so that pictures of one layer are alike.
        """
        if not self.arrays:
            return [min(total, BELOW - 1), total]
        return [unit for unit in shown(total, most, focus) if not isinstance(unit, Gap)]


def labels_of(values: Values | None, layer: Layer, step: int | None) -> Labels:
    """Raises UsageError where the step has no numbers to show."""
    if values is None:
        return Labels()
    from lstmdiag.running.moment import moment

    found = moment(values, layer, step)
    return Labels(found.step, found.parts)


def indexed(name: str, index: int) -> Text:
    """h_t[3], of h_prev h_t−1[3]; a long index goes under its symbol."""
    return text(symbol(name, index)) if index < BELOW else text(symbol(name), small(f"[{index:,}]"))
