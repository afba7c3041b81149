"""The model as a graph of boxes: what each layer is, what it costs, and the shape it hands on."""

from __future__ import annotations

from math import fsum
from typing import Any

from lstmdiag.analysis.axes import letters, letters_of, time_axes
from lstmdiag.diagrams import Diagram, Line, Node
from lstmdiag.diagrams.detail import Detail
from lstmdiag.diagrams.sheet import Sheet, fitted
from lstmdiag.diagrams.text import measure, small, text
from lstmdiag.layer import Layer
from lstmdiag.model import Model
from lstmdiag.views.folding import Block, blocks
from lstmdiag.views.letters import pill
from lstmdiag.views.model_texts import WORDS, Look, about, box, box_width, end, legend, look_of, mark, words
from lstmdiag.views.selection import Selection

PILL_GAP, PILL_HIGH = 5.0, 21.0


def view(model: Model, selection: Selection) -> Diagram:
    """Every layer as a box with its call, parameters and output shape; equal blocks in a row are counted.

    Places are still to be found (`layout` is "dot").
    """
    graph = _Graph(model, selection.detail)
    left_out: list[Layer] = []
    for block in blocks(model, fold=selection.layers != "all"):
        for layer in block.drawn:
            graph.layer(layer)
        if block.left_out:
            graph.elision(block)
            left_out += block.left_out
    graph.outputs()
    copied = any(layer.innermost.copies and graph.look(layer.name).role == "state.public" for layer in model.layers)
    return graph.sheet.diagram(
        view="model",
        layout="dot",
        **WORDS.captions(about(model, graph.letters.values(), selection.detail)),
        legend=legend(model, graph.drawn, copied, left_out),
        facts={
            "params": model.params,
            "params.left_out": sum(layer.params for layer in left_out),
            "layers": len(model.layers),
            "layers.left_out": len(left_out),
        },
    )


class _Graph:
    """The picture: boxes, and a wire for every reference, with the shape it carries."""

    def __init__(self, model: Model, detail: Detail) -> None:
        self.detail, self.wide = detail, box_width(detail)
        self.model, self.sheet, self.letters, self.axes = model, Sheet(), letters(model), time_axes(model)
        self.number = {layer.name: index for index, layer in enumerate(model.layers, 1)}
        self.looks: dict[str, Look] = {}  # reference → what its wires look like
        self.drawn: dict[Look, None] = {}
        self.boxes: dict[str, Node] = {}  # name of an input or layer → its box, or the mark that stands for it
        for id, source in zip(_ids("input", len(model.inputs)), model.inputs, strict=True):
            label = end(source.name, source.shape, source.dtype, wide=self.wide)
            self.boxes[source.name] = self.sheet.node(id, label, "input", 0, 0, symbol="x")

    def layer(self, layer: Layer) -> None:
        facts: dict[str, Any] = {"shape": "round", "layer": layer.name, "mark": "again" if layer.shared else ""}
        self.join(
            layer,
            self.sheet.node(
                f"layer-{self.number[layer.name]}", box(self.model, layer, self.axes, self.wide), "layer", 0, 0, **facts
            ),
        )

    def elision(self, block: Block) -> None:
        """The mark for equal blocks left out: how many, which, and what they hold."""
        first, last = block.left_out[0], block.left_out[-1]
        id = f"layers-{self.number[first.name]}-to-{self.number[last.name]}"
        facts: dict[str, Any] = {"shape": "dotted", "count": len(block.left_out)}
        self.join(first, self.sheet.node(id, mark(block, self.wide), "elision", 0, 0, **facts))
        self.boxes[last.name] = self.boxes[first.name]

    def join(self, layer: Layer, node: Node) -> None:
        """Wires from all that the layer reads: its inputs, and the states that it starts from."""
        self.boxes[layer.name] = node
        for place, reference in enumerate(layer.inputs):
            self.wire(reference, node, self.look(reference), place, layer)
        for state, reference in zip(layer.states, layer.initial_state, strict=layer.initial_state != ()):
            self.wire(reference, node, look_of(layer, state), 0, layer, state)

    def outputs(self) -> None:
        references = self.model.outputs
        for number, (id, reference) in enumerate(zip(_ids("output", len(references)), references, strict=True), 1):
            label = end(
                WORDS.say("output", number=number, several=len(references) > 1),
                self.model.shape(reference),
                wide=self.wide,
            )
            self.wire(reference, self.sheet.node(id, label, "output", 0, 0, symbol="y"), self.look(reference))

    def look(self, reference: str) -> Look:
        """Of the wires of a reference; what a layer hands on as it was given looks as it did before."""
        if reference not in self.looks:
            owner, part = self.model.owner(reference)
            look = look_of(owner, part)
            if isinstance(owner, Layer) and owner.innermost.copies and not part:
                given = {self.look(each) for each in owner.inputs}
                look = given.pop() if len(given) == 1 else look
            self.looks[reference] = look
        return self.looks[reference]

    def wire(
        self, reference: str, head: Node, look: Look, place: int = 0, reader: Layer | None = None, state: str = ""
    ) -> None:
        """From the box of what is read, with the shape it carries and what else is to be said of it."""
        owner, _ = self.model.owner(reference)
        tail, shape = self.boxes[owner.name], self.model.shape(reference)
        self.drawn[look] = None
        id = plain = f"{tail.id}-to-{head.id}"
        again = 1
        while id in self.sheet.edges:
            again += 1
            id = f"{plain}-{again}"
        name = owner.name if isinstance(owner, Layer) else ""
        self.sheet.edge(tail, head, look.role, id=id, symbol=look.symbol, shape=shape, layer=name)
        said = words(self.model, reference, self.axes, reader, place, state, self.wide)
        self.labels_on(id, said, list(zip(letters_of(self.model, reference, self.letters), shape, strict=True)))

    def labels_on(self, wire: str, said: list[Line], axes: list[tuple[str, int | None]]) -> None:
        """On a wire, a pill for the size of each axis, unless the boxes alone say it; words above them."""
        if self.detail.words:
            self.pills_on(wire, measure(text(*said))[1], axes)
        if said:
            self.sheet.note(f"{wire}-mark", text(*said), 0, PILL_HIGH / 2 if self.detail.words else 0, inside=wire)

    def pills_on(self, wire: str, high: float, axes: list[tuple[str, int | None]]) -> None:
        """Side by side, under words that are so high."""
        batch = next((source.batch for source in self.model.inputs if source.batch), None)
        pills = [("N", pill("N", batch) if batch else text(small("N")))]
        pills += [(letter, pill(letter, size)) for letter, size in axes]
        widths = [fitted(label, "pill")[0] for _, label in pills]
        x = -(fsum(widths) + PILL_GAP * (len(pills) - 1)) / 2
        for number, ((letter, label), width) in enumerate(zip(pills, widths, strict=True)):
            facts: dict[str, Any] = {"shape": "pill", "symbol": letter, "inside": wire}
            self.sheet.node(f"{wire}-axis-{number}", label, "note", x + width / 2, -high / 2, height=PILL_HIGH, **facts)
            x += width + PILL_GAP


def _ids(name: str, number: int) -> list[str]:
    """Ids of boxes: input; or input-1, input-2."""
    return [name] if number == 1 else [f"{name}-{index}" for index in range(1, number + 1)]
