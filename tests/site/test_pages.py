"""The pages as Markdown: their words, their numbers, and what they must and must not say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from math import prod
from pathlib import Path
from typing import Any

import pytest

from lstmdiag.errors import LstmdiagError
from lstmdiag.frameworks import keras_source, pytorch_source
from lstmdiag.frameworks.pytorch import PYTORCH
from lstmdiag.layers import KINDS
from lstmdiag.model import Model
from lstmdiag.site import pages, tags
from lstmdiag.site.fact import fact
from lstmdiag.site.figures import figure
from lstmdiag.site.markdown import to_html
from lstmdiag.site.markup import text
from lstmdiag.site.pages import Entry
from lstmdiag.site.placeholders import Facts, fill, placeholder
from lstmdiag.site.renderer import Renderer
from lstmdiag.site.summary import MOST, summary
from lstmdiag.site.worked_pass import run
from tests.models import CELLS, GRAPHS, PACKAGED, graph, lstm, model, of_cell, packaged

GOLDEN = Path(__file__).parent / "pages"

SEQUENCE = "version: 1\ninput: {{steps: {steps}, features: 2}}\nlayers:\n{layers}"


def of_layers(*layers: str, steps: object = 5, name: str = "test") -> Model:
    return model(SEQUENCE.format(steps=steps, layers="".join(f"  - {layer}\n" for layer in layers)), name)


MODELS: dict[str, Callable[[], Model]] = {
    **{name: (lambda name=name: packaged(name)) for name in PACKAGED},
    **{f"cell-{name}": (lambda name=name: of_cell(name)) for name in CELLS},
    **{f"graph-{name}": (lambda name=name: graph(name)) for name in GRAPHS},
    "any-length": lambda: of_layers("LSTM: {units: 4, return_sequences: true}", "LSTM: 3", steps="null"),
    "stateful": lambda: lstm(options="stateful: true, return_state: true"),
    "one-step": lambda: lstm(steps=1),
    "no-bias": lambda: lstm(options="use_bias: false"),
    "nothing-recurs": lambda: of_layers("Dense: {units: 4, activation: relu}", "Dense: 1"),
    "equal-layers": lambda: of_layers(*["LSTM: {units: 2, return_sequences: true}"] * 3),
    "dropout": lambda: of_layers("Dropout: 0.5", "LSTM: {units: 4, go_backwards: true}", "Activation: tanh"),
}


def words(source: str) -> str:
    """What a reader sees of the Markdown's own words: no marks, no code blocks, no tags."""
    source = re.sub(r"^---\n.*?^---\n", "", source, flags=re.DOTALL | re.MULTILINE)
    source = re.sub(r"^ *``` .*?^ *```$", "", source, flags=re.DOTALL | re.MULTILINE)
    return unescape(re.sub(r"<[^>]*>", "", source))


@pytest.mark.parametrize("name", ["encoder-decoder", "cell-minimal-gated", "any-length", "stateful", "nothing-recurs"])
def test_pages_read_as_they_did(name: str, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN / f"{name}.txt", pages.page(MODELS[name]()))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.sweep(9)
def test_every_mark_can_be_filled(name: str) -> None:
    found = MODELS[name]()
    entry = Entry(found.name, Path(found.path), found)
    drawn: list[str] = []

    def draw(model: Model, picture: Any) -> str:
        subject = run(model, Path(found.path).parent) if picture.unit else model
        drawn.append(figure(model, picture, subject).decode())
        return drawn[-1]

    page = fill(pages.page(found), Renderer({found.name: entry}, draw).render)
    assert not re.search('<(div|span) class="lstmdiag"', page)
    assert len(drawn) == page.count("<figcaption")


@pytest.mark.parametrize("name", MODELS)
def test_the_summary_is_short(name: str) -> None:
    assert len(words(" ".join(summary(MODELS[name]()))).split()) <= MOST


def test_a_deep_model_still_fits_into_one_breath() -> None:
    deep = of_layers(*[f"LSTM: {{units: {n}, return_sequences: true}}" for n in range(3, 43)])
    told = summary(deep)
    assert len(words(" ".join(told)).split()) <= MOST
    assert "The picture shows every layer." in told


def numbers_of(value: Any) -> Iterator[int]:
    """Every whole number in a model's data, as deep as it goes, and what its tables count."""
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        yield value
    elif isinstance(value, dict):
        yield from (number for each in value.values() for number in numbers_of(each))
    elif isinstance(value, list | tuple):
        yield len(value)
        yield from (number for each in value for number in numbers_of(each))


@pytest.mark.parametrize("name", PACKAGED)
def test_every_number_in_the_words_comes_from_the_model(name: str) -> None:
    from lstmdiag.analysis.fan_in import fan_in
    from lstmdiag.views.tables import NAMES, table

    found = packaged(name)
    known = {0, 1}  # zeros before the first step, the constant input of the bias
    known.update(2 for layer in found.layers if layer.backward)  # directions
    for each in NAMES:
        known.update(numbers_of(table(found, each).data))
    for layer in found.layers:
        known.update(numbers_of([layer.input, layer.output, layer.params, len(layer.weights)]))
        known.update(
            round(100 * getattr(layer.innermost.options, rate, 0)) for rate in ("dropout", "recurrent_dropout")
        )
    for layer in found.recurrent:
        assert layer.cell
        fan = fan_in(layer)
        known.update((layer.params, *numbers_of([weight.shape for weight in layer.weights])))
        known.update(prod(weight.shape[2:]) for weight in layer.weights)  # places of a kernel
        known.update((fan.inputs, fan.weights, len(layer.cell.gates()), len(layer.cell.equations)))
        known.update(Counter(weight.part for weight in layer.weights).values())
    page = words(pages.page(found)).replace("t−1", "t")
    seen = {int(number.replace(",", "")) for number in re.findall(r"(?<![\w.])\d[\d,]*\b", page.replace(", ", " , "))}
    kinds = [remark(layer.options) for layer in found.recurrent if (remark := layer.definition.remark)]
    titles = {int(number) for number in re.findall(r"\d+", " ".join([found.title, found.summary, *kinds]))}
    assert seen - known - titles == set()


MUST_BE_SAID = {
    "a": ("get the same x", "all of ht−1"),
    "b": ("Within a step the units do not talk to each other",),
    "c": ("is private", "is public"),
    "d": ("same 60 parameters each time",),
    "e": ("only the state passes from step to step",),
    "f": ("computed, read by the next step, and not returned", "ct never leaves the layer"),
    "g": ("the rows of a batch share the weights and nothing else",),
    "h": ("Before the first step, h0 and c0 of lstm hold 3 zeros each",),
}


RULES = {
    "a": r"get the same x|gets xt",
    "b": r"Within a step the units do not talk|Within a step, each unit reads|What happens in one step",
    "c": r"is public|reads its own number|goes (out of|to|nowhere)",
    "d": r"the same [\d ×,]+ parameters? each time|own, the same each time|each uses one set of weights|runs once: its",
    "e": r"in a recurrent row, only the state passes from step to step",
    "f": r"returns|are used: they go|is used: it goes",
    "g": r"the rows of a batch share the weights and nothing else",
    "h": r"Before the first step|are zeros in the first batch|does not start from zeros",
}


@pytest.mark.parametrize("name", [name for name in MODELS if name != "nothing-recurs"])
def test_what_every_page_with_a_recurrent_layer_has_to_say(name: str) -> None:
    found = MODELS[name]()
    page = words(pages.page(found)).replace("**", "")
    for letter, phrase in RULES.items():
        assert not found.recurrent or re.search(phrase, page), f"({letter}): {phrase}"


SAID = {
    "transfer": (
        "decoder does not start from zeros: it takes h and c from the last step of encoder. Nothing else that encoder "
        "has read reaches it.",
        "Only the final hT and cT of encoder are used: they go to decoder",
        "Only its last value leaves, to decoder",
        "(5, 2) and (4, 3) go in and (4, 2) comes out",
    ),
    "bidirectional": (
        "Each direction of b runs 5 times, once per step, with 72 parameters of its own, the same each time",
        "2 × 72 parameters",
        "b reads the sequence twice", "joined: 3 + 3 = 6 numbers",
        "The backward copy has the same equations and weights of its own",
    ),
    "attention": ("attention looks at all steps of encoder at once, so encoder has to finish first",),
    "shared": ("tower runs 5 times, once per step, and 5 times as tower_again, with the same 112 parameters each time",
               "tower_again is tower on another input, 5 times: the same weights, and states of its own, which start "
               "from zeros"),
    "masked": ("treats a step of zeros as padding",
               "At padded steps, lstm and lstm_1 keep the states as they are. "
               "lstm, which returns every step, repeats its last output there"),
    "masked-tokens": ("treats token 0 as padding", "b keeps the states as they are, and returns zeros (Keras)"),
    "masked-start": ("Keras 3.15 forgets the mask of decoder, since a start is given as well",),
    "dropout": ("sets about 20% of xt and 10% of ht−1 on its way back in to zero",),
    "same-axis-transfer": ("(3,), the final c of again",),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_what_pages_of_graphs_say(name: str) -> None:
    page = words(pages.page(graph(name))).replace("**", "")
    for phrase in SAID[name]:
        assert phrase in page, phrase


KINDS_SAID = {
    "GRU: 3": ("multiplies the product of U and h, with a bias of its own added, in nt", "It is the only state",
               "4 weighted sums, two of them for nt, from", "that of nt works like two, one for each of its sums",
               "a constant 1 with two biases for each of r, z and n"),
    "GRU: {units: 3, reset_after: false}": ("multiplies h before the product with U in nt", "3 weighted sums of"),
    "LSTM: 3": ("4 weighted sums of",),
    "PeepholeLSTM: 3": ("pi, pf and po multiply the unit's own values alone",),
    "LSTM: {units: 5, projection: 3}": (
        "ht belongs to no unit: R (3 × 5) makes its 3 numbers from all 5 units",
        "The sums give 5 numbers: it, ft, gt, ot and ct",
        "h0 holds 3 zeros and c0 holds 5 zeros",
    ),
}  # fmt: skip


@pytest.mark.parametrize("layer", KINDS_SAID)
def test_what_is_particular_to_a_kind(layer: str) -> None:
    page = words(pages.page(of_layers(layer)))
    for phrase in KINDS_SAID[layer]:
        assert phrase in page, phrase


def test_maps_are_called_maps() -> None:
    maps = model("version: 1\ninput: {shape: [9, 16, 16, 1]}\nlayers:\n  - ConvLSTM2D: {filters: 4, kernel_size: 3}\n")
    page = words(pages.page(maps))
    for phrase in ("9 steps of 16 × 16 × 1 numbers", "1 map of 16 × 16", "4 maps of 14 × 14 zeros each",
                   "kernel of 3 × 3", "Only a kernel mixes units"):  # fmt: skip
        assert phrase in page, phrase


TAGS = {
    "encoder-decoder": {"LSTM", "RepeatVector", "many-to-many", "encoder–decoder"},
    "graph-transfer": {"state transfer", "several inputs", "many-to-many", "encoder–decoder"},
    "graph-masked-tokens": {"Embedding", "Bidirectional", "LSTM", "masks", "tokens", "stacked", "many-to-one"},
    "graph-shared": {"shared layers", "several inputs", "many-to-one"},
    "any-length": {"any length"},
    "stateful": {"stateful"},
    "cell-minimal-gated": {"custom cell"},
}


@pytest.mark.parametrize("name", TAGS)
def test_tags_follow_from_the_model(name: str) -> None:
    found = tags.tags(MODELS[name]())
    assert TAGS[name] <= set(found) and len(set(found)) == len(found)


def entry_of(found: Model) -> Entry:
    return Entry(found.name, Path(found.path), found)


def test_the_gallery_and_the_tags_follow_the_specs() -> None:
    plain = of_layers("LSTM: 3", name="plain")
    others = [of_layers("GRU: 3", name=name) for name in ("a", "b")]
    grouped = [replace(each, spec=replace(each.spec, group="Text", tags=("poems", "GRU"))) for each in others]
    entries = [entry_of(found) for found in (grouped[0], plain, grouped[1])]
    built = pages.build([pages.entry_text(entry, entries) for entry in entries], "All")
    assert re.findall(r"^## (.*)$", built["index.md"], flags=re.MULTILINE) == ["All", "Text"]
    assert built["index.md"].index("plain.md") < built["index.md"].index("a.md")
    by_tag = dict(re.findall(r"^## .* \{#(.*)\}\n\n((?:- .*\n)+)", built["tags.md"], flags=re.MULTILINE))
    assert [line.split("](")[1] for line in by_tag["tag-poems"].splitlines()] == ["a.md)", "b.md)"]
    assert "plain.md" in by_tag["tag-lstm"] and "plain.md" not in by_tag["tag-gru"]
    assert "[poems](tags.md#tag-poems)" in built["a.md"] and built["a.md"].count("#tag-gru)") == 1


@pytest.mark.parametrize("letter", MUST_BE_SAID)
def test_what_every_page_of_an_lstm_has_to_say(letter: str) -> None:
    page = words(pages.page(packaged("three-units"))).replace("**", "")
    for phrase in MUST_BE_SAID[letter]:
        assert phrase in page, phrase


def test_the_last_output_leaves_after_the_last_step_only() -> None:
    assert "and out of the model after step 4 only" in words(pages.page(packaged("three-units")))
    stacked = words(pages.page(packaged("stacked-classifier")))
    assert "and to lstm_1 at every step" in stacked and "and to dense after step 50 only" in stacked


def test_one_unit_is_spoken_of_as_one() -> None:
    page = words(pages.page(packaged("one-unit")))
    for phrase in ("one per unit", "to every unit", "Each unit makes", "all of h", "per unit.", "1 units"):
        assert phrase not in page, phrase


def test_gates_have_the_textbooks_names_too() -> None:
    page = words(pages.page(packaged("three-units")))
    for phrase in (
        "keep gate (forget gate)",
        "write gate (input gate)",
        "content (candidate)",
        "read gate (output gate)",
    ):
        assert phrase in page, phrase


def test_ranges_follow_the_activations() -> None:
    def bounds(found: Model) -> str:
        entry = Entry(found.name, Path(found.path), found)
        return Renderer({found.name: entry}, lambda *_: "").render({"spec": found.name, "equations": "vector"})

    assert "[0, ∞)" in bounds(packaged("encoder-decoder")) and "(−1, 1)" not in bounds(packaged("encoder-decoder"))
    assert "(−1, 1)" in bounds(packaged("three-units"))


def test_equal_layers_are_told_once() -> None:
    page = pages.page(MODELS["equal-layers"]())
    assert page.count('data-view="unit"') == 1
    assert "The same holds for" in page


def test_a_model_in_which_nothing_recurs_has_no_inside() -> None:
    page = pages.page(MODELS["nothing-recurs"]())
    assert 'data-view="model"' in page
    assert not any(f'data-view="{view}"' in page for view in ("time", "layer", "unit", "cell", "weights", "gate"))


def test_other_recurrent_layers_are_folded_and_have_anchors_of_their_own() -> None:
    page = pages.page(packaged("encoder-decoder"))
    assert page.count("<details") == page.count("</details>") == 3
    assert "{#unit}" in page and "{#unit-decoder}" in page


@pytest.mark.parametrize("name", MODELS)
def test_keras_code_is_python_and_names_every_layer(name: str) -> None:
    found = MODELS[name]()
    source = keras_source.source(found)
    compile(source, "keras", "exec")
    assert all(layer.call[:-1] in source for layer in found.layers if not layer.returns_state)


@pytest.mark.parametrize("name", MODELS)
def test_torch_code_is_python(name: str) -> None:
    compile(pytorch_source.source(MODELS[name]()), "torch", "exec")


def test_every_kind_has_its_call_in_torch() -> None:
    for kind in KINDS.values():
        row = PYTORCH.rows[kind.name]
        assert kind.wraps or row.lacking or row.source


def test_text_is_the_same_after_markdown() -> None:
    from markdown import Markdown

    reader = Markdown(
        extensions=["attr_list", "md_in_html", "pymdownx.superfences", "pymdownx.tilde", "pymdownx.emoji"]
    )
    for nasty in ("a_b*c*", "<script>", "&amp;", "[x](y)", "`q`", "# h", ":smile:", "{#id}", "~~no~~", "\\*", "—é漢"):
        html = reader.reset().convert(f"# {text(nasty)}")
        assert unescape(re.sub(r"<[^>]*>", "", html)) == nasty


def test_marks_survive_being_written_and_read() -> None:
    seen: list[Facts] = []
    facts = {"spec": 'a"b<c>&d', "view": "time"}
    fill(f"x {placeholder(**facts)} y", lambda found: seen.append(found) or "")
    assert seen == [facts]


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("*a* [b](https://example.org)", '<p><em>a</em> <a href="https://example.org">b</a></p>'),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
        ("[x](javascript:alert(1))", "<p><a>x</a></p>"),
        ("[x](java&#115;cript:alert(1))", "<p><a>x</a></p>"),
        ("![x](//example.org/y.png)", '<p><img alt="x"></p>'),
        ("[x](data:text/html,y)", "<p><a>x</a></p>"),
    ],
)
def test_a_summary_can_do_nothing(source: str, html: str) -> None:
    assert to_html(source) == html


def test_a_card_has_the_first_sentence_and_every_layer() -> None:
    found = packaged("encoder-decoder")
    entry = Entry(found.name, Path(found.path), found)
    card = pages.gallery([pages.entry_text(entry, [entry])], "All")
    assert "LSTM(100) → RepeatVector → LSTM(100) → TimeDistributed(Dense(1))" in words(card)
    summary = Renderer({found.name: entry}, lambda *_: "").render({"spec": found.name, "summary": "first"})
    assert summary.count(".") == 1 and "keeps 100." in " ".join(summary.split())


def test_a_table_can_leave_out_a_column() -> None:
    found = packaged("three-units")
    renderer = Renderer({found.name: Entry(found.name, Path(found.path), found)}, lambda *_: "")
    assert "In this model" in renderer.render({"spec": found.name, "table": "dictionary"})
    assert "In this model" not in renderer.render({"spec": found.name, "table": "dictionary", "without": "here"})


@pytest.mark.parametrize(
    ("fact", "number"),
    [
        ("valves", "300"),
        ("contents", "100"),
        ("sums", "400"),
        ("pytorch", "41,200"),
        ("formula", "4 × (H × F + H × H + H)"),
    ],
)
def test_facts_of_a_layer(fact: str, number: str) -> None:
    found = packaged("encoder-decoder")
    renderer = Renderer({found.name: Entry(found.name, Path(found.path), found)}, lambda *_: "")
    assert renderer.render({"spec": found.name, "fact": f"encoder.{fact}"}) == f"<span>{number}</span>"


@pytest.mark.parametrize(
    ("path", "number"), [("b.perunit", "24"), ("b.params", "144"), ("output", "(4, 2)"), ("input", "(5, 2) and (4, 3)")]
)
def test_facts_of_a_graph(path: str, number: str) -> None:
    assert fact(graph("bidirectional-transfer"), path) == number


def test_a_fact_that_a_layer_does_not_have() -> None:
    with pytest.raises(LstmdiagError, match="'joined' is a Concatenate and has no 'perunit'"):
        fact(graph("bidirectional-transfer"), "joined.perunit")


def test_what_a_mark_may_ask_for_is_said_where_it_asks_for_something_else() -> None:
    with pytest.raises(LstmdiagError, match="nothing to put into this place"):
        Renderer({}, lambda *_: "").render({"nonsense": "x"})
