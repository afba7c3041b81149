"""The model as a row of boxes: what each layer is, what it costs, and the shape it hands on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lstmdiag.diagrams import Diagram, Key, Node, Text
from lstmdiag.diagrams.sheet import Sheet, fitted
from lstmdiag.diagrams.text import bold, clip, measure, small, text, wrap
from lstmdiag.layers.kind import Shape
from lstmdiag.model import Layer, Model, show_shape
from lstmdiag.views.letters import coincidence, hands_on, letters, pill
from lstmdiag.views.selection import Selection
from lstmdiag.views.words import listed, plural

WIDE = 200.0  # most room for a line in a box, points
NARROW = 140.0  # the same on a wire
PILL_GAP, PILL_HIGH = 5.0, 21.0
CALL_LINES = 5  # of a call with very many options
REPEATS = 3  # so many equal blocks in a row are drawn once
LONGEST_BLOCK = 8  # layers

MEANINGS = {"N": "N samples", "T": "T steps", "F": "F features", "H": "H units"}


def view(model: Model, selection: Selection) -> Diagram:
    """Every layer as a box with its call, parameters and output shape; equal blocks in a row are counted.

    Places are still to be found (`layout` is "dot"). `selection` plays no part: the model is drawn whole.
    """
    chain = _Chain(model)
    left_out: list[Layer] = []
    for block in blocks(model.layers):
        for index in block.drawn:
            chain.layer(index)
        if block.left_out:
            chain.elision(block)
            left_out += [model.layers[index] for index in block.left_out]
    chain.end()
    return chain.sheet.diagram(
        view="model",
        layout="dot",
        title=f"{model.title}: the layers",
        claim=_claim(model),
        reading=_reading(chain),
        description=_description(model),
        legend=_legend(model, left_out),
        facts={
            "params": model.params,
            "params.left_out": sum(layer.params for layer in left_out),
            "layers": len(model.layers),
            "layers.left_out": len(left_out),
        },
    )


@dataclass(frozen=True, slots=True)
class Block:
    """Layers drawn one by one, by index, and the equal ones after them that are not."""

    drawn: range
    left_out: range

    @property
    def times(self) -> int:
        return 1 + len(self.left_out) // len(self.drawn)


def blocks(layers: Sequence[Layer]) -> Iterator[Block]:
    """The layers in order; of equal blocks in a row, only the first is drawn."""
    looks = [(layer.call, layer.input, layer.output) for layer in layers]
    start = 0
    while start < len(layers):
        size, times = _repeated(looks, start)
        end = start + size * times
        yield Block(range(start, start + size), range(start + size, end))
        start = end


def _repeated(looks: Sequence[tuple[str, Shape, Shape]], start: int) -> tuple[int, int]:
    """(size of the block that begins here, how often it comes); (1, 1) where that is not often enough."""
    for size in range(1, LONGEST_BLOCK + 1):
        block, times = looks[start : start + size], 1
        while looks[start + times * size : start + (times + 1) * size] == block:
            times += 1
        if times >= REPEATS:
            return size, times
    return 1, 1


class _Chain:
    """The picture, from left to right."""

    def __init__(self, model: Model) -> None:
        self.model, self.sheet, self.letters = model, Sheet(), letters(model)
        source = model.inputs[0]
        self.before: Node = self.sheet.node("input", _end(source.name, source.shape), "input", 0, 0, symbol="x")
        self.last: Layer | None = None
        self.look = ("input", "x")  # role and symbol of what the next wire carries

    def layer(self, index: int) -> None:
        layer = self.model.layers[index]
        node = self.sheet.node(f"layer-{index + 1}", box(layer), "layer", 0, 0, shape="round", layer=layer.name)
        self.join(node)
        self.passed(layer)

    def elision(self, block: Block) -> None:
        """The mark for equal blocks left out: how many, which, and what they hold."""
        layers = [self.model.layers[index] for index in block.left_out]
        size = len(block.drawn)
        label = text(
            bold(f"× {block.times:,}"),
            small(f"⋯ {plural(len(layers), 'more layer')}, wired identically:"),
            *wrap(f"{layers[0].name} … {layers[-1].name}", WIDE, "small"),
            *([small(f"{plural(block.times - 1, 'more time')} the {size} layers before")] if size > 1 else []),
            small(f"{plural(sum(layer.params for layer in layers), 'parameter')} together"),
        )
        id = f"layers-{block.left_out[0] + 1}-to-{block.left_out[-1] + 1}"
        self.join(self.sheet.node(id, label, "elision", 0, 0, shape="dotted", count=len(layers)))
        self.passed(layers[-1])

    def end(self) -> None:
        self.join(self.sheet.node("output", _end("output", self.carried[1]), "output", 0, 0, symbol="y"))

    def passed(self, layer: Layer) -> None:
        """The chain goes on from this layer; one that hands on what it is given leaves the look of the wire."""
        self.last = layer
        if not hands_on(layer):
            self.look = ("state.public", public(layer)) if layer.recurrent else ("output", "y")

    @property
    def carried(self) -> tuple[str, Shape]:
        """Name and shape of what the next wire carries."""
        source = self.model.inputs[0]
        return (self.last.name, self.last.output) if self.last else (source.name, source.shape)

    def join(self, node: Node) -> None:
        """A wire from the box before, with the shape it carries and a word where a time axis ends or begins."""
        name, shape = self.carried
        role, symbol = self.look
        id = f"{self.before.id}-to-{node.id}"
        self.sheet.edge(
            self.before, node, role, id=id, symbol=symbol, shape=shape, layer=self.last.name if self.last else ""
        )
        self.ride(id, name, shape)
        self.before = node

    def ride(self, wire: str, name: str, shape: Shape) -> None:
        """On a wire, a pill for the size of each axis; above them a word where a time axis ends or begins."""
        mark = axis_mark(self.last) if self.last else ""
        words = text(*wrap(mark, NARROW, "muted"))
        high = measure(words)[1]
        pills = [("N", text(small("N")))]
        pills += [(letter, pill(letter, size)) for letter, size in zip(self.letters[name], shape, strict=True)]
        widths = [fitted(label, "pill")[0] for _, label in pills]
        x = -(sum(widths) + PILL_GAP * (len(pills) - 1)) / 2
        for number, ((letter, label), width) in enumerate(zip(pills, widths, strict=True)):
            facts: dict[str, Any] = {"shape": "pill", "symbol": letter, "inside": wire}
            self.sheet.node(f"{wire}-axis-{number}", label, "note", x + width / 2, -high / 2, height=PILL_HIGH, **facts)
            x += width + PILL_GAP
        if mark:
            self.sheet.note(f"{wire}-mark", words, 0, PILL_HIGH / 2, inside=wire)


def _end(name: str, shape: Shape) -> Text:
    return text(bold(clip(name, WIDE, "bold")), *wrap(show_shape(shape), WIDE, "small"))


def box(layer: Layer) -> Text:
    """Name, call, parameters, output shape."""
    return text(
        bold(clip(layer.name, WIDE, "bold")),
        *wrap(layer.call, WIDE, "small")[:CALL_LINES],
        *wrap(plural(layer.params, "parameter"), WIDE, "small"),
        *wrap(f"→ {show_shape(layer.output)}", WIDE, "small"),
    )


def public(layer: Layer) -> str:
    """The state that a recurrent layer returns: h."""
    return layer.cell.output if layer.cell else "y"


def axis_mark(layer: Layer) -> str:
    """Where a time axis ends or begins, in words."""
    before, after = len(layer.input), len(layer.output)
    if after < before:
        return "time axis ends here" + (": last step only" if layer.recurrent else "")
    return f"time axis begins here: {layer.output[0]:,} × the same vector" if after > before else ""


def _claim(model: Model) -> str:
    total, layers = plural(model.params, "parameter"), plural(len(model.layers), "layer")
    before = model.inputs[0].shape
    after = model.layers[-1].output if model.layers else before
    said = f"{show_shape(before)} goes in and {show_shape(after)} comes out, through {total} in {layers}"
    recurrent = model.recurrent
    if not recurrent or len(recurrent) == len(model.layers):
        return f"{said}."
    inside = sum(layer.params for layer in recurrent)
    share = "all" if inside == model.params else f"{inside:,}"
    where = "the recurrent layer" if len(recurrent) == 1 else f"the {len(recurrent)} recurrent layers"
    return f"{said}; {share} of them are in {where}."


def _reading(chain: _Chain) -> str:
    used = dict.fromkeys(letter[0] for row in chain.letters.values() for letter in row if letter)
    meant = listed([MEANINGS[letter] for letter in ("N", *used)])
    said = f"Data runs from left to right, and every wire says the shape it carries: {meant}"
    bare = any(not letter for row in chain.letters.values() for letter in row)
    said += "; a number alone counts the outputs of a layer that is not recurrent." if bare else "."
    return f"{said} {coincidence(chain.model)}".rstrip()


def _legend(model: Model, left_out: list[Layer]) -> list[Key]:
    others = any(not layer.recurrent and not hands_on(layer) for layer in model.layers)
    keys = [Key("input", "the input x" + (", or what a layer without a state returns" if others else ""), "x", "line")]
    copied = ", and its copies" if any(map(hands_on, model.layers)) else ""
    for symbol in dict.fromkeys(map(public, model.recurrent)):
        meaning = f"{symbol}, the public state: what a recurrent layer returns{copied}"
        keys.append(Key("state.public", meaning, symbol, "line"))
    keys.append(Key("layer", "a layer: name, call, parameters, output shape", "", "round"))
    if left_out:
        keys.append(Key("elision", "layers left out, wired identically", "×", "dotted"))
    return keys


def _description(model: Model) -> str:
    source = model.inputs[0]
    said = [f"The layers of the model, from left to right. {source.name}: {show_shape(source.shape)}."]
    for layer in model.layers:
        mark = axis_mark(layer)
        counted = f"{plural(layer.params, 'parameter')}, gives {show_shape(layer.output)}"
        said.append(f"{layer.name}: {layer.call}, {counted}{', ' + mark if mark else ''}.")
    return " ".join([*said, f"In all {plural(model.params, 'parameter')}."])
