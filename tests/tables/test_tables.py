"""What the tables say: goldens per case, known figures, and what must hold for any model."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lstmdiag.errors import UsageError
from lstmdiag.frameworks import source_text
from lstmdiag.model import Model
from lstmdiag.tables import Column, Formula, Table
from lstmdiag.views.tables import NAMES, table
from lstmdiag.writers.tables import write
from tests.examples import max_examples
from tests.models import CELLS, GRAPHS, PACKAGED, graph, lstm, model, of_cell, packaged

CASES = Path(__file__).parent.parent / "cases" / "tables"


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yml")), ids=lambda path: path.stem)
def test_cases(path: Path, golden: Callable[[Path, str], None]) -> None:
    """Each file: a spec, and every table of it as plain text."""
    spec = yaml.safe_load(path.read_text(encoding="utf-8"))["spec"]
    found = model(spec, path.stem)
    blocks = {"spec": spec, **{name: write(table(found, name), "text") for name in NAMES}}
    golden(path, "\n".join(f"{name}: |\n{indented(text)}" for name, text in blocks.items()))


def indented(text: str) -> str:
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def parts(found: Table) -> list[Table]:
    return [found, *(part for inner in found.parts for part in parts(inner))]


def column(found: Table, key: str) -> list[object]:
    keys = [each.key for each in found.columns]
    return [row[keys.index(key)] for row in found.rows]


MODELS = [*PACKAGED, *(f"cell:{name}" for name in CELLS), *(f"graph:{name}" for name in GRAPHS)]


def made(name: str) -> Model:
    if name.startswith("graph:"):
        return graph(name.removeprefix("graph:"))
    return of_cell(name.removeprefix("cell:")) if name.startswith("cell:") else packaged(name)


@cache
def table_of(name: str, which: str) -> Table:
    """One of NAMES of one of MODELS. Tables are frozen: several tests look at one."""
    return table(made(name), which)


@pytest.mark.parametrize("name", MODELS)
def test_rows_fit_their_columns(name: str) -> None:
    for which, part in [(each, part) for each in NAMES for part in parts(table_of(name, each))]:
        assert part.title and part.name.split(".")[0] == which
        assert part.rows or (which == "returns" and not made(name).recurrent)
        keys = [each.key for each in part.columns]
        assert len(set(keys)) == len(keys)
        for row in part.rows:
            for cell, each in zip(row, part.columns, strict=True):
                fits(cell, each)
        for cell, each in zip(part.total or (), part.columns if part.total else (), strict=True):
            assert cell == "" or each is part.columns[0] or (each.kind == "int" and not isinstance(cell, str))


def fits(cell: object, column: Column) -> None:
    if column.kind == "int":
        assert cell is None or isinstance(cell, int | Formula)
    elif column.kind == "shape":
        assert cell is None or isinstance(cell, tuple)
    else:
        assert cell is None or isinstance(cell, str | Formula)


@pytest.mark.parametrize("name", MODELS)
def test_params_add_up(name: str) -> None:
    found = made(name)
    data = table(found, "params").data
    assert data["total"] == sum(layer["params"] for layer in data["layers"]) == found.params
    for layer in data["layers"]:
        assert layer["params"] == sum(weight["count"] for weight in layer["weights"])
        if layer["packed"]:
            assert layer["params"] == sum(array["count"] for array in layer["packed"])
    weights = next((part for part in parts(table(found, "params")) if part.name == "params.weights"), None)
    assert weights or not found.params
    if not weights:
        return
    assert weights.total is not None
    for key, whole in zip([each.key for each in weights.columns], weights.total, strict=True):
        if key in ("count", *data["frameworks"]) and whole is not None:
            assert sum(column(weights, key)) == whole


def test_params_json_is_what_the_design_says() -> None:
    data = table(packaged("encoder-decoder"), "params").data
    assert list(data) == ["layers", "total", "trainable", "non_trainable", "frameworks"]
    assert data["frameworks"] == {"keras": 121301, "pytorch": 122101, "onnx": 122101}
    encoder = data["layers"][0]
    assert (encoder["name"], encoder["kind"], encoder["output_shape"], encoder["params"]) == (
        "encoder",
        "LSTM",
        [100],
        40800,
    )
    assert encoder["weights"][3] == {"name": "W_f", "shape": [100, 1], "count": 100, "formula": "H × F"}
    assert encoder["packed"] == [
        {"name": "kernel", "shape": [1, 400], "count": 400, "formula": "4 × H × F"},
        {"name": "recurrent_kernel", "shape": [100, 400], "count": 40000, "formula": "4 × H × H"},
        {"name": "bias", "shape": [400], "count": 400, "formula": "4 × H"},
    ]
    assert [layer["params"] for layer in data["layers"]] == [40800, 0, 80400, 101]


def test_a_cell_of_the_users_own_has_no_framework_total() -> None:
    found = table(of_cell("minimal-gated", units=16, features=8), "params")
    assert found.data["frameworks"] == {"keras": None, "pytorch": None, "onnx": None}
    assert found.data["total"] == 2 * (16 * 8 + 16 * 16 + 16)
    assert found.data["layers"][0]["packed"] == []
    assert any("No framework has a layer Cell" in note for note in found.notes)


def test_shapes_that_are_not_known_are_null() -> None:
    found = model(
        "version: 1\ninput: {steps: null, features: 8}\nlayers:\n  - LSTM: {units: 4, return_sequences: true}\n"
    )
    data = table(found, "shapes").data
    assert data["inputs"] == [{"name": "input", "shape": [None, 8], "dtype": "float"}]
    assert data["layers"][0]["input_shape"] == [None, 8] and data["layers"][0]["output_shape"] == [None, 4]
    cost = table(found, "cost")
    assert cost.data["layers"][0]["multiply_adds"] == {
        "formula": "4 × (H × F + H × H)",
        "per_step": 192,
        "per_sequence": None,
    }
    assert cost.data["total"]["multiply_adds"] is None
    assert cost.data["sequential_path"] == {
        "dependent_steps": None,
        "dependent_formula": "T",
        "executed_steps": None,
        "executed_formula": "T",
    }
    assert any("not known" in note for note in cost.notes)


@pytest.mark.parametrize(
    ("name", "dependent", "executed"),
    [("encoder-decoder", 5, 5), ("stacked-classifier", 51, 100), ("one-unit", 4, 4)],
)
def test_the_sequential_path(name: str, dependent: int, executed: int) -> None:
    path = table(packaged(name), "cost").data["sequential_path"]
    assert (path["dependent_steps"], path["executed_steps"]) == (dependent, executed)


SEQUENCE = "  - LSTM: {units: 2, return_sequences: true}\n"
READING = {
    "ahead": SEQUENCE,
    "back": "  - LSTM: {units: 2, return_sequences: true, go_backwards: true}\n",
    "both": "  - Bidirectional: {LSTM: {units: 2, return_sequences: true}}\n",
}


def walked(ready: list[int]) -> list[int]:
    """When each step is done: it waits for the one before and for what it reads."""
    done, now = 0, []
    for when in ready:
        done = max(done, when) + 1
        now.append(done)
    return now


@max_examples(60)
@given(st.integers(1, 9), st.lists(st.sampled_from(list(READING)), min_size=1, max_size=5))
def test_the_path_is_the_longest_chain(steps: int, ways: list[str]) -> None:
    """Against a walk over every (layer, step): a step waits for its own last one and for what it reads."""
    text = "".join(READING[way] for way in ways)
    found = model(f"version: 1\ninput: {{steps: {steps}, features: 1}}\nlayers:\n{text}")
    ready = [0] * steps  # of the input at every step
    for way in ways:
        ahead, back = walked(ready), walked(ready[::-1])
        # what is read backwards comes out backwards, but of two directions in the order of time
        ready = {"ahead": ahead, "back": back, "both": [max(pair) for pair in zip(ahead, back[::-1], strict=True)]}[way]
    path = table(found, "cost").data["sequential_path"]
    assert path["dependent_steps"] == max(ready)
    assert path["executed_steps"] == steps * sum(2 if way == "both" else 1 for way in ways)


def test_layers_above_a_sequence_of_unknown_length() -> None:
    found = model(f"version: 1\ninput: {{steps: null, features: 1}}\nlayers:\n{SEQUENCE * 3}")
    path = table(found, "cost").data["sequential_path"]
    assert (path["dependent_formula"], path["executed_formula"]) == ("T + 2", "3 × T")


def test_cost_of_the_founding_models() -> None:
    stacked = table(packaged("stacked-classifier"), "cost").data
    assert stacked["layers"][0]["multiply_adds"]["per_sequence"] == 3_532_800
    assert stacked["total"]["weight_bytes"] == {"float32": 548_868, "float16": 274_434}
    assert table(packaged("three-units"), "cost").data["total"]["multiply_adds"] == 192
    assert table(packaged("one-unit"), "cost").data["total"]["state_bytes"] == {"float32": 8, "float16": 4}


def test_returns_of_a_layer() -> None:
    layer = table(packaged("encoder-decoder"), "returns").data["layers"][0]
    assert (layer["return_sequences"], layer["return_state"], layer["stateful"]) == (False, False, False)
    everything = layer["combinations"][-1]
    assert everything["returns"] == [
        {"name": "output", "shape": [3, 100]},
        {"name": "h", "shape": [100]},
        {"name": "c", "shape": [100]},
    ]
    chosen = [row for row in table(packaged("encoder-decoder"), "returns").rows if row[-1] == "yes"]
    assert [row[:3] for row in chosen] == [("encoder", "False", "False"), ("decoder", "True", "False")]


def test_returns_without_a_recurrent_layer() -> None:
    found = table(model("version: 1\ninput: {shape: [4]}\nlayers:\n  - Dense: 2\n"), "returns")
    assert not found.rows and found.notes == ("No layer here has a state: each returns one tensor.",)


@max_examples(40)
@given(st.integers(1, 10**15), st.integers(1, 10**15), st.integers(1, 10**12))
def test_tables_are_exact_however_large(units: int, features: int, steps: int) -> None:
    found = lstm(units, features, steps)
    cost = table(found, "cost").data
    assert cost["total"]["multiply_adds"] == 4 * units * (units + features) * steps
    assert cost["total"]["weight_bytes"]["float32"] == 16 * units * (units + features + 1)
    assert cost["sequential_path"]["dependent_steps"] == steps
    for name in NAMES:
        text = write(table(found, name), "text")
        assert name != "params" or f"{4 * units * (units + features + 1):,}" in text


@pytest.mark.parametrize("name", NAMES)
def test_one_layer_alone(name: str) -> None:
    found = table(packaged("encoder-decoder"), name, layer="decoder")
    assert "decoder" in found.title
    texts = write(found, "text")
    assert "encoder" not in texts.replace("Encoder", "").replace("encoder-decoder", "") or name == "shapes"
    if name == "params":
        assert found.data["total"] == 80400


def test_unknown_names_are_told() -> None:
    with pytest.raises(UsageError) as wrong:
        table(packaged("one-unit"), "parms")
    assert wrong.value.problems[0].hint == "did you mean 'params'?"
    with pytest.raises(UsageError) as wrong:
        table(packaged("encoder-decoder"), "params", layer="encodr")
    assert wrong.value.problems[0].hint == "did you mean 'encoder'?"


@pytest.mark.parametrize("name", MODELS)
def test_json_holds_plain_values(name: str) -> None:
    for found in (table_of(name, which) for which in NAMES):
        assert json.loads(write(found, "json")) == found.data, found.name


def test_numbers_in_notes_are_this_models() -> None:
    notes = " ".join(table(packaged("encoder-decoder"), "params").notes).replace("\u00a0", " ")
    assert "4 × H = 400 more in encoder and 4 × H = 400 more in decoder, 800 in all" in notes
    assert "torch.nn.LSTM has no relu" in notes
    assert "all steps (3 and 2)" in notes


def counts(layers: str, source: str = "steps: 50, features: 16") -> dict[str, int]:
    found = model(f"version: 1\ninput: {{{source}}}\nlayers:\n{layers}")
    data = table(found, "params").data
    return {"ours": data["total"], **data["frameworks"]}


BIDIRECTIONAL = "  - Bidirectional: {layer: {GRU: {units: 32%s}}}\n"


@pytest.mark.parametrize(
    ("layers", "known"),
    [
        (BIDIRECTIONAL % "", (9600, 9600, 9600, 9600)),
        (BIDIRECTIONAL % ", reset_after: false", (9408, 9408, 9600, 9600)),
        ("  - BatchNormalization\n", (64, 64, 32, 64)),
        ("  - Conv1D: {filters: 8, kernel_size: 3}\n", (392, 392, 392, 392)),
        ("  - LSTM: {units: 8, projection: 3}\n", (664, 664, 696, 696)),
        ("  - PeepholeLSTM: 8\n", (824, 824, None, 856)),
    ],
)
def test_known_figures(layers: str, known: tuple[int | None, ...]) -> None:
    """Keras 3.15's count_params, PyTorch 2.13's numel; what they lack is counted by their convention."""
    assert tuple(counts(layers).values()) == known


def test_known_figures_of_a_sentiment_model() -> None:
    layers = "  - Embedding: {input_dim: 10000, output_dim: 64}\n  - Bidirectional: {LSTM: 64}\n  - Dense: 1\n"
    assert counts(layers, "steps: 80, dtype: int") == {
        "ours": 706_177, "keras": 706_177, "pytorch": 706_689, "onnx": 706_689,
    }  # fmt: skip


def test_what_training_leaves_alone_is_counted_apart() -> None:
    data = table(model("version: 1\ninput: {steps: 3, features: 4}\nlayers:\n  - BatchNormalization\n"), "params").data
    assert (data["total"], data["trainable"], data["non_trainable"]) == (16, 8, 8)


def test_shared_weights_count_once_and_cost_each_use() -> None:
    found = graph("shared")
    tower, again = table(found, "params").data["layers"][:2]
    assert (again["params"], again["weights"], again["packed"], again["shared"]) == (0, [], [], "tower")
    first, second = table(found, "cost").data["layers"][:2]
    assert tower["params"] > 0 and first["multiply_adds"] == second["multiply_adds"]
    assert second["weight_bytes"]["float32"] == 0


def test_both_directions_in_json() -> None:
    layer = table(graph("bidirectional"), "params").data["layers"][0]
    assert [weight["name"] for weight in layer["weights"]][::12] == ["forward.W_i", "backward.W_i"]
    assert [array["name"] for array in layer["packed"]][::3] == ["forward.kernel", "backward.kernel"]
    arrays = next(part for part in parts(table(graph("bidirectional"), "params")) if part.name == "params.arrays")
    shapes = {row[2]: row[3] for row in arrays.rows if row[0] == "b"}
    assert shapes["weight_hh_l0_reverse"] == (12, 3) and shapes["R"] == (2, 12, 3) and shapes["B"] == (2, 24)


def test_returns_of_both_directions() -> None:
    layer = table(graph("bidirectional"), "returns").data["layers"][0]
    assert [each["name"] for each in layer["combinations"][-1]["returns"]] == [
        "output", "forward.h", "forward.c", "backward.h", "backward.c",
    ]  # fmt: skip
    assert [each["shape"] for each in layer["combinations"][-1]["returns"]][:2] == [[5, 6], [3]]
    notes = " ".join(table(graph("bidirectional"), "returns").notes)
    assert "(2, N, 3) in b" in notes


def test_several_inputs_and_starts_in_json() -> None:
    data = table(graph("bidirectional-transfer"), "shapes").data
    layers = {layer["name"]: layer for layer in data["layers"]}
    assert layers["attention"]["input_shapes"] == [[4, 6], [5, 6]]
    assert layers["decoder"]["initial_state"] == ["h_both", "c_both"]
    assert data["outputs"] == ["time_distributed"]


@pytest.mark.parametrize(
    ("graph_name", "dependent", "executed"),
    [("transfer", "9", "9"), ("bidirectional-transfer", "9", "14"), ("two-inputs", "5", "9")],
)
def test_the_path_over_a_graph(graph_name: str, dependent: str, executed: str) -> None:
    path = table(graph(graph_name), "cost").data["sequential_path"]
    assert (path["dependent_formula"], path["executed_formula"]) == (dependent, executed)


def test_the_largest_of_lengths_that_are_not_known() -> None:
    found = model(
        "version: 1\ninputs: {a: {steps: null, features: 2}, b: {steps: 7, features: 2}}\nlayers:\n"
        "  - LSTM: {units: 2, from: a, name: one}\n  - LSTM: {units: 2, from: b, name: two}\n"
        "  - Add: {from: [one, two]}\n"
    )
    path = table(found, "cost").data["sequential_path"]
    assert path["dependent_steps"] is None
    assert (path["dependent_formula"], path["executed_formula"]) == ("max(T_1, 7)", "T_1 + 7")


def cost_of(layers: str, inputs: str = "input: {steps: 9, features: 4}") -> dict[str, int]:
    found = table(model(f"version: 1\n{inputs}\nlayers:\n{layers}"), "cost").data["layers"][-1]
    return {"products": found["multiply_adds"]["per_sequence"], "others": found["elementwise"]["per_sequence"]}


def test_work_of_kinds_without_equations() -> None:
    both = "inputs: {q: {steps: 3, features: 4}, v: {steps: 5, features: 4}}"
    assert cost_of("  - Conv1D: {filters: 2, kernel_size: 3}\n") == {"products": 7 * 2 * 4 * 3, "others": 7 * 2}
    assert cost_of("  - Attention: {from: [q, v]}\n", both) == {"products": 3 * 5 * (4 + 4), "others": 3 * 5}
    assert cost_of("  - MaxPooling1D: 3\n") == {"products": 0, "others": 3 * 3 * 4}
    assert cost_of("  - Add: {from: [input, input, input]}\n") == {"products": 0, "others": 2 * 9 * 4}
    one = cost_of("  - LSTM: {units: 3, return_sequences: true}\n")
    two = cost_of("  - Bidirectional: {layer: {LSTM: {units: 3, return_sequences: true}}, merge_mode: sum}\n")
    assert two == {"products": 2 * one["products"], "others": 2 * one["others"] + 9 * 3}


STACK = "  - LSTM: {units: 8, return_sequences: true}\n  - Dropout: 0.2\n"


@pytest.mark.parametrize(
    ("layers", "calls"),
    [
        (STACK * 2 + "  - LSTM: 8\n", ["torch.nn.LSTM(16, 8, num_layers=3, dropout=0.2, batch_first=True)"]),
        (STACK + SEQUENCE + "  - LSTM: 2\n", ["torch.nn.LSTM(8, 2, num_layers=2, batch_first=True)"]),
        ("  - Bidirectional: {GRU: {units: 4, return_sequences: true}}\n" * 2,
         ["torch.nn.GRU(16, 4, num_layers=2, bidirectional=True, batch_first=True)"]),
        (SEQUENCE + "  - Dense: 2\n" + SEQUENCE, []),
        (SEQUENCE + "  - LSTM: {units: 2, activation: relu}\n", []),
    ],
)  # fmt: skip
def test_stacks_in_pytorchs_words(layers: str, calls: list[str]) -> None:
    found = model(f"version: 1\ninput: {{steps: 5, features: 16}}\nlayers:\n{layers}")
    rows = [row["pytorch"] for row in table(found, "dictionary").data.get("stacks", [])]
    assert rows == calls
    assert all(call in " ".join(table(found, "returns").notes) for call in calls)


def test_the_letters_of_a_gru() -> None:
    found = table(model("version: 1\ninput: {steps: 5, features: 2}\nlayers:\n  - GRU: 3\n"), "dictionary")
    symbols = next(part for part in parts(found) if part.name == "dictionary.symbols")
    assert any("Wikipedia" in str(cell) for row in symbols.rows for cell in row)
    stored = {
        row["symbol"]: (row["keras"], row["pytorch"]) for row in found.data["symbols"] if row["role"] == "weights"
    }
    assert stored["b_r, b_z, b_n"] == ("bias", "bias_ih_l0")
    assert stored["b_hr, b_hz, b_hn"] == ("bias", "bias_hh_l0")
    assert any("reset_after=True" in note for note in symbols.notes)
    orders = {row["framework"]: (row["order"], row["biases"]) for row in found.data["orders"]}
    assert orders == {"Keras": ("z, r, h", 2), "PyTorch": ("r, z, n", 2), "ONNX": ("z, r, h", 2)}


def test_every_weight_has_its_other_names() -> None:
    """Of a layer with equations but without states too."""
    rows = table(packaged("stacked-classifier"), "dictionary").data["symbols"]
    stored = {(row["kind"], row["symbol"]): (row["keras"], row["pytorch"], row["onnx"]) for row in rows}
    assert stored["Dense", "W"] == ("kernel", "weight", "B")
    assert stored["Dense", "b"] == ("bias", "bias", "C")


def test_what_pytorch_returns_of_padded_sequences() -> None:
    """Behind a packed sequence `output` is 0 at padded steps, so that its last step is no last state."""
    returned = {row[:3]: row[5] for row in table(graph("masked"), "returns").rows}
    assert returned["lstm_1", "False", "False"] == "h_n[0]"
    assert returned["lstm_1", "True", "False"] == "output"
    plain = {row[:3]: row[5] for row in table(packaged("three-units"), "returns").rows}
    assert plain["lstm", "False", "False"] == "output[:, -1]"
    notes = " ".join(table(graph("masked"), "returns").notes)
    assert (
        "lstm and lstm_1 repeat their last output at padded steps" in notes
        and "its output is 0 at padded steps" in notes
    )


@pytest.mark.parametrize("name", [*PACKAGED, *GRAPHS])
def test_tables_and_source_text_take_the_same_last_step_in_pytorch(name: str) -> None:
    """A page holds both: what one says of a masked layer, the other may not contradict."""
    made = packaged(name) if name in PACKAGED else graph(name)
    text = source_text(made, "pytorch") or ""
    taken = [row[5] for row in table(made, "returns").rows if row[-1] == "yes" and row[5]]
    for here, there in (("output[:, -1]", "x = x[:, -1]"), ("h_n[0]", "x = h[0]")):
        assert (there in text) <= any(each.startswith(here) for each in taken), (there, taken)
