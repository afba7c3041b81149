"""Pictures with the numbers of a pass: nothing overlaps, every number is in the pass, what is printed adds up."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from lstmdiag.cells.circuit import circuit
from lstmdiag.diagrams import Diagram, Node
from lstmdiag.diagrams.text import plain
from lstmdiag.drawing import pictured, placed
from lstmdiag.errors import UsageError
from lstmdiag.layer import Layer
from lstmdiag.running.step_values import StepValues, values_at
from lstmdiag.running.tracing import values
from lstmdiag.running.values import Values
from lstmdiag.views import VIEWS as ALL
from lstmdiag.views.numbers import decimals, enclosed, equals, short
from lstmdiag.views.selection import Selection
from tests.models import PACKAGED, model, of_cell, packaged
from tests.views.test_circuits import meets
from tests.views.test_invariants import mistakes
from tests.views.test_recurrent_kinds import LAYERS, of_layer

VIEWS = ("time", "layer", "unit", "cell", "weights", "gate")
KINDS = ("lstm", "gru", "gru-before", "rnn", "peephole", "projected", "both-ways")
CELLS = ("s-like", "minimal-gated", "min-gru", "coupled", "leaky")
SCALES = {"tiny": 1e-4, "usual": 1.0, "large": 1e5}


@cache
def made(kind: str, units: int, scale: str = "usual") -> Values:
    """A pass with input and weights of both signs, as large as asked for; no two weights are the same."""
    of = of_layer(kind, units) if kind in LAYERS else of_cell(kind, units)
    rng, size = np.random.default_rng(units), SCALES[scale]
    bare = values(of)
    weights = {name: rng.normal(size=array.shape) * min(size, 61.34) for name, array in bare.weights.items()}
    inputs = {source.name: rng.normal(size=bare.trace[source.name].shape[1:]) * size for source in of.inputs}
    return values(of, inputs, weights)


@cache
def of_spec(name: str) -> Values:
    return values(packaged(name))


def draw(view: str, found: Values, **chosen: object) -> Diagram:
    return placed(found, view, Selection(**chosen))


def opened(found: Values) -> Layer:
    return found.model.recurrent[0]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("units", [1, 4, 100])
@pytest.mark.parametrize("kind", [*KINDS, *CELLS])
@pytest.mark.sweep(30)
def test_nothing_overlaps(kind: str, units: int, view: str) -> None:
    for scale in SCALES if units == 4 else ("usual",):
        if (kind, scale) == ("s-like", "large"):
            continue  # exp leaves the range of float64
        found = made(kind, units, scale)
        cell = opened(found).cell
        assert cell is not None
        last = opened(found).shape(cell.output)[-1]
        diagram = draw(view, found, step=2, unit=min(3, last))
        assert mistakes(diagram) == []
        assert on_wires(diagram) == []


def on_wires(diagram: Diagram) -> list[str]:
    """Numbers beside parts that a wire runs through."""
    notes = [node for node in diagram.nodes if node.id.startswith("value-")]
    return [
        f"{note.id} on {edge.id}"
        for note in notes
        for edge in diagram.edges
        for start, end in pairwise(edge.points)
        if meets(start, end, note)
    ]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("spec", PACKAGED)
@pytest.mark.sweep(15)
def test_packaged_specs(spec: str, view: str) -> None:
    of, found = packaged(spec), of_spec(spec)
    if not of.recurrent:
        return
    try:
        diagram = draw(view, found, step=1)
    except UsageError as error:  # maps, steps within steps: told, with what to do
        assert error.problems[0].hint or "--unit" in str(error)
        return
    assert mistakes(diagram) == []
    assert placed(of, view, Selection()).origin == ""
    assert found.origin in diagram.origin


@pytest.mark.parametrize("view", VIEWS)
def test_without_values_a_step_changes_nothing(view: str) -> None:
    of = packaged("three-units")
    assert placed(of, view, Selection(step=2)) == placed(of, view, Selection())


NUMBER = re.compile(r"−?\d[\d,]*(?:\.\d+)?")


def printed(text: str) -> list[float]:
    return [float(found.replace("−", "-").replace(",", "")) for found in NUMBER.findall(text)]


def pool(at: StepValues, unit: int) -> np.ndarray:
    """Every number that a picture of one step may print: signals, weights, sums, products, parts of the circuit."""
    affines = [part.affine for part in circuit(at.cell).values() if part.affine]
    products = [product.value for affine in affines for product in at.products(affine, unit)]
    arrays = [*at.names.values(), *at.parts.values(), *(at.sum(affine) for affine in affines), np.array(products)]
    return np.concatenate([np.ravel(array) for array in arrays] + [np.array([0.0, 1.0, -1.0])])


def numbers_of(diagram: Diagram) -> Iterator[tuple[Node, float]]:
    """The runs that say they are numbers of the pass."""
    for node in diagram.nodes:
        for run in (run for line in node.label for run in line if run.number):
            if "(the " not in run.text:  # the sum of many products
                yield from ((node, number) for number in printed(re.sub(r"\[[\d,]+\]", "", run.text)))


@pytest.mark.parametrize("view", ["unit", "cell"])
@pytest.mark.parametrize("kind", [*KINDS, *CELLS])
def test_every_number_is_in_the_pass(kind: str, view: str) -> None:
    found = made(kind, 3)
    at = values_at(found, opened(found), 2)
    known, seen = pool(at, 2), 0
    for node, number in numbers_of(draw(view, found, step=2, unit=2)):
        signless = node.id.startswith("equation-")  # there − may stand between two terms
        near = np.abs(np.abs(known) - abs(number)) if signless else np.abs(known - number)
        assert near.min() < 5.01e-4, (node.id, number)
        seen += 1
    assert seen > 10 or kind == "leaky"


def test_a_wrong_number_would_be_seen() -> None:
    found = made("lstm", 3)
    known = pool(values_at(found, opened(found), 2), 2)
    shifted = [number + 0.0517 for _, number in numbers_of(draw("unit", found, step=2, unit=2))]
    assert sum(np.abs(known - number).min() < 5.01e-4 for number in shifted) < len(shifted) / 2


@pytest.mark.parametrize("units", [3, 100])
@pytest.mark.parametrize("kind", [*KINDS, *CELLS])
def test_sums_of_a_unit_add_up(kind: str, units: int) -> None:
    """What is listed with `=` adds up as printed; with ≈ it misses by no more than its roundings."""
    found = made(kind, units)
    diagram = draw("unit", found, step=2)
    nodes = {node.id: plain(node.label) for node in diagram.nodes}
    for box in [id for id in nodes if re.fullmatch(r".*-sum", id)]:
        rows = [text for id, text in nodes.items() if re.fullmatch(re.escape(box) + r"-\d+-value", id)]
        *listed, total = rows
        missing = abs(sum(printed(row)[0] for row in listed) - printed(total)[0])
        assert missing < (5e-4 if "≈" not in total else 1e-3 * len(rows)), (box, rows)
        assert ("≈" in total) == (missing > 5e-4)


@pytest.mark.parametrize("kind", ["lstm", "gru", "peephole", "s-like"])
def test_equations_with_numbers_can_be_followed(kind: str) -> None:
    """Of `c_t[2] = 0.422 × 0.079 + 0.583 × 0.265 ≈ 0.187` the left, worked out, is the right where `=` stands."""
    diagram = draw("unit", made(kind, 3), step=2, unit=2)
    lines = [
        line for node in diagram.nodes if node.id.startswith("equation-") for line in plain(node.label).split("\n")[1:]
    ]
    checked = 0
    for line in re.sub(r"\n {7}", "", "\n".join(lines)).split("\n"):
        _, left, sign, right = re.fullmatch(r"(.*?) = (.*) ([=≈]) (\S+)", line).groups()
        source = left.replace("−", "-").replace("×", "*").replace(",", "").replace("σ", "sigmoid")
        names = {"sigmoid": lambda z: 1 / (1 + np.exp(-z)), "tanh": np.tanh, "exp": np.exp}
        got, said = eval(source, names), printed(right)[0]
        assert (round(got, 3) == pytest.approx(said, abs=1e-9)) == (sign == "="), line
        assert got == pytest.approx(said, abs=0.02, rel=0.02), line
        checked += 1
    assert checked >= 6


def test_time_prints_what_the_pass_says() -> None:
    found = values(packaged("three-units"))
    labels = {edge.id: plain(edge.label) for edge in draw("time", found, unit=3).edges}
    for step in (1, 2, 3):
        for state in "ch":
            number = found.trace[f"lstm.{state}"][0, step - 1, 2]
            assert f"{state}_{step} = {decimals(number)}" in labels.values()


def test_time_has_no_numbers_after_the_step() -> None:
    found = values(packaged("three-units"))
    drawn = [plain(edge.label) for edge in draw("time", found, step=2).edges if edge.role == "state.private"]
    assert [" = " in label for label in drawn if label] == [True, True, False]
    with pytest.raises(UsageError, match="4 steps"):
        draw("time", found, step=5)


def test_time_draws_the_input_of_the_pass_and_not_the_example() -> None:
    found = values(packaged("three-units"), [[5], [6], [7], [-8]])
    shown = [plain(node.label) for node in draw("time", found).nodes if node.role == "input"]
    assert shown == ["x_1 = 5", "x_2 = 6", "x_3 = 7", "x_4 = −8"]


def test_copies_of_a_vector_carry_its_last_number() -> None:
    found = values(packaged("encoder-decoder"))
    number = decimals(found.trace["encoder.h"][0, 2, 99])
    carried = [plain(edge.label) for edge in draw("time", found, unit=100).edges if "h^[1]_3 = " in plain(edge.label)]
    assert len(carried) == 3 and all(label.endswith(number) for label in carried)


def test_backward_layers_are_read_in_the_order_of_the_input() -> None:
    found = made("both-ways", 3)
    labels = [plain(edge.label) for edge in draw("time", found).edges]
    for step in (2, 3):
        assert f"h^←_{step} = {decimals(found.trace['b.backward.h'][0, step - 1, 0])}" in labels


def test_go_backwards_counts_its_own_steps() -> None:
    of = model("version: 1\ninput: {steps: 3, features: 1}\nlayers:\n  - LSTM: {units: 2, go_backwards: true}\n")
    found = values(of, [[1], [2], [4]])
    labels = [plain(edge.label) for edge in draw("time", found).edges]
    assert f"h_1 = {decimals(found.trace['lstm.h'][0, 2, 0])}" in labels  # its first step reads the last input


def test_frames_of_time_tell_numbers_step_by_step() -> None:
    found = values(packaged("three-units"))
    pictures = pictured(found, "time", Selection(), frames=True)
    told = [sum(" = " in plain(edge.label) for edge in picture.edges if edge.label) for picture in pictures]
    assert len(pictures) == 4 and told == sorted(told) and told[0] < told[-1]
    assert {(node.id, node.x, node.y) for node in pictures[0].nodes if "frame" not in node.id} == {
        (node.id, node.x, node.y) for node in pictures[-1].nodes if "frame" not in node.id
    }


@pytest.mark.parametrize("view", ["cell", "unit"])
@pytest.mark.parametrize("kind", [*KINDS, *CELLS])
def test_substeps_are_told_in_twelve_words(kind: str, view: str) -> None:
    for units in (1, 3, 100):
        diagram = draw(view, made(kind, units), step=2)
        assert all(len(state.split()) <= 12 for state in diagram.states), diagram.states
        assert diagram.states[0].startswith("gather") and diagram.states[-1].startswith("send")
        since = {node.since for node in diagram.nodes} | {edge.since for edge in diagram.edges}
        assert since <= set(range(len(diagram.states)))


def test_substeps_of_an_lstm() -> None:
    diagram = draw("cell", values(packaged("three-units")), step=2)
    assert [state.partition(":")[0] for state in diagram.states] == [
        "gather", "multiply", "squash", "keep", "write", "read", "send",
    ]  # fmt: skip
    frames = pictured(values(packaged("three-units")), "cell", Selection(step=2), frames=True)
    before = {node.id: plain(node.label) for node in frames[3].nodes}
    after = {node.id: plain(node.label) for node in frames[4].nodes}
    assert not before["value-c.2"] and after["value-c.2"] == "0.154, 0.193, 0.025"


def test_a_linear_activation_is_told_by_its_name() -> None:
    equations = "{f: sigmoid(W_f @ x + b_f), n: W_n @ x, h: linear(f * h_prev + n)}"
    cells = f"cells:\n  Cell: {{state: [h], equations: {equations}}}\n"
    written = f"version: 1\ninput: {{steps: 3, features: 2}}\n{cells}layers:\n  - Cell: 4\n"
    states = " ".join(draw("cell", values(model(written)), step=2).states)
    assert "linear(" in states and "=(" not in states


def test_weights_are_coloured_by_sign_on_a_printed_scale() -> None:
    found = values(packaged("three-units"))
    nodes = {node.id: node for node in draw("weights", found).nodes}
    for name in ("W_i", "U_f"):
        for (row, column), weight in np.ndenumerate(found.weight(opened(found), name)):
            node = nodes[f"{name}-{row + 1}-{column + 1}"]
            assert node.level == pytest.approx(weight) and plain(node.label).endswith(short(weight))
    assert plain(nodes["level-4-is"].label) == "1" and plain(nodes["level--4-is"].label) == "−1"


def test_cells_of_many_weights_show_the_farthest_from_zero() -> None:
    found = values(packaged("encoder-decoder"))
    diagram = draw("weights", found, unit=50)
    array = found.weight(opened(found), "U_i")
    levels = [node.level or 0 for node in diagram.nodes if node.id.startswith("U_i-cells-")]
    (end,) = (float(plain(node.label)) for node in diagram.nodes if node.id == "level-4-is")
    assert max(map(abs, levels)) == pytest.approx(abs(array).max() / end)
    assert "farthest from 0" in diagram.reading


@pytest.mark.parametrize("view", ["cell", "unit", "gate", "layer"])
def test_steps_that_have_no_numbers_are_refused(view: str) -> None:
    of = packaged("masked-sequences")
    rows = np.ones((8, 5))
    rows[6:] = 0
    found = values(of, rows)
    with pytest.raises(UsageError, match="step 7 is masked") as error:
        draw(view, found, step=7)
    assert "1, 2, 3, 4, 5, 6" in error.value.problems[0].hint
    with pytest.raises(UsageError, match="steps 1 to 8, found --step 9"):
        draw(view, found, step=9)
    with pytest.raises(UsageError, match="are maps"):
        draw(view, values(of_layer("maps", 2)), step=1)


def test_padding_is_drawn_where_the_sample_has_it() -> None:
    of, rows = packaged("masked-sequences"), np.ones((8, 5))
    assert "padding" not in draw("time", values(of, rows)).reading
    rows[7] = 0
    assert "padding" in draw("time", values(of, rows)).reading


@pytest.mark.parametrize(
    ("value", "written", "brief"),
    [(-0.6239, "−0.624", "−0.624"), (61.34, "61.340", "61.34"), (1e5, "100,000.000", "100,000"), (0.0, "0", "0"),
     (-1e-7, "0.000", "0.000"), (2.0, "2.000", "2"), (1e-7, "0.000", "0.000")],
)  # fmt: skip
def test_how_numbers_are_written(value: float, written: str, brief: str) -> None:
    assert decimals(value) == written
    assert short(value) == brief
    assert enclosed(value) == (f"({brief})" if brief.startswith("−") else brief)


def test_about_is_said_where_rounded_numbers_do_not_add_up() -> None:
    assert equals(0.1 + 0.2, 0.3) == " = "
    assert equals(0.001, 0.0016) == " ≈ "


def test_these_are_the_views_that_carry_numbers() -> None:
    assert all(ALL[view].carries_numbers for view in VIEWS)


DECIMAL = re.compile(r"(= |≈ )?−?[\d,]+\.\d+")
ONLY_WRITTEN = re.compile(r"equation-|worked|level-|range-|scale-|.*-tick-|.*-sum-\d+-value|\w+\.\d+$")
"""Texts with numbers that are no label of one: equations, scales, terms of a sum, constants of an equation."""


@pytest.mark.parametrize("view", ["layer", "unit", "cell", "weights", "gate", "trace"])
@pytest.mark.parametrize("units", [1, 4, 100])
@pytest.mark.parametrize("kind", ["lstm", "gru-before", "projected", "leaky"])
def test_every_number_says_which_one_of_the_pass_it_is(view: str, units: int, kind: str) -> None:
    found = made(kind, units)
    layer = opened(found)
    arrays = {step: named(values_at(found, layer, step)) for step in range(1, (layer.input[0] or 0) + 1)}
    for node in draw(view, found, step=2).nodes:
        for run in (run for line in node.label for run in line):
            if run.of is None:
                assert ONLY_WRITTEN.match(node.id) or not DECIMAL.fullmatch(run.text), f"{node.id}: {run.text}"
                continue
            name = run.of.signal.removeprefix(f"{layer.name}.")
            assert (run.of.step is None) == (name in layer.cell.weights)
            value = arrays[run.of.step or 1].get(name)
            if value is None:
                assert "(" in name or name.startswith("a_"), f"{node.id}: {name}"  # an expression, or part of one
            elif run.of.index or value.ndim == 0:
                number = float(value[tuple(place - 1 for place in run.of.index)])
                assert run.text.split()[-1] in (decimals(number), short(number)), f"{node.id}: {run}"


def named(now: StepValues) -> dict[str, np.ndarray]:
    """Everything at one step that an equation or the circuit has a name for, and the weighted sums."""
    sums = {f"a_{part.id}": now.sum(part.affine) for part in circuit(now.cell).values() if part.affine}
    return {**sums, **now.parts, **now.names}


@pytest.mark.parametrize("kind", ["lstm", "gru", "both-ways", "projected"])
def test_every_number_on_the_unrolled_picture_says_which_one_of_the_pass_it_is(kind: str) -> None:
    found = made(kind, 3)
    drawn = draw("time", found, unit=2)
    runs = [run for part in (*drawn.nodes, *drawn.edges) for line in part.label for run in line if run.number]
    assert runs
    outputs = {reference: out[0] for reference, out in zip(found.model.outputs, found.trace.outputs, strict=True)}
    for run in runs:
        assert run.of
        name = run.of.signal
        array = outputs[name] if name in outputs else found.trace[name][0]
        array = array[run.of.step - 1] if array.ndim > 1 and run.of.step else array
        numbers = array.reshape(-1)[[place - 1 for place in run.of.index]] if run.of.index else array
        assert run.text.endswith(", ".join(map(decimals, map(float, numbers))))


def test_a_share_of_all_units_is_not_made_of_one_number() -> None:
    """softmax of one number is 1, whatever the number: its value stands in the product."""
    cell = "\n    state: [h]\n    equations: {h: softmax(W @ x + b) * h_prev + tanh(W_n @ x)}\n"
    found = values(
        model(f"version: 1\ninput: {{steps: 3, features: 2}}\ncells:\n  Cell:{cell}layers:\n  - Cell: 3\n"), seed=1
    )
    drawn = draw("unit", found, step=2)
    (equation,) = [plain(node.label) for node in drawn.nodes if node.id == "equation-h"]
    share = found.trace["cell.h"][0, 1, 0] - np.tanh((found.weights["cell.W_n"] @ found.trace["input"][0, 1])[0])
    assert "softmax(" not in equation
    assert f"= {decimals(share / found.trace['cell.h'][0, 0, 0])} × " in equation
