"""Which neighbouring places of an axis one place of the output reads: those of a kernel, or of a pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from lstmdiag.cells.padding import same
from lstmdiag.layers.kind import ShapeMisfit
from lstmdiag.layers.reads import Reads

if TYPE_CHECKING:
    from lstmdiag.layers.kind import Array


@dataclass(frozen=True, slots=True)
class Window(Reads):
    """`size` places, `dilation` apart; the next place of the output reads those `stride` further on."""

    size: int
    stride: int = 1
    dilation: int = 1
    padding: str = "valid"  # same: places on both sides, so that it stands at every one; causal: before the first alone

    @property
    def reach(self) -> int:
        """Places from the first that it reads to the last, those in between counted."""
        return self.dilation * (self.size - 1) + 1

    def fits(self, length: int | None, what: str = "steps") -> int | None:
        """How often it fits into so many places, which is the length of the output. Raises ShapeMisfit."""
        if length is None:
            return None
        if self.padding == "valid" and length < self.reach:
            raise ShapeMisfit(f"needs at least {self.reach:,} {what}", "padding: same fills up what is missing")
        return (length - (self.reach if self.padding == "valid" else 1)) // self.stride + 1

    @property
    def own(self) -> bool:
        """Whether each place reads the place of its own number alone."""
        return self.size == self.stride == 1

    @property
    def several(self) -> bool:
        """Whether a place reads more than one."""
        return self.size > 1

    def places(self, place: int, length: int) -> range:
        """What one place of the output reads, both counted from 0: places that padding adds are left out."""
        first = place * self.stride - self.pads(length)[0]
        skipped = max(0, -(first // self.dilation)) if first < 0 else 0
        return range(first + skipped * self.dilation, min(first + self.reach, length), self.dilation)

    def count(self, length: int) -> int:
        """How many places come out of so many, which are enough."""
        return self.fits(length) or 0

    @overload
    def pads(self, length: int) -> tuple[int, int]: ...

    @overload
    def pads(self, length: None) -> tuple[int, int] | None: ...

    @overload
    def pads(self, length: int | None) -> tuple[int, int] | None: ...

    def pads(self, length: int | None) -> tuple[int, int] | None:
        """How many places padding adds before the first and behind the last, as Keras does.

        None where that depends on a length that is not known.
        """
        if self.padding == "valid":
            return 0, 0
        if self.padding == "causal":
            return self.reach - 1, 0
        if length is None and self.stride > 1:
            return None
        return same(length or 1, self.reach, self.stride)  # any length, where it moves on by single places


def padded(x: Array, over: Window, padding_value: float = 0.0) -> Array:
    """(N, steps, features) with the steps that padding adds before and behind."""
    import numpy as np

    pads = over.pads(x.shape[1])
    return np.pad(x, ((0, 0), pads, (0, 0)), constant_values=padding_value) if any(pads) else x


def windows(x: Array, over: Window) -> Array:
    """What each window reads: (N, steps, features) → (N, windows, features, size)."""
    import numpy as np

    found = np.lib.stride_tricks.sliding_window_view(x, over.reach, axis=1)
    return found[:, :: over.stride, :, :: over.dilation]
