"""What differs, as a table: one row a fact, one column a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lstmdiag.cells import terms
from lstmdiag.cells.counts import Terms, tally
from lstmdiag.comparing import Compared
from lstmdiag.comparing.alignment import Slot, aligned
from lstmdiag.english import listed
from lstmdiag.layer import Layer, RecurrentLayer, show_shape
from lstmdiag.layers.kind import WIRING, shown_options, written
from lstmdiag.model import Model
from lstmdiag.tables import Cell, Column, Formula, Table
from lstmdiag.views.tables import table
from lstmdiag.words import Words

WORDS = Words("facts")


@dataclass(frozen=True)
class Fact:
    layer: str  # empty: of the whole model
    what: str
    values: tuple[Cell, ...]  # one for each model, None where a model has no such thing

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


def facts(compared: Compared) -> list[Fact]:
    """Of the models, then of layer after layer; those that are the same in all too."""
    found = [_of_models(compared, what, tell) for what, tell in _MODEL.items()]
    for slot in aligned(compared.models):
        name = " / ".join(dict.fromkeys(layer.name for layer in slot if layer))
        for what, tell in _LAYER.items():
            if None in slot and what not in _ALONE:
                continue
            found.append(Fact(name, what, tuple(tell(layer) if layer else None for layer in slot)))
        found += [Fact(name, option, values) for option, values in options(slot).items()]
    return [fact for fact in found if any(value is not None for value in fact.values)]


def build(compared: Compared, sentences: list[str]) -> Table:
    """The facts that differ, and the parameters; `sentences` go into its data."""
    found = facts(compared)
    shown = [fact for fact in found if fact.differs or (fact.what == "parameters" and not fact.layer)]
    return Table(
        "compare",
        compared.title,
        (
            Column("layer", WORDS.say("column_layer")),
            Column("what", WORDS.say("column_what")),
            *(Column(f"model_{number}", label) for number, label in enumerate(compared.labels, 1)),
        ),
        tuple(
            (fact.layer or WORDS.say("whole_model"), WORDS.phrases.get(fact.what, fact.what), *fact.values)
            for fact in shown
        ),
        notes=(WORDS.say("note"),),
        data={
            "title": compared.title,
            "models": [
                {"name": model.name, "path": model.path, "title": model.title} for model in compared.models
            ],
            "facts": [
                {"layer": fact.layer or None, "what": fact.what, "values": list(map(_plain, fact.values)),
                 "differs": fact.differs}
                for fact in found
            ],
            "differences": sentences,
        },
    )  # fmt: skip


def _plain(value: Cell) -> Any:
    """A value as JSON has it."""
    return value.text if isinstance(value, Formula) else list(value) if isinstance(value, tuple) else value


def options(slot: Slot) -> dict[str, tuple[Cell, ...]]:
    """The options in which layers of one kind differ, as a spec writes them."""
    layers = [layer.maths for layer in slot if layer]
    if len(layers) < 2 or len({layer.kind for layer in layers}) > 1:
        return {}
    found: dict[str, tuple[Cell, ...]] = {}
    for option in differing_options(layers):
        texts = iter(written(getattr(layer.options, option)) for layer in layers)
        found[option] = tuple(next(texts) if layer else None for layer in slot)
    return found


def differing_options(layers: list[Layer]) -> list[str]:
    """Of layers of one kind."""
    names = [name for name in shown_options(type(layers[0].options)) if name not in ("name", "from", "layer", *WIRING)]
    return [name for name in names if len({repr(getattr(layer.options, name)) for layer in layers}) > 1]


def weight_terms(layer: Layer) -> Terms:
    """Its parameters as products of sizes; of shared weights those that it uses."""
    return tally(weight.dims for weight in layer.weights)


def blocks(layer: Layer) -> list[str]:
    """The quantities with weights of their own of a recurrent layer: i, f, g, o."""
    return layer.maths.cell.gates() if isinstance(layer.maths, RecurrentLayer) else []


def start(layer: Layer) -> str | None:
    """Where its states begin."""
    if not layer.states:
        return None
    return listed(layer.initial_state) if layer.initial_state else WORDS.say("zeros")


def _states(layer: Layer) -> str | None:
    return listed([f"{name} {show_shape(shape)}" for name, shape in layer.states.items()]) if layer.states else None


def _blocks(layer: Layer) -> str | None:
    names = blocks(layer)
    times = "2 × " if layer.backward else ""
    return f"{times}{len(names)}: {', '.join(names)}" if names else None


_LAYER: Mapping[str, Callable[[Layer], Cell]] = {
    "layer": lambda layer: layer.call,
    "reads": lambda layer: ", ".join(map(show_shape, layer.input_shapes)),
    "starts from": start,
    "blocks of weights": _blocks,
    "states": _states,
    "formula": lambda layer: terms.count(weight_terms(layer)) if layer.weights else None,
    "parameters": lambda layer: layer.params,
    "times run": lambda layer: layer.uses if layer.weights else None,
    "gives": lambda layer: layer.output,
}


_ALONE = ("layer", "parameters", "gives")
"""What is said of a layer that not all models have."""


def cost(model: Model) -> Mapping[str, int | None]:
    """The whole model's multiply-adds, elementwise operations, and steps that wait for each other."""
    data = table(model, "cost").data
    return {
        "multiply-adds": data["total"]["multiply_adds"],
        "elementwise operations": data["total"]["elementwise"],
        "steps that wait for each other": data["sequential_path"]["dependent_steps"],
    }


def shapes(model: Model, names: Sequence[str]) -> str:
    """(4, 1); several with their names."""
    return ", ".join((f"{name} " if len(names) > 1 else "") + show_shape(model.shape(name)) for name in names)


_MODEL: Mapping[str, Callable[[Model], Cell]] = {
    "goes in": lambda model: shapes(model, [source.name for source in model.inputs]),
    "comes out": lambda model: shapes(model, model.outputs),
    "parameters": lambda model: model.params,
    "multiply-adds": lambda model: cost(model)["multiply-adds"],
    "elementwise operations": lambda model: cost(model)["elementwise operations"],
    "steps that wait for each other": lambda model: cost(model)["steps that wait for each other"],
}


def _of_models(compared: Compared, what: str, tell: Callable[[Model], Cell]) -> Fact:
    return Fact("", what, tuple(tell(model) for model in compared.models))
