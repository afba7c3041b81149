"""What differs between models: held to counts that are worked out here, to pictures, and to golden texts."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmdiag.comparing import Compared, load_either, of_models, read_either
from lstmdiag.comparing.alignment import aligned
from lstmdiag.comparing.facts import build, facts
from lstmdiag.comparing.picture import pictured, together, views
from lstmdiag.comparing.sentences import sentences
from lstmdiag.comparing.words import write
from lstmdiag.diagrams import Diagram
from lstmdiag.diagrams.sheet import bounds
from lstmdiag.drawing import Ink, inked
from lstmdiag.errors import LstmdiagError, UsageError
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection
from lstmdiag.writers import problems
from tests.models import COMPARISONS, PACKAGED, model, packaged

GOLDENS = Path(__file__).parent / "comparing"
SPEC = "version: 1\ninput: {{steps: {steps}, features: {features}}}\nlayers:\n{layers}"


def of(*layers: str, steps: int = 4, features: int = 2) -> Compared:
    """A comparison of models named a, b ..., each of layers in YAML."""
    made = []
    for name, chain in zip("abcd", layers, strict=False):
        lines = "".join(f"  - {layer}\n" for layer in chain.split("; "))
        made.append(model(SPEC.format(steps=steps, features=features, layers=lines), name))
    return of_models(made)


def comparison(name: str) -> Compared:
    found = load_either(name)
    assert isinstance(found, Compared)
    return found


@pytest.mark.parametrize("name", COMPARISONS)
def test_packaged(name: str, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDENS / f"{name}.txt", write(comparison(name), "text"))


def test_there_is_one_for_every_question() -> None:
    assert len(COMPARISONS) == len(list(GOLDENS.glob("*.txt"))) >= 7


# Counts, worked out by hand: H × F, H × H and H of each block


@given(st.integers(1, 9), st.integers(1, 9))
def test_a_second_bias_is_three_times_the_units(units: int, features: int) -> None:
    compared = of(f"GRU: {{units: {units}, reset_after: false}}", f"GRU: {units}", features=features)
    first, rest = sentences(compared)[:2]
    assert f"adds b_hr, b_hz and b_hn, a second bias for each, 3 × H = {3 * units} parameters more" in first
    assert rest.startswith(
        "The equation n_t = tanh(W_n x_t + U_n (r_t ⊙ h_{t−1}) + b_n) becomes n_t = tanh(W_n x_t + b_n +"
    )


@given(st.integers(1, 9), st.integers(1, 9))
def test_blocks_of_weights(units: int, features: int) -> None:
    told = sentences(of(f"LSTM: {units}", f"SimpleRNN: {units}", features=features))
    block = units * features + units * units + units
    assert told[0] == "b has 1 block of weights (h) where a has 4 (i, f, g, o)."
    assert f"; {block:,} in all instead of {4 * block:,}, {3 * block:,} fewer." in " ".join(told)
    assert "H × F instead of 4 × H × F, H × H instead of 4 × H × H, H instead of 4 × H" in " ".join(told)


def test_other_sizes_are_told_with_both_substitutions() -> None:
    told = sentences(of("LSTM: 1", "LSTM: 3", features=1))
    assert told[0] == "units is 3 in b, 1 in a: the layer then returns (3,) instead of (1,)."
    assert "4 × (H × F + H × H + H) in both, 4 × (3 × 1 + 3 × 3 + 3) instead of 4 × (1 × 1 + 1 × 1 + 1)" in told[1]


@pytest.mark.parametrize(("option", "said"), [
    ("return_sequences: true", "the layer then returns 4 vectors instead of 1"),
    ("use_bias: false", "it takes away b_i, b_f, b_g and b_o, 4 × H = 12 parameters fewer"),
    ("activation: relu", "activation is relu in b, tanh in a: other equations, and the same counts"),
    ("stateful: true", "It changes no shape, no count and no equation: row i of a batch continues row i"),
    ("go_backwards: true", "It changes no shape, no count and no equation: read the sequence from its end"),
])  # fmt: skip
def test_an_option_and_what_it_does(option: str, said: str) -> None:
    assert said in " ".join(sentences(of("LSTM: 3", f"LSTM: {{units: 3, {option}}}")))


def test_an_option_of_several_sizes_is_written_as_in_a_spec() -> None:
    made = [
        model("version: 1\ninput: {shape: [3, 8, 8, 1]}\n"
              f"layers: [{{ConvLSTM2D: {{filters: 2, kernel_size: {size}}}}}]\n", name)
        for name, size in (("a", 3), ("b", "[2, 3]"))
    ]  # fmt: skip
    assert "kernel_size is [2, 3] in b, [3, 3] in a" in " ".join(sentences(of_models(made)))


def test_each_option_is_told_apart_from_the_others() -> None:
    """Both change something: what each does is found by changing it alone."""
    told = sentences(of("LSTM: 3", "LSTM: {units: 3, return_sequences: true, use_bias: false}"))
    assert [line for line in told if "returns 4" in line] != [line for line in told if "takes away" in line]
    assert sum("returns 4" in line for line in told) == sum("takes away" in line for line in told) == 1


def test_both_directions() -> None:
    told = " ".join(sentences(of("LSTM: 3", "Bidirectional: {LSTM: 3}")))
    assert "b reads the sequence from both ends, a only from its beginning. b has two copies of LSTM" in told
    assert "8 × H × F instead of 4 × H × F" in told


def test_a_model_beside_itself() -> None:
    same = of("LSTM: 3", "LSTM: 3")
    assert sentences(same) == ["b and a have 72 parameters each."]
    assert not any(fact.differs for fact in facts(same))


# Layers that answer to each other


@pytest.mark.parametrize(("a", "b", "pairs"), [
    ("LSTM: 3", "GRU: 3", [("lstm", "gru")]),
    ("LSTM: 3; Dense: 1", "Dense: 1", [("lstm", None), ("dense", "dense")]),
    ("LSTM: 5; RepeatVector: 3; LSTM: 5", "LSTM: 5; Dense: 1", [
        ("lstm", "lstm"), ("repeat_vector", None), ("lstm_1", None), (None, "dense")]),
    ("LSTM: {units: 3, return_sequences: true}; TimeDistributed: {Dense: 2}",
     "LSTM: {units: 3, return_sequences: true}; Dense: 2", [("lstm", "lstm"), ("time_distributed", "dense")]),
    ("LSTM: 3", "Bidirectional: {LSTM: 3}", [("lstm", "bidirectional")]),
])  # fmt: skip
def test_alignment(a: str, b: str, pairs: list[tuple[str | None, str | None]]) -> None:
    found = aligned(of(a, b).models)
    assert sorted(map(str, ((x and x.name, y and y.name) for x, y in found))) == sorted(map(str, pairs))


CHAINS = st.lists(st.sampled_from(["Dense: 2", "Dropout: 0.5", "Activation: relu", "LayerNormalization"]), max_size=6)


@given(CHAINS, CHAINS)
def test_every_layer_stands_in_one_slot_and_in_order(a: list[str], b: list[str]) -> None:
    models = of("; ".join(["LSTM: 3", *a]), "; ".join(["GRU: 3", *b])).models
    slots = aligned(models)
    for place, each in enumerate(models):
        assert [slot[place] for slot in slots if slot[place]] == list(each.layers)
    assert all(x.kind == y.kind or {x.kind, y.kind} == {"LSTM", "GRU"} for x, y in slots if x and y)


# Pictures


def boxes(diagram: Diagram) -> list[tuple[float, float, float, float]]:
    return [
        (g.x - g.width / 2, g.y - g.height / 2, g.x + g.width / 2, g.y + g.height / 2)
        for g in diagram.groups
        if g.id.startswith("m") and "-" not in g.id
    ]


def inside(inner: tuple[float, float, float, float], outer: tuple[float, float, float, float]) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", COMPARISONS)
@pytest.mark.sweep(12)
def test_panels_hold_their_picture_and_are_apart(name: str, view: str) -> None:
    compared = comparison(name)
    diagram = together(compared, view, Selection())
    panels = boxes(diagram)
    assert len(panels) == len(compared.models)
    for one, other in combinations(panels, 2):
        assert one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]
    for number, panel in enumerate(panels, 1):
        mine = [p for p in (*diagram.nodes, *diagram.edges, *diagram.groups) if p.id.startswith(f"m{number}-")]
        assert mine
        part = Diagram(
            "", "", "", "",
            tuple(n for n in diagram.nodes if n in mine), tuple(e for e in diagram.edges if e in mine),
            tuple(g for g in diagram.groups if g in mine),
        )  # fmt: skip
        assert inside(bounds(part), panel)
    ids = [part.id for part in (*diagram.nodes, *diagram.edges, *diagram.groups)]
    assert len(ids) == len(set(ids))
    known = {node.id for node in diagram.nodes}
    assert all(edge.tail in known and edge.head in known for edge in diagram.edges)


def test_one_scale() -> None:
    """A circle of one unit is as large in the small model as in the large one."""
    diagram = together(comparison("compare-units"), "layer", Selection())
    sizes = {node.width for node in diagram.nodes if node.shape == "circle" and node.symbol == "h"}
    assert len(sizes) == 1


def test_the_spec_names_the_views_else_those_that_differ() -> None:
    assert views(comparison("compare-units")) == ("layer", "time")
    assert views(of("LSTM: 3", "LSTM: {units: 3, return_sequences: true}")) == ("time",)
    assert views(of("LSTM: 3", "GRU: 3"))[0] == "cell"
    assert views(of("LSTM: 3", "Flatten")) == ("model",)


def test_a_view_that_one_of_them_lacks() -> None:
    with pytest.raises(UsageError, match="'b' has no recurrent layer to open"):
        pictured(of("LSTM: 3", "Flatten"), "cell", Selection())


def test_a_view_that_there_is_not() -> None:
    with pytest.raises(UsageError, match="'celll'"):
        pictured(of("LSTM: 3", "GRU: 3"), "celll", Selection())


def test_a_look_with_two_meanings_says_where() -> None:
    looks = [
        (key.role, key.symbol, key.shape, key.mark)
        for key in pictured(comparison("compare-kinds"), "cell", Selection()).legend
    ]
    texts = [key.text for key in pictured(comparison("compare-kinds"), "cell", Selection()).legend]
    for look, text in zip(looks, texts, strict=True):
        assert looks.count(look) == 1 or " (in " in text


@pytest.mark.parametrize("format", ["svg", "pdf", "png"])
def test_it_renders(format: str) -> None:
    assert inked(pictured(comparison("compare-kinds"), "cell", Selection()), format, Ink())


# Reading


def read(folder: Path, text: str) -> str:
    """What is wrong with a comparison beside the files in the folder."""
    with pytest.raises(LstmdiagError) as caught:
        read_either(text.encode(), "specs/all.yml", "all", folder)
    return problems.write(caught.value.problems)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "specs"
    home.mkdir()
    for name in ("one", "two"):
        (home / f"{name}.yml").write_text(SPEC.format(steps=4, features=2, layers="  - LSTM: 3\n"))
    (home / "broken.yml").write_text(SPEC.format(steps=4, features=2, layers="  - LSTM: {unitz: 3}\n"))
    (home / "all.yml").write_text("version: 1\ncompare: [one.yml, two.yml]\n")
    (tmp_path / "outside.yml").write_text((home / "one.yml").read_text())
    return home


def test_a_folder_below(folder: Path) -> None:
    (folder / "below").mkdir()
    (folder / "below/one.yml").write_text((folder / "one.yml").read_text())
    found = read_either(b"version: 1\ncompare: [one.yml, below/one.yml]\n", "specs/all.yml", "all", folder)
    assert isinstance(found, Compared)
    assert found.labels == ("specs/one.yml", "specs/below/one.yml")  # one name, so their paths


@pytest.mark.parametrize(("text", "said"), [
    ("compare: [one.yml, tow.yml]", "specs/all.yml:2:20: error: there is no file 'tow.yml'"),
    ("compare: [one.yml, tow.yml]", "did you mean 'two.yml'?"),
    ("compare: [one.yml, all.yml]", "specs/all.yml:2:20: error: 'all.yml' is a comparison itself"),
    ("compare: [one.yml, broken.yml]", "specs/broken.yml:4:12: error: LSTM has no option 'unitz'"),
    ("compare: [one.yml, ../outside.yml]", "specs/all.yml:2:20: error: a comparison's compare[1] cannot leave"),
    ("compare: [one.yml, linked.yml]", "specs/all.yml:2:20: error: 'linked.yml' leaves the spec's folder"),
    ("compare: [one.yml, .]", "there is no file '.'"),
    ("compare: [one.yml]", "must hold at least 2"),
    ("compare: [one.yml, two.yml]\nlayer: ltsm", "specs/all.yml:3:8: error: specs/one.yml has no recurrent"),
])  # fmt: skip
def test_what_is_wrong_is_told_at_its_place(folder: Path, text: str, said: str) -> None:
    (folder / "linked.yml").symlink_to(folder.parent / "outside.yml")
    assert said in read(folder, f"version: 1\n{text}\n")


def test_a_name_too_long_for_a_file(folder: Path) -> None:
    assert "error" in read(folder, f"version: 1\ncompare: [one.yml, {'x' * 400}.yml]\n")


def test_too_few_and_too_many() -> None:
    for number in (1, 5):
        with pytest.raises(UsageError, match=f"of 2 to 4 models, found {number}"):
            of_models([packaged("one-unit")] * number)


def test_json_says_the_same_as_the_table() -> None:
    compared = comparison("compare-returned")
    data = json.loads(write(compared, "json"))
    assert [each["name"] for each in data["models"]] == ["last-step", "every-step"]
    assert data["differences"] == sentences(compared)
    told = {(fact["layer"], fact["what"]): fact for fact in data["facts"]}
    assert told[None, "parameters"] == {"layer": None, "what": "parameters", "values": [72, 72], "differs": False}
    assert told["lstm", "gives"]["values"] == [[3], [4, 3]]


def test_what_a_projection_takes_with_it() -> None:
    told = sentences(of("LSTM: {units: 5, projection: 2}", "LSTM: 5"))
    assert "it takes away R, P × H = 10 parameters fewer" in told[0]
    assert "U_i, U_f, U_g and U_o become H × H instead of H × P" in told[0]
    assert told[0].endswith("the layer then returns (5,) instead of (2,).")


@pytest.mark.parametrize("pair", list(pairwise((*PACKAGED, PACKAGED[0]))), ids="-".join)
@pytest.mark.sweep(20)
def test_any_two_can_be_compared(pair: tuple[str, str]) -> None:
    for names in (pair, pair[::-1]):
        a, b = (packaged(name) for name in names)
        compared = of_models([a, b])
        told = sentences(compared)
        assert told
        assert build(compared, told).rows
        if a.params != b.params:
            assert any(f"{b.params:,}" in line and f"{a.params:,}" in line for line in told)
