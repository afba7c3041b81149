"""Random models over every kind of layer and its options, as the documents that specs hold.

`documents()` draws a spec as data, `models()` the same, resolved. A document grows layer by layer: first what the layer
reads (the last tensor, an earlier one, a state, a new input), then a kind that fits it (tests/options.py), then its
options; or an earlier layer is used again. The shape that comes out is asked of KINDS: a rule there that is too strict
is an error here, one that is too lax is one in Keras (tests/frameworks).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import prod
from typing import Any

from hypothesis import strategies as st

from lstmdiag.errors import LstmdiagError
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.naming import snake_case
from tests.models import model
from tests.options import OWN, ROWS, Drawn, Options, Shape, cell, gives, masked, mates, pick, sequence, states

Document = dict[str, Any]

NAMES = ("encoder", "a rather long name", "under_scores_all_over_the_place", "名前 😀", "'\"<&>", "b.forward")
ORDER = (*ROWS, "TimeDistributed", "Bidirectional", *OWN)
"""All kinds, the plain ones first: towards these an example shrinks."""
OFTEN = {
    "LSTM": 9,
    "GRU": 6,
    "SimpleRNN": 4,
    "PeepholeLSTM": 3,
    "Bidirectional": 9,
    "TimeDistributed": 4,
    "ConvLSTM2D": 9,
}
MERGES = tuple(name for name, kind in KINDS.items() if kind.inputs != (1, 1))
RUNNING = tuple(name for name, kind in KINDS.items() if kind.recurrent and not kind.wraps) + tuple(OWN)
INPUT_NAMES = ("input", "second", "the third")
STATE_SIZES = ("units", "projection", "filters", "kernel_size", "strides", "padding")
MOST_NUMBERS = 10_000
"""No layer reads a larger tensor."""


@dataclass(frozen=True)
class Tensor:
    ref: str
    shape: Shape
    tokens: bool = False
    mask: Shape | None = None


@dataclass(frozen=True)
class Made:
    """A layer of the document, and what may be named of it."""

    name: str
    kind: str
    options: Options
    inputs: tuple[Shape, ...]
    parts: tuple[str, ...]
    states: Mapping[str, Shape] = field(default_factory=dict)


def documents(most: int = 6, chain: bool = False, without: Collection[str] = ()) -> st.SearchStrategy[Document]:
    """Specs of up to `most` layers, with `chain` one behind the other, without some kinds or options."""

    @st.composite
    def grown(draw: st.DrawFn) -> Document:
        return _Growing(draw, chain, frozenset(without)).grown(draw(st.integers(1, most)))

    return grown()


def models(most: int = 6, chain: bool = False, without: Collection[str] = ()) -> st.SearchStrategy[Model]:
    return documents(most, chain, without).map(lambda document: model(text(document)))


def text(document: Document) -> str:
    """As a file: JSON is YAML, and one key a line can be read."""
    lines = [f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in document.items()]
    return "\n".join(lines) + "\n"


@cache
def _options(kind: str, shape: Shape) -> Drawn:
    """A strategy is checked by Hypothesis as it is first drawn from, which takes longer than to draw."""
    return cell(shape) if kind in OWN else ROWS[kind][1](shape)


@cache
def _once_in(of: int) -> st.SearchStrategy[bool]:
    return pick([False] * (of - 1) + [True])


class _Growing:
    """One document. `_tensors` are all outputs, the last made first; `_given` is what a layer without `from` reads."""

    def __init__(self, draw: st.DrawFn, chain: bool, without: frozenset[str]) -> None:
        self._draw, self._chain, self._without = draw, chain, without
        self._kinds = [kind for kind in ORDER if kind not in without and not (chain and kind in MERGES)]
        self._inputs: dict[str, Tensor] = {}
        self._layers: list[Made] = []
        self._entries: list[Any] = []
        self._tensors: list[Tensor] = []
        self._given: tuple[str, ...] = ()
        self._read: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._several = False

    def grown(self, layers: int) -> Document:
        self._several = not self._chain and self._chance(3)
        self._given = (self._input().ref,)
        while len(self._entries) < layers:
            if self._chance(6) and self._layers and not self._chain:
                self._again()
            else:
                self._layer()
        return self._document()

    def _chance(self, of: int) -> bool:
        """True one time in so many."""
        return bool(self._draw(_once_in(of)))

    def _document(self) -> Document:
        stateful = any("stateful" in json.dumps(layer.options) for layer in self._layers)
        batch = {"batch": self._draw(st.integers(1, 9))} if stateful or self._chance(6) else {}
        inputs = {name: self._written(tensor) | batch for name, tensor in self._inputs.items()}
        one = [*inputs] == ["input"] and not self._chance(6)
        document: Document = {"version": 1, **({"input": inputs["input"]} if one else {"inputs": inputs})}
        used = {name: OWN[name] for name in OWN if f'"{name}"' in json.dumps(self._entries)}
        document |= {"cells": used} if used else {}
        document["layers"] = self._entries
        ends = [layer.name for layer in self._layers if layer.name not in self._read]
        if ends != [self._layers[-1].name] or self._chance(6):
            document["outputs"] = ends if len(ends) > 1 or self._chance(2) else ends[0]
        return document

    def _written(self, tensor: Tensor) -> Document:
        shape, tokens = [*tensor.shape], {"dtype": "int"} if tensor.tokens else {}
        if len(shape) == 2 - tensor.tokens and not self._chance(6):
            return {"steps": shape[0], **(tokens or {"features": shape[1]})}
        return {"shape": shape, **tokens}

    def _input(self) -> Tensor:
        steps, width = self._draw(pick([3, 1, 5, 8, None])), self._draw(st.integers(1, 6))
        sizes: list[Shape] = [(steps, width), (steps, width), (width,), (steps, 3, width), (steps, 4, 3, 2)]
        tokens = self._chance(6) and "Embedding" in self._kinds
        shape = self._draw(pick([(steps,), (steps, 3)] if tokens else sizes))
        tensor = Tensor(INPUT_NAMES[len(self._inputs)], shape, tokens)
        self._inputs[tensor.ref] = tensor
        self._tensors.insert(0, tensor)
        return tensor

    def _source(self) -> Tensor:
        """The last tensor, mostly; another one, a state or a new input."""
        usable = [tensor for tensor in self._tensors if prod(size or 1 for size in tensor.shape) <= MOST_NUMBERS]
        last = next((tensor for tensor in usable if tensor.ref in self._given), None)
        way = "last"
        if self._layers and not self._chain:
            way = self._draw(pick(["last"] * 5 + ["other", "state", "input", "input"]))
        handed = [Tensor(ref, shape) for ref, shape in self._states().items()]
        if way == "last" and last:
            return last
        if way == "state" and handed:
            return self._draw(pick(handed))
        if way == "input" and self._several and len(self._inputs) < len(INPUT_NAMES):
            return self._input()
        return self._draw(pick(usable))

    def _states(self) -> dict[str, Shape]:
        """Of all layers, by reference."""
        return {f"{layer.name}.{state}": shape for layer in self._layers for state, shape in layer.states.items()}

    def _layer(self) -> None:
        source = self._source()
        fitting = [kind for kind in self._kinds for _ in range(OFTEN.get(kind, 1)) if self._fits(kind, source.shape)]
        if source.mask:  # so that it is used
            fitting += [kind for kind in fitting if kind in (*MERGES, *RUNNING, "Bidirectional", "TimeDistributed")] * 4
        if len(source.shape) > 1 and source.mask is None:
            fitting += ["Masking"] * (4 if "Masking" in fitting else 0)
        kind = "Embedding" if source.tokens else self._draw(pick(fitting))
        sources, options = [source], self._options(kind, source.shape)
        alike = [
            layer.options for layer in self._layers
            if layer.kind == kind in RUNNING and layer.inputs[0][1:-1] == source.shape[1:-1]
        ]  # fmt: skip
        if alike and self._chance(2):  # so that states can be handed over
            options |= {name: value for name, value in self._draw(pick(alike)).items() if name in STATE_SIZES}
        if kind in MERGES:
            sources = self._mates(kind, options, source)
        if not self._takes(kind, options, sources):
            kind, options, sources = "Dropout", {"rate": 0.5}, [source]
        shapes = tuple(tensor.shape for tensor in sources)
        name = self._default(kind, options)
        wiring = self._wired(sources, states(kind, options, *shapes))
        if self._chance(4):
            self._counts[snake_case(kind)] -= 1
            name = f"{self._draw(pick(NAMES))}{len(self._entries)}"
            wiring["name"] = name
        self._add(Made(name, kind, options, shapes, (), states(kind, options, *shapes)), sources)
        self._entries.append(self._entry(kind, options | wiring))

    def _fits(self, kind: str, shape: Shape) -> bool:
        if kind == "TimeDistributed":
            return len(shape) > 1
        if kind == "Bidirectional":
            return any(self._fits(inner, shape) for inner in self._kinds if inner in RUNNING)
        return sequence(shape) if kind in OWN else ROWS[kind][0](shape)

    def _options(self, kind: str, shape: Shape, depth: int = 0) -> Options:
        """Options of a layer that reads this; of wrappers with the layer inside, which hands no states over."""
        if kind in ("Bidirectional", "TimeDistributed"):
            both = kind == "Bidirectional"
            modes = ["concat", "sum", "mul", "ave", *([None] if depth == 0 and not self._chain else [])]
            mode = self._draw(pick(modes)) if both else "concat"
            shape = shape if both else shape[1:]
            taken = {*MERGES, *(("TimeDistributed", "Bidirectional") if depth else ())}
            allowed = RUNNING if both else self._kinds
            inside = [kind for kind in self._kinds if kind in allowed and kind not in taken and self._fits(kind, shape)]
            inner = self._draw(pick(inside))
            merged = {} if mode == "concat" else {"merge_mode": mode}
            return {"layer": {inner: self._options(inner, shape, depth + 1)}, **merged}
        drawn = self._draw(_options(kind, shape))
        left_out = {*self._without, *(("stateful", "return_state", "go_backwards") if depth else ())}
        if kind == "ConvLSTM2D":
            left_out.add("trainable")  # Keras 3.15 trains it all the same
        return {name: value for name, value in drawn.items() if name not in left_out}

    def _mates(self, kind: str, options: Options, source: Tensor) -> list[Tensor]:
        """The source and what else a layer of several inputs reads: both directions where it reads one of them."""
        known = [source, *(tensor for tensor in self._tensors if tensor != source and not tensor.tokens)]
        fitting = [tensor for tensor in known if mates(kind, options, source.shape, tensor.shape)]
        both = [tensor for tensor in self._tensors if tensor in fitting and tensor.ref in self._given]
        if len(both) == 2 and source in both:
            return both
        fitting += [tensor for tensor in fitting if tensor.mask is not None] * 3
        fewest, most = KINDS[kind].inputs
        others = [self._draw(pick(fitting)) for _ in range(self._draw(st.integers(fewest - 1, (most or 3) - 1)))]
        if kind.endswith("Attention"):  # a key has the steps of the value
            others[1:] = others[:1] * (len(others) - 1)
        return [source, *others]

    def _wired(self, sources: list[Tensor], wanted: Mapping[str, Shape]) -> Options:
        """`from` where it is needed, now and then where it is not; and where states start."""
        refs = tuple(tensor.ref for tensor in sources)
        wiring: Options = {}
        if refs != self._given or (self._several and not self._entries) or self._chance(6):
            whole = [layer.name for layer in self._layers if layer.parts == refs]
            wiring["from"] = whole[0] if whole else refs[0] if len(refs) == 1 else [*refs]
        starts: list[Any] = []
        for layer in self._layers:
            if layer.states and [*layer.states.values()] == [*wanted.values()]:
                starts += [layer.name, [f"{layer.name}.{state}" for state in layer.states]]
        vectors = [[t.ref for t in self._tensors if t.shape == shape and not t.tokens] for shape in wanted.values()]
        if vectors and all(vectors):
            starts.append([self._draw(pick(found)) for found in vectors])
        if starts and not self._chain and self._chance(2):
            wiring["initial_state"] = start = self._draw(pick(starts))
            refs += (start,) if isinstance(start, str) else tuple(start)
        self._read |= {layer.name for layer in self._layers for ref in refs if f"{ref}.".startswith(f"{layer.name}.")}
        return wiring

    def _default(self, kind: str, options: Options) -> str:
        """What Keras calls it in a fresh session: what is wrapped is counted first."""
        for inner, its in options.get("layer", {}).items():
            self._default(inner, its)
        base = snake_case(kind)
        self._counts[base] += 1
        return f"{base}_{self._counts[base] - 1}" if self._counts[base] > 1 else base

    def _takes(self, kind: str, options: Options, sources: list[Tensor]) -> bool:
        """Whether it can use the masks that come with its inputs."""
        try:
            masked(kind, options, tuple(each.shape for each in sources), tuple(each.mask for each in sources))
        except LstmdiagError:
            return False
        return True

    def _add(self, layer: Made, sources: list[Tensor]) -> None:
        """A layer, and the tensors that come out of it."""
        mask = masked(layer.kind, layer.options, layer.inputs, tuple(each.mask for each in sources)).mask_shape
        output = gives(layer.kind, layer.options, *layer.inputs)
        unmerged = layer.kind == "Bidirectional" and layer.options.get("merge_mode", "") is None
        parts = (f"{layer.name}.forward", f"{layer.name}.backward") if unmerged else ()
        self._given = parts or (layer.name,)
        self._tensors[:0] = [Tensor(ref, output, mask=mask) for ref in self._given]
        self._layers.append(Made(layer.name, layer.kind, layer.options, layer.inputs, parts, layer.states))

    def _again(self) -> None:
        """`use:` of an earlier layer, on tensors of the shapes that it read before."""
        first = self._draw(pick(self._layers))
        tokens = first.kind == "Embedding"
        fitting = [[t for t in self._tensors if t.shape == shape and t.tokens == tokens] for shape in first.inputs]
        if not all(fitting):  # it read a state
            self._layer()
            return
        sources = [self._draw(pick(found)) for found in fitting]
        if not self._takes(first.kind, first.options, sources):
            self._layer()
            return
        name = f"again {len(self._entries)}"
        wiring = self._wired(sources, first.states)
        self._add(Made(name, first.kind, first.options, first.inputs, (), first.states), sources)
        self._entries.append({"use": first.name, "name": name, **wiring})

    def _entry(self, kind: str, options: Options) -> Any:
        """The layer as one would write it: a bare word, its first argument alone, or a mapping."""
        written = dict(options)
        if "layer" in options:
            ((inner, its),) = options["layer"].items()
            written["layer"] = self._entry(inner, its)
            short = isinstance(written["layer"], dict)
        else:
            short = True
        first = "units" if kind in OWN else KINDS[kind].first
        if not written and self._chance(2):
            return kind
        if list(written) == [first] and short and self._chance(2):
            return {kind: written[first]}
        return {kind: written}
