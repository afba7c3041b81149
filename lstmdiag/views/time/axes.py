"""A time axis: which of its steps are drawn, and what stands for the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lstmdiag.english import counted
from lstmdiag.errors import Problem, UsageError

WHOLE = 6  # up to so many steps are all drawn
ENDS = 4  # of more: the first two and the last two
LABELLED = 12  # up to so many columns every wire says what it carries
SYMBOLIC = 1_000  # from so many steps on, the last ones are written T−1 and T below a symbol
MOST_STEPS = 20_000  # drawn columns
MOST_BOXES = 200_000  # drawn columns times lanes

Wanted = int | Literal["all"] | None


@dataclass(frozen=True, slots=True)
class Column:
    """One drawn step, or the gap that stands for the steps left out."""

    key: str  # part of ids: 2, T-1, gap
    symbol: str  # what stands below h: 2, T−1; in a gap, that of its last step
    head: str  # t = 2
    step: int | None  # None where the number of steps is not known; in a gap, its last step
    gap: bool = False
    left_out: int = 0  # how many steps a gap stands for; 0 where that is not known
    pad: bool = False  # drawn as padding that a mask leaves out
    index: int = 0  # from the left
    since: int = 0  # the build-up state in which it appears
    state: str = ""  # the name of that state


ALONE = Column("", "", "", None)
"""Where there is no time: of a value that has no steps."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A time axis and its columns."""

    name: str  # T, or T_in and T_out where there are two
    steps: int | None
    columns: tuple[Column, ...]

    @property
    def drawn(self) -> int:
        """How many steps are drawn."""
        return sum(not column.gap for column in self.columns)

    @property
    def elided(self) -> bool:
        return self.drawn < len(self.columns)

    @property
    def first(self) -> Column:
        return self.columns[0]

    @property
    def last(self) -> Column:
        return self.columns[-1]

    @property
    def real(self) -> Column:
        """The last step that is no padding."""
        return next(column for column in reversed(self.columns) if not column.pad and not column.gap)

    @property
    def left_out(self) -> int:
        return sum(column.left_out for column in self.columns)

    def labels(self, column: Column) -> bool:
        """Whether the wires of this column say what they carry; of many columns only the ends do."""
        return len(self.columns) <= LABELLED or not 2 <= column.index < len(self.columns) - 2

    def first_of(self, column: Column) -> str:
        """The symbol of a column's step; of a gap, of the first step left out."""
        return str(int(self.columns[column.index - 1].symbol) + 1) if column.gap else column.symbol

    def numbers(self, steps: int) -> list[int]:
        """The step of each column, of a gap the last one, where there are so many `steps`."""
        last = len(self.columns) - 1
        return [column.step or steps - (last - index) for index, column in enumerate(self.columns)]

    def mirrored(self, column: Column) -> Column:
        """As far from the last step as this column is from the first; the gap where that is not drawn."""
        other = self.columns[-1 - column.index]
        if self.steps is None or column.step is None or other.step == self.steps + 1 - column.step:
            return other
        return next(each for each in self.columns if each.gap)


def axes_of(
    lengths: Sequence[tuple[str, int | None]], wanted: Wanted, lanes: int, padded: Collection[int], most: int
) -> tuple[Axis, ...]:
    """The axes of these names and numbers of steps, as so many lanes need them; those that are `padded` end in padding.

    Where nothing is wanted, up to `most` steps are all drawn. Raises UsageError where they cannot be drawn as wanted.
    """
    _refuse_too_much(sum(drawn(steps, wanted, most) for _, steps in lengths), lanes)
    axes: list[Axis] = []
    for number, (name, steps) in enumerate(lengths):
        since = sum(len(axis.columns) for axis in axes)
        prefix = f"{name}: " if axes else ""
        axes.append(Axis(name, steps, columns(steps, wanted, since, prefix, most, padded=number in padded)))
    return tuple(axes)


def _refuse_too_much(steps: int, lanes: int) -> None:
    hint = "leave --steps out: the first and the last steps say the same"
    if steps > MOST_STEPS:
        message = f"{steps:,} drawn steps are refused: more than {MOST_STEPS:,} can be neither drawn nor read"
        raise UsageError(Problem(message, hint=hint))
    if steps * lanes > MOST_BOXES:
        message = f"{steps:,} drawn steps in {counted(lanes, 'lane')} are refused: more than {MOST_BOXES:,} boxes"
        raise UsageError(Problem(message, hint=hint))


def columns(
    steps: int | None, wanted: Wanted, since: int = 0, prefix: str = "", most: int = WHOLE, *, padded: bool = False
) -> tuple[Column, ...]:
    """The columns of an axis of `steps` (None: not known), each a build-up state of its own from `since` on.

    `prefix` tells the states of a second axis from the first's; `padded` makes the last one padding. Raises
    UsageError where `wanted` is no way to draw them.
    """
    if wanted == "all" and steps is None:
        raise UsageError(Problem("cannot draw all steps: their number is not known", hint="leave --steps out"))
    if isinstance(wanted, int) and wanted < min(2, steps or 2):
        hint = "the first and the last step are always drawn: at least 2"
        raise UsageError(Problem(f"cannot draw {counted(wanted, 'step')}", hint=hint))
    plain = list(_columns(steps, drawn(steps, wanted, most)))
    last = len(plain) - 1
    return tuple(
        replace(each, index=i, since=since + i, state=prefix + each.head, pad=padded and i == last > 0)
        for i, each in enumerate(plain)
    )


def drawn(steps: int | None, wanted: Wanted, most: int = WHOLE) -> int:
    """How many steps `columns` draws; a gap is at least two."""
    if steps is not None and (wanted == "all" or steps <= (wanted or max(most, 3))):
        return steps
    return wanted if isinstance(wanted, int) else ENDS if most > ENDS else 2


def _columns(steps: int | None, number: int) -> Iterator[Column]:
    if number == steps:
        yield from map(_from_start, range(1, steps + 1))
        return
    last = number // 2
    first = number - last
    yield from map(_from_start, range(1, first + 1))
    end = _from_end(last, steps)
    head = f"t = {first + 1:,} … {end.head.removeprefix('t = ')}"
    yield replace(end, key="gap", head=head, gap=True, left_out=steps - number if steps else 0)
    yield from (_from_end(back, steps) for back in range(last - 1, -1, -1))


def _from_start(step: int) -> Column:
    return Column(str(step), str(step), f"t = {step:,}", step)


def _from_end(back: int, steps: int | None) -> Column:
    """The step `back` before the last one."""
    symbol = f"T−{back}" if back else "T"
    if steps is None:
        return Column(symbol.replace("−", "-"), symbol, f"t = {symbol}", None)
    step = steps - back
    return Column(str(step), str(step) if steps < SYMBOLIC else symbol, f"t = {step:,}", step)
