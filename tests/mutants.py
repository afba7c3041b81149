"""Mutants of cells: damage that knows the grammar of equations, so that most of what it makes is still a cell.

An equation is taken apart by the package's own parser and written again. What is no longer used is added to the output,
and what is asked of a cell (sums, chains, shared names, sizes, states) is asked for more often than people would.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import yaml

from lstmdiag.cells.cell import PREVIOUS, WEIGHT_DIMS, CellError, make_cell
from lstmdiag.cells.expr import ACTIVATIONS, Expr, ExprError, parse
from lstmdiag.cells.shapes import shapes_in
from lstmdiag.spec.cell_section import MAX_EQUATIONS
from tests.models import CELLS, ODD

Cell = dict[str, Any]
"""A section of `cells:`; its equations as text, its state as a mapping from name to size."""

BROKEN = 0.1
"""How often a change stays that leaves no cell."""

MANY = (1, 1, 2, 3, 5, 10, 30, 60, 97)
"""How often something is done again."""

SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "matmul": "@"}
ELEMENTWISE = (*ACTIVATIONS, "sqrt", "log", "abs", "activation", "recurrent_activation")
REDUCING = ("mean", "sum", "max", "min")
OPTIONS = ("activation", "recurrent_activation")
NUMBERS = (0.0, 1.0, -1.0, 2.0, 0.5, 1e30, 1e-30)
SIZES = ("units", "features", "projection", 1, 2, 3, 10**6, 10**18)


def seeds() -> tuple[Cell, ...]:
    """Cells to begin with."""
    found = []
    for body in (*CELLS.values(), *ODD.values()):
        cell = yaml.safe_load(body)
        cell["state"] = {state: ["units"] for state in cell["state"]}
        found.append(cell)
    return tuple(found)


def written(expr: Expr) -> str:
    """The text of an expression, every operation in brackets."""
    if expr.op == "number":
        return repr(expr.value) if expr.value >= 0 else f"(0 - {-expr.value!r})"
    if expr.op == "name":
        return expr.name
    args = [written(arg) for arg in expr.args]
    if expr.op == "neg":
        return f"(-{args[0]})"
    if expr.op in SIGNS:
        return f"({args[0]} {SIGNS[expr.op]} {args[1]})"
    return f"{expr.name if expr.op == 'option' else expr.op}({', '.join(args)})"


def name(of: str) -> Expr:
    return Expr("name", name=of)


def parts(expr: Expr, way: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Expr]]:
    """Every part with the way to it, outermost first."""
    yield way, expr
    for index, arg in enumerate(expr.args):
        yield from parts(arg, (*way, index))


def with_part(expr: Expr, way: tuple[int, ...], part: Expr) -> Expr:
    if not way:
        return part
    args = list(expr.args)
    args[way[0]] = with_part(args[way[0]], way[1:], part)
    return replace(expr, args=tuple(args))


class Mutant:
    """A cell under change: its equations as expressions, what it may name."""

    def __init__(self, cell: Cell, chance: random.Random) -> None:
        self.cell, self.chance = cell, chance
        self.equations = {str(name): parse(str(text)) for name, text in cell["equations"].items()}
        state = cell["state"] if isinstance(cell["state"], dict) else {each: ["units"] for each in cell["state"]}
        self.state: dict[str, list[Any]] = {str(name): axes for name, axes in state.items()}  # damage renames to .inf

    def done(self) -> Cell:
        """With everything used: what nothing reads is added to the output's equation."""
        output = next(iter(self.state), "h")
        for quantity in [*self.equations]:
            used = {part.name for expr in self.equations.values() for _, part in parts(expr)}
            if quantity not in used and quantity not in self.state and output in self.equations:
                self.equations[output] = Expr(
                    self.chance.choice(["add", "mul"]), (self.equations[output], name(quantity))
                )
        texts = {quantity: written(expr) for quantity, expr in self.equations.items()}
        return {**self.cell, "state": self.state, "equations": texts}

    # -- what stands in equations

    def vector(self, depth: int = 2) -> Expr:
        """An expression that is most likely a vector of `units` numbers."""
        pick, chance = self.chance.choice, self.chance.random()
        known = [name(each) for each in (*self.equations, *(state + PREVIOUS for state in self.state))]
        if depth == 0 or chance < 0.3:
            return pick([*known, self.product("W", name("x"))])
        if chance < 0.45:
            return self.product(pick("UVR"), self.vector(depth - 1))
        if chance < 0.6:
            return self.applied(pick(ELEMENTWISE), self.vector(depth - 1))
        if chance < 0.65:
            return self.applied(pick(REDUCING), self.vector(depth - 1))
        if chance < 0.7:
            return pick([Expr("number", value=pick(NUMBERS)), self.weight("b"), self.weight("p")])
        both = self.vector(depth - 1), self.vector(depth - 1)
        return Expr(pick(["add", "sub", "mul", "mul", "div", "max", "concat"]), pick([both, both[:1] * 2]))

    def weight(self, letter: str) -> Expr:
        return name(f"{letter}_{self.chance.choice('fgi1239')}")

    def product(self, letter: str, vector: Expr) -> Expr:
        return Expr("matmul", (self.weight(letter), vector))

    def applied(self, function: str, arg: Expr) -> Expr:
        return Expr("option", (arg,), name=function) if function in OPTIONS else Expr(function, (arg,))

    def place(self) -> tuple[str, tuple[int, ...], Expr]:
        """An equation, and a part of it."""
        quantity = self.chance.choice([*self.equations])
        way, part = self.chance.choice([*parts(self.equations[quantity])])
        return quantity, way, part

    def put(self, quantity: str, way: tuple[int, ...], part: Expr) -> None:
        self.equations[quantity] = with_part(self.equations[quantity], way, part)

    def new(self) -> str:
        return next(f"q{n}" for n in range(10_000) if f"q{n}" not in self.equations)

    # -- changes

    def swap(self) -> None:
        """Another operation on the same arguments."""
        quantity, way, part = self.place()
        if len(part.args) == 2:
            part = replace(part, op=self.chance.choice([*SIGNS, "max", "min", "concat"]))
        elif len(part.args) == 1:
            part = self.applied(self.chance.choice([*ELEMENTWISE, *REDUCING, "neg"]), part.args[0])
        else:
            part = self.vector(0)
        self.put(quantity, way, part)

    def grow(self) -> None:
        quantity, way, part = self.place()
        self.put(quantity, way, self.chance.choice([self.vector(), Expr("mul", (part, self.vector()))]))

    def double(self) -> None:
        """A part twice in one operation, again and again."""
        quantity, way, part = self.place()
        operation = self.chance.choice(["mul", "add", "concat", "sub", "max"])
        for _ in range(self.chance.choice([1, 1, 2, 3, 6])):
            part = Expr(operation, (part, part))
        self.put(quantity, way, part)

    def nest(self) -> None:
        quantity, way, part = self.place()
        function = self.chance.choice([*ELEMENTWISE, "neg", "softmax", "one minus"])
        for _ in range(self.chance.choice([1, 2, 5, 20, 50])):
            one = Expr("number", value=1.0)
            part = Expr("sub", (one, part)) if function == "one minus" else (
                Expr("neg", (part,)) if function == "neg" else self.applied(function, part)
            )  # fmt: skip
        self.put(quantity, way, part)

    def share(self) -> None:
        """A part gets a name of its own, and is put elsewhere as well."""
        quantity, way, part = self.place()
        own = self.new()
        self.put(quantity, way, name(own))
        self.equations[own] = part
        other, elsewhere, _ = self.place()
        if other != own:
            self.put(other, elsewhere, name(own))

    def write_out(self) -> None:
        """A quantity in place of its name."""
        named = [(q, way, part) for q, e in self.equations.items() for way, part in parts(e) if part.op == "name"]
        named = [each for each in named if each[2].name in self.equations and each[0] != each[2].name]
        if named:
            quantity, way, part = self.chance.choice(named)
            self.put(quantity, way, self.equations[part.name])

    def chain(self) -> None:
        """Equations of which each reads the ones before: sums of sums, products of products."""
        many, form = self.chance.choice(MANY), self.chance.choice(CHAINS)
        last, before = name(self.chance.choice([*self.equations])), self.vector(1)
        first = self.new()
        for index in range(many):
            own = first if not index else self.new()
            self.equations[own] = form(self, last, before)
            last, before = name(own), last

    def add_states(self) -> None:
        for _ in range(self.chance.choice(MANY)):
            state = next(f"s{n}" for n in range(10_000) if f"s{n}" not in self.equations)
            self.state[state] = [self.chance.choice(["units"] * 9 + [*SIZES])]
            own = self.chance.choice([name(state + PREVIOUS), name(state + PREVIOUS), self.vector(1)])
            self.equations[state] = Expr(self.chance.choice(["add", "mul", "sub"]), (own, self.vector(1)))

    def resize(self) -> None:
        state = self.chance.choice([*self.state])
        self.state[state] = [self.chance.choice(SIZES)]

    def redeclare(self) -> None:
        """Shapes of weights, other than their names say."""
        weights = {part.name for expr in self.equations.values() for _, part in parts(expr)}
        known = [each for each in sorted(weights) if each.partition("_")[0] in WEIGHT_DIMS]
        if known:
            sizes = [self.chance.choice(SIZES) for _ in range(self.chance.choice([1, 2]))]
            self.cell.setdefault("weights", {})[self.chance.choice(known)] = sizes

    def drop(self) -> None:
        quantity = self.chance.choice([*self.equations])
        if len(self.equations) > 1:
            del self.equations[quantity]
            if self.chance.random() < 0.7 and len(self.state) > 1:
                self.state.pop(quantity, None)

    def rename(self) -> None:
        """Names that are long, or mean something elsewhere."""
        old = self.chance.choice([*self.equations])
        new = self.chance.choice(["a" * 40, "t", "j", "k", "m", "n", "T", "H", "sum_", "inputs", "q_1", "stack", "one"])
        if new not in self.equations and old not in self.state:
            self.equations = {new if q == old else q: _renamed(e, old, new) for q, e in self.equations.items()}

    def reorder(self) -> None:
        items = [*self.equations.items()]
        self.chance.shuffle(items)
        self.equations = dict(items)

    def place_parts(self) -> None:
        spots = self.cell.setdefault("places", {})
        spots[self.chance.choice([*self.equations])] = [self.chance.choice([0, 1, 2.5, -100, 100]) for _ in range(2)]


def _renamed(expr: Expr, old: str, new: str) -> Expr:
    args = tuple(_renamed(arg, old, new) for arg in expr.args)
    return replace(expr, args=args, name=new if expr.name == old else expr.name)


def _both(operation: str) -> Callable[[Mutant, Expr, Expr], Expr]:
    return lambda mutant, last, before: Expr(operation, (last, before))


CHAINS: tuple[Callable[[Mutant, Expr, Expr], Expr], ...] = (
    _both("mul"), _both("add"), _both("sub"), _both("max"),
    lambda mutant, last, before: Expr("mul", (last, last)),
    lambda mutant, last, before: Expr("concat", (last, last)),
    lambda mutant, last, before: Expr("sub", (Expr("number", value=1.0), last)),
    lambda mutant, last, before: mutant.applied(mutant.chance.choice(ELEMENTWISE), last),
    lambda mutant, last, before: Expr(
        "sigmoid", (Expr("add", (mutant.product("W", name("x")), mutant.product("U", last))),)
    ),
    lambda mutant, last, before: Expr("add", (mutant.product("U", Expr("mul", (last, before))), mutant.weight("b"))),
)  # fmt: skip
"""How an equation of a chain reads the two before it."""

CHANGES = (
    Mutant.swap, Mutant.swap, Mutant.grow, Mutant.grow, Mutant.double, Mutant.nest, Mutant.share, Mutant.share,
    Mutant.write_out, Mutant.write_out, Mutant.chain, Mutant.chain, Mutant.add_states, Mutant.resize, Mutant.redeclare,
    Mutant.drop, Mutant.rename, Mutant.reorder, Mutant.place_parts,
)  # fmt: skip


def mutated(cell: Cell, chance: random.Random) -> Cell:
    """The cell with some changes; where its equations cannot be read, as it is."""
    for _ in range(chance.choice([1, 1, 2, 3, 6])):
        try:
            mutant = Mutant(copy.deepcopy(cell), chance)
        except (ExprError, KeyError, AttributeError, TypeError):
            return cell
        if not mutant.equations:
            return cell
        chance.choice(CHANGES)(mutant)
        changed = mutant.done()
        if _fits(changed) or chance.random() < BROKEN:
            cell = changed
    return cell


def _fits(cell: Cell) -> bool:
    """Whether its equations are a cell of the language."""
    try:
        sizes = [{name: tuple(dims) for name, dims in cell.get(part, {}).items()} for part in ("state", "weights")]
        shapes_in(make_cell("Own", cell["equations"], sizes[0], weights=sizes[1]))
    except (CellError, AttributeError, TypeError):
        return False
    return len(cell["equations"]) <= MAX_EQUATIONS
