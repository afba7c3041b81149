"""A cell: states, weights and equations. The layer's one-step function (x_t, states) → states.

A layer without state (Dense) is the same thing with an empty `state`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from heapq import heapify, heappop, heappush
from types import MappingProxyType

from lstmdiag.cells.expr import FUNCTIONS, Expr, ExprError, Window, apply_options, drop_terms, move_kernels, parse
from lstmdiag.errors import nearest

Dim = str | int
Dims = tuple[Dim, ...]

WEIGHT_DIMS: Mapping[str, Dims] = MappingProxyType(
    {
        "W": ("units", "features"),
        "U": ("units", "units"),
        "V": ("units", "units"),
        "R": ("units", "units"),
        "b": ("units",),
        "p": ("units",),
    }
)
"""What the first letter of a weight's name says about its shape, (out, in)."""

VALVES = ("gate.keep", "gate.write", "gate.read")
"""The roles of gates that let a share through; what they let through is content."""

PREVIOUS = "_prev"

MAX_SIZE = 10**18
"""The largest size that a spec may say, and that `concat` may count."""

FUNCTION_OPTIONS = ("activation", "recurrent_activation")
"""Functions that equations may leave to the layer's options."""


@dataclass(frozen=True, eq=False)  # compared and hashed by identity, so that its readings can be cached
class Cell:
    """Equations as data. Mappings keep their order: equations stand in the order they are computed."""

    name: str
    equations: Mapping[str, Expr]
    weights: Mapping[str, Dims]
    state: Mapping[str, Dims] = field(default_factory=dict)
    output: str = "h"
    options: tuple[str, ...] = ()  # names of the functions that options set: activation ...
    roles: Mapping[str, str] = field(default_factory=dict)  # quantity → role of the diagrams
    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # of the cell picture
    known_as: Mapping[str, str] = field(default_factory=dict)  # quantity → its name in the textbooks
    input: Dims = ("features",)  # of x

    def bind(self, options: Mapping[str, str], *, use_bias: bool = True) -> Cell:
        """The same cell with its functions filled in and, without bias, the biases left out."""
        return _bound(self, tuple(options.items()), use_bias)

    def moving(self, window: Window) -> Cell:
        """The same cell with the window of the kernels that slide over x."""
        return replace(self, equations={name: move_kernels(expr, "x", window) for name, expr in self.equations.items()})

    def gates(self) -> list[str]:
        """Quantities with weights of their own, in order of computation: i, f, g, o."""
        return [quantity for quantity in self.equations if self._used[quantity]]

    def weights_of(self, quantity: str) -> list[str]:
        """Names of the weights in one equation, in order of use."""
        return list(self._used[quantity])

    @cached_property
    def _used(self) -> dict[str, tuple[str, ...]]:
        return {
            quantity: tuple(name for name in expr.names() if name in self.weights)
            for quantity, expr in self.equations.items()
        }


@lru_cache(maxsize=256)
def _bound(cell: Cell, options: tuple[tuple[str, str], ...], use_bias: bool) -> Cell:
    """`Cell.bind`. Layers bound alike have one cell, so that its readings are made once for all of them."""
    biases = frozenset() if use_bias else frozenset(n for n in cell.weights if n.startswith("b"))
    functions = dict(options)
    equations = {name: apply_options(drop_terms(expr, biases), functions) for name, expr in cell.equations.items()}
    weights = {name: dims for name, dims in cell.weights.items() if name not in biases}
    return replace(cell, equations=equations, weights=weights, options=())


class CellError(Exception):
    """Something is wrong in equations; `where` is the equation's name, column and length within it."""

    def __init__(self, problems: list[tuple[str, ExprError]]) -> None:
        super().__init__("; ".join(f"{where}: {error.message}" for where, error in problems))
        self.problems = problems


def make_cell(
    name: str,
    equations: Mapping[str, str],
    state: Mapping[str, Dims],
    *,
    weights: Mapping[str, Dims] | None = None,
    output: str | None = None,
    roles: Mapping[str, str] | None = None,
    places: Mapping[str, tuple[float, float]] | None = None,
    known_as: Mapping[str, str] | None = None,
    input: Dims = ("features",),
) -> Cell:
    """Text equations → Cell, weights found by use, equations ordered by what they need.

    Raises CellError with every problem: unknown names and functions, a state without equation, circles.
    """
    problems: list[tuple[str, ExprError]] = []
    parsed: dict[str, Expr] = {}
    for quantity, text in equations.items():
        try:
            parsed[quantity] = parse(text)
        except ExprError as error:
            problems.append((quantity, error))
    for missing in [s for s in state if s not in equations]:
        problems.append((missing, ExprError(f"state {missing!r} has no equation")))
    previous = {s + PREVIOUS for s in state}
    known = {"x", *previous, *equations}
    found: dict[str, Dims] = {}
    options: dict[str, None] = {}
    for quantity, expr in parsed.items():
        for part in expr.walk():
            try:
                if part.op == "option":
                    options.setdefault(_function_option(part))
                elif part.op == "name" and part.name not in known:
                    found[part.name] = _weight(part, weights or {}, known)
            except ExprError as error:
                problems.append((quantity, error))
    used = {part.name for expr in parsed.values() for part in expr.walk() if part.op == "name"}
    result = output or next(iter(state), next(iter(equations), ""))
    if len(parsed) == len(equations):  # else a use may stand in what could not be parsed
        for quantity in equations:
            if quantity not in used and quantity not in state and quantity != result:
                problems.append((quantity, ExprError(f"{quantity!r} is computed but never used")))
        for weight in weights or {}:
            if weight not in used:
                problems.append((weight, ExprError(f"weight {weight!r} is in no equation")))
    ordered = _in_order(parsed, problems) if not problems else parsed
    if problems:
        raise CellError(problems)
    cell = Cell(
        name, ordered, found, dict(state), result, tuple(options), dict(roles or {}), dict(places or {}),
        dict(known_as or {}), input,
    )  # fmt: skip
    return replace(cell, roles={**infer_roles(cell), **cell.roles})


def _function_option(part: Expr) -> str:
    if part.name not in FUNCTION_OPTIONS:
        hint = nearest(part.name, (*FUNCTIONS, *FUNCTION_OPTIONS))
        raise ExprError(f"unknown function {part.name!r}", part.column, len(part.name), hint)
    return part.name


def _weight(part: Expr, declared: Mapping[str, Dims], known: Collection[str]) -> Dims:
    dims = declared.get(part.name) or weight_dims(part.name)
    if dims is None:
        hint = nearest(part.name, known) + " (weights are named W_* U_* V_* R_* b_* p_*)"
        raise ExprError(f"unknown name {part.name!r}", part.column, part.length, hint)
    return dims


def weight_dims(name: str) -> Dims | None:
    """The shape that a weight's name tells, (out, in); None where the name is no weight's."""
    letter, underscore, rest = name.partition("_")
    return WEIGHT_DIMS.get(letter) if underscore and rest else (WEIGHT_DIMS.get(name) if len(name) == 1 else None)


def _circle(waiting: Mapping[str, Expr]) -> list[str]:
    """A round trip among equations of which each needs another."""
    path = [next(iter(waiting))]
    while path[-1] not in path[:-1]:
        path.append(next(name for name in waiting[path[-1]].names() if name in waiting))
    return path[path.index(path[-1]) :]


def _in_order(parsed: Mapping[str, Expr], problems: list[tuple[str, ExprError]]) -> dict[str, Expr]:
    """Written order, but each equation after those it needs: of those that are ready, the one written first."""
    names = list(parsed)
    needs = {name: {other for other in expr.names() if other in parsed} for name, expr in parsed.items()}
    users: dict[str, list[str]] = {name: [] for name in names}
    for name, needed in needs.items():
        for other in needed:
            users[other].append(name)
    place = {name: index for index, name in enumerate(names)}
    ready = [place[name] for name in names if not needs[name]]
    heapify(ready)
    ordered: dict[str, Expr] = {}
    while ready:
        name = names[heappop(ready)]
        ordered[name] = parsed[name]
        for user in users[name]:
            needs[user].discard(name)
            if not needs[user]:
                heappush(ready, place[user])
    if len(ordered) < len(parsed):
        circle = _circle({name: expr for name, expr in parsed.items() if name not in ordered})
        message = f"these equations need each other: {' → '.join(circle)}"
        hint = "a state's value of the step before is STATE_prev"
        problems.append((circle[0], ExprError(message, hint=hint)))
    return ordered


_GATE_FUNCTIONS = ("sigmoid", "hard_sigmoid", "exp")


def infer_roles(cell: Cell) -> dict[str, str]:
    """Quantity → role, from the structure of the equations.

    A gate is made positive by sigmoid, exp or the option recurrent_activation. It keeps where it
    multiplies a previous state in that state's own equation, writes where it multiplies content, and
    reads otherwise. What has weights and is no gate is content.
    """
    roles = {"x": "input", **dict.fromkeys(cell.weights, "weight")}
    output_state = next(iter(cell.state), None)
    for s in cell.state:
        role = "state.public" if s == output_state else "state.private"
        roles[s] = roles[s + PREVIOUS] = role
    gates = [q for q in cell.gates() if q not in cell.state and _is_gate(cell.equations[q])]
    content = [q for q in cell.gates() if q not in cell.state and q not in gates]
    roles.update(dict.fromkeys(content, "gate.content"))
    partners = _partners(cell)
    for quantity in gates:
        roles[quantity] = _gate_role(partners.get(quantity, []), frozenset(content))
    for quantity in cell.equations:
        roles.setdefault(quantity, "output" if quantity == cell.output else "op")
    return roles


def _is_gate(expr: Expr) -> bool:
    return expr.op in _GATE_FUNCTIONS or (expr.op == "option" and expr.name == "recurrent_activation")


Partners = list[tuple[str, frozenset[str]]]


def _partners(cell: Cell) -> dict[str, Partners]:
    """Name → what it is multiplied with, each as (the equation in which that is, the names in the other factor)."""
    found: dict[str, Partners] = {}
    for quantity, expr in cell.equations.items():
        for part in expr.walk():
            if part.op == "mul":
                for one, other in (part.args, part.args[::-1]):
                    if one.op == "name":
                        found.setdefault(one.name, []).append((quantity, frozenset(other.names())))
    return found


def _gate_role(partners: Partners, content: frozenset[str]) -> str:
    """The role of a gate by what it is multiplied with."""
    if any(names == {quantity + PREVIOUS} for quantity, names in partners):
        return "gate.keep"
    return "gate.write" if any(names & content for _, names in partners) else "gate.read"
