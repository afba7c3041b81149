"""The walk through one pass: every number on the page is found in the record of that pass, at three decimals."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmdiag.cells.circuit import circuit
from lstmdiag.cells.ranges import ranges
from lstmdiag.errors import LstmdiagError
from lstmdiag.layer import Layer
from lstmdiag.model import Model
from lstmdiag.running.record import record
from lstmdiag.running.tracing import values
from lstmdiag.running.values import Values
from lstmdiag.site import worked_pass as walk
from lstmdiag.site.builder import Site
from lstmdiag.site.store import Store
from lstmdiag.views.numbers import PLACES
from tests.models import CELLS, GRAPHS, PACKAGED, graph, model, of_cell, packaged
from tests.views.test_own_cells import CASES as OWN_CELLS
from tests.views.test_own_cells import of as own

FOLDER = Path(packaged("encoder-decoder").path).parent
RECURRENT = [name for name in PACKAGED if packaged(name).recurrent]
MADE = {f"graph {name}": (graph, name) for name in GRAPHS} | {f"cell {name}": (of_cell, name) for name in CELLS}
NUMBER = re.compile(r"(?<![\w.])−?\d[\d,]*(?:\.\d+)?(?![\w])")
NEAR = 0.05  # a weight is printed to 0.0005, and its factor may be 80
OTHERS = re.compile(r"−?[\d,.]+ \(the [\d,]+ others?\)")


def of(name: str) -> Model:
    make, own = MADE.get(name, (packaged, name))
    return make(own)


def section(values: Values) -> str:
    return "".join(walk.sections(values))


def words(html: str) -> str:
    """What is read, without drawings, names in code, sizes of the table and what subscripts say."""
    html = re.sub(r"<svg.*?</svg>|<code>.*?</code>|<sub>.*?</sub>|<thead>.*?</thead>", " ", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", " ", html))


def floats(value: Any) -> Iterator[float]:
    if isinstance(value, bool | str):
        return
    if isinstance(value, int | float):
        yield value
    elif value is not None:
        yield from (each for inner in (value.values() if isinstance(value, dict) else value) for each in floats(inner))


def as_number(written: str) -> float:
    return float(written.replace("−", "-").replace(",", ""))


def gates(layer: Layer) -> list[str]:
    """The signals of a layer that lie between 0 and 1."""
    assert layer.cell
    known = ranges(layer.cell)
    return [name for name in layer.cell.gates() if known[name].low >= 0 and known[name].high <= 1]


def known(model: Model, published: dict[str, Any]) -> set[float]:
    """Every number of the published file as it may be printed, and with another sign, for what is subtracted.

    And how many in a hundred gate values are near 0 or 1, counted anew.
    """
    passes = [published, *([published["scaled"]] if "scaled" in published else [])]
    found = {round(each, places) for each in floats(published) for places in PLACES}
    shares = set()
    backward = [back for layer in model.layers if (back := layer.backward)]
    for signals, layer in ((each["signals"], layer) for each in passes for layer in (*model.recurrent, *backward)):
        every = list(floats([counting(model, layer, signals, name) for name in gates(layer)]))
        shares.add(round(100 * sum(each < 0.01 or each > 0.99 for each in every) / max(len(every), 1), 3))
        found |= {round(each, places) for each in reset(signals, layer) for places in PLACES}
        for name in layer.cell.gates() if layer.cell else ():  # what is as near to −1 or 1
            squashed = np.abs(counting(model, layer, signals, name))
            shares.add(round(100 * float(np.mean(squashed > 0.99)), 3))
    return found | {-each for each in found} | shares


def counting(model: Model, layer: Layer, signals: dict[str, Any], name: str) -> list[Any]:
    """A signal at the steps that are no padding."""
    mask = signals.get(f"{model.owner(model.layer(layer.top).inputs[0])[0].name}.mask")
    made: list[Any] = signals[f"{layer.name}.{name}"]
    return made if mask is None or layer.wrapped_by else [row for row, counts in zip(made, mask, strict=True) if counts]


def reset(signals: dict[str, Any], layer: Layer) -> Iterator[float]:
    """What a gate leaves of the output of the step before, or of a squashed state, which some cells multiply."""
    assert layer.cell
    for name in gates(layer):
        gate, out = (np.array(signals[f"{layer.name}.{each}"]) for each in (name, layer.cell.output))
        if gate.shape == out.shape:
            yield from floats((gate[1:] * out[:-1]).tolist())
        for state in (np.array(signals[f"{layer.name}.{each}"]) for each in layer.cell.state):
            if gate.shape == state.shape:
                yield from floats((gate * np.tanh(state)).tolist())


def counts(values: Values) -> set[float]:
    """Steps, units and features are counted from 1; 0.01, 0 and 1 bound what is saturated; equations have numbers."""
    model = values.model
    sizes = [size or 0 for layer in model.layers for size in (*layer.input, *layer.output)]
    sizes += [size or 0 for source in model.inputs for size in source.shape] + [
        layer.units for layer in model.recurrent
    ]
    own = {
        float(part.value) for layer in model.recurrent for part in circuit(layer.innermost.cell).values() if part.value
    }
    return {0.01, *own, *map(float, range(max(sizes) + 1))}


SUM = re.compile(r"= ([−\d.,× +()]+) ([=≈]) (−?[\d.,]+)$")


def sums(html: str) -> Iterator[tuple[float, str, str]]:
    """What a calculator gives for every weighted sum, whether it is said to be equal, and the result that is said."""
    for worked in re.findall(r'<p class="ld-worked.*?</p>', html, re.DOTALL):
        for line in words(worked.replace("<br>       ", " ").replace("<br>", "\n")).splitlines():
            if found := SUM.search(re.sub(r" \(the [\d,]+ others?\)", "", " ".join(line.split()))):
                left = found[1].replace("−", "-").replace("×", "*").replace(",", "")
                yield eval(left), found[2], found[3]


@pytest.mark.parametrize("name", [*RECURRENT, *MADE])
@pytest.mark.sweep(10)
def test_every_number_is_of_the_pass(name: str) -> None:
    values = walk.run(of(name), FOLDER)
    html = section(values)
    written = OTHERS.sub("", words(html).replace(values.badge or "\0", "").replace(escape(values.origin[1:]), ""))
    published = json.loads(walk.numbers(of(name), FOLDER) or b"")
    allowed = known(values.model, published) | counts(values)
    allowed |= {as_number(said) for got, _, said in sums(html) if abs(got - as_number(said)) < NEAR}
    numbers = NUMBER.findall(written)
    assert len(numbers) > 5 or not values.model.recurrent
    assert {each for each in numbers if as_number(each) not in allowed} == set()


@pytest.mark.parametrize("name", [*RECURRENT, *MADE])
@pytest.mark.sweep(10)
def test_a_pocket_calculator_follows(name: str) -> None:
    """Twins have weights of one decimal: = stands where what is printed gives the last digit, ≈ elsewhere."""
    for got, sign, said in sums(section(walk.run(of(name), FOLDER))):
        assert abs(got - as_number(said)) < NEAR
        if sign == "=":
            assert round(got, 3) == pytest.approx(as_number(said), abs=1.1e-3)
        else:
            assert abs(got - as_number(said)) > 0.0004  # at a half, floats fall to either side


def test_other_numbers_would_be_seen() -> None:
    values = walk.run(packaged("three-units"), FOLDER)
    other = walk.run(packaged("vanilla-forecast"), FOLDER)
    numbers = NUMBER.findall(words(section(other)))
    allowed = known(values.model, record(values)) | counts(values)
    assert {each for each in numbers if as_number(each) not in allowed} != set()


def test_what_is_published_is_the_pass_and_the_scaled_one() -> None:
    model = packaged("encoder-decoder")
    published = json.loads(walk.numbers(model, FOLDER) or b"")
    own = record(walk.run(model, FOLDER))
    assert {key: published[key] for key in own} == own
    assert published["scaled"]["divided_by"] == 100
    assert published["scaled"]["signals"]["input"] == [[0.7], [0.8], [0.9]]
    assert "weights" not in published["scaled"]  # they are the same
    assert walk.numbers(packaged("lstm"), FOLDER) == walk.numbers(packaged("lstm"), FOLDER)


def test_encoder_decoder_shows_its_trained_pass_beside_a_scaled_one() -> None:
    written = words(walk.html(packaged("encoder-decoder"), FOLDER))
    assert "[70, 80, 90] goes in; [100.224, 111.382] comes out." in written
    assert "encoder-decoder.npz" in written and "toy twin" not in written
    assert "[0.7, 0.8, 0.9]" in written


@pytest.mark.parametrize("case", OWN_CELLS)
@pytest.mark.sweep(3)
def test_any_cell_is_walked_and_its_input_scaled(case: str) -> None:
    made = own(*OWN_CELLS[case], example="{input: [[70, 80], [90, 100], [110, 120]], seed: 1}")
    assert "Why are inputs scaled?" in section(values(made))


def test_the_sums_reach_the_answer() -> None:
    written = words(walk.html(packaged("encoder-decoder"), FOLDER))
    assert " ".join(written.split()).count("= 100.224") == 1 and "= 111.382" in written
    attending = " ".join(words(walk.html(packaged("attention-translation"), FOLDER)).split())
    assert "at step 1 are [" in attending and "together they are 1." in attending


def test_weights_that_are_missing_are_told(tmp_path: Path) -> None:
    with pytest.raises(LstmdiagError, match=r"cannot read '.*encoder-decoder\.npz': No such file"):
        walk.html(packaged("encoder-decoder"), tmp_path)


def test_other_weights_are_another_page(tmp_path: Path) -> None:
    """What is kept on disk is kept under the weights too."""
    (tmp_path / "specs").mkdir()
    shutil.copy(FOLDER / "encoder-decoder.yml", tmp_path / "specs")
    file = tmp_path / "specs" / "encoder-decoder.npz"
    shutil.copy(FOLDER / "encoder-decoder.npz", file)
    site = Site(Store(tmp_path / "cache"))
    site.read(tmp_path / "specs", tmp_path)
    facts = {"spec": "encoder-decoder", "walk": ""}
    assert "111.382" in site.renderer.render(facts)
    with np.load(file) as held:
        np.savez(file, **{name: held[name] * 0 for name in held}, allow_pickle=False)
    again = Site(Store(tmp_path / "cache"))
    again.read(tmp_path / "specs", tmp_path)
    assert "111.382" not in again.renderer.render(facts)


def test_a_table_of_few_units_cuts_a_state_of_many_numbers() -> None:
    wide = model(
        "version: 1\ninput: {steps: 3, features: 2}\ncells:\n  Own:\n    state: {h: [units], s: [5000]}\n"
        "    equations: {h: tanh(W @ x + U @ h_prev), s: s_prev * mean(h_prev)}\nlayers:\n  - Own: 3\n"
    )
    text = walk.html(wide, Path())
    assert text.count("<th ") < 40 and "5,000" in text


def test_a_pass_whose_numbers_fill_a_file_of_many_megabytes_is_not_on_a_page() -> None:
    large = model(
        "version: 1\ninput: {steps: 5, features: 2}\ncells:\n  Own:\n    state: {h: [units], s: [3000000]}\n"
        "    equations: {h: tanh(W @ x + U @ h_prev), s: s_prev * mean(h_prev)}\nlayers:\n  - Own: 3\n"
    )
    assert "No pass is shown here" in walk.html(large, Path())
