"""The arithmetic of one use of a layer, in symbols and in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lstmdiag.cells.counts import Terms, evaluate


@dataclass(frozen=True)
class Work:
    """Multiply-adds and elementwise operations of one use, with symbols, and how often it is done in a pass."""

    products: Terms = field(default_factory=dict)
    others: Terms = field(default_factory=dict)
    sizes: Mapping[str, int | None] = field(default_factory=dict)  # None where T is not known
    uses: int | None = 1
    once: int | None = 0  # elementwise operations beside these: merging two directions

    def number(self, found: Terms) -> int | None:
        needed = {dim for dims in found for dim in dims if isinstance(dim, str)}
        known = {name: size for name, size in self.sizes.items() if size is not None}
        return None if needed & (self.sizes.keys() - known.keys()) else evaluate(found, known)

    def in_all(self, found: Terms) -> int | None:
        each = self.number(found)
        return None if each is None or self.uses is None else self.uses * each

    def all_others(self) -> int | None:
        found = self.in_all(self.others)
        return None if found is None or self.once is None else found + self.once
