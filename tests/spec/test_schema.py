"""The JSON Schema says yes and no as the reader does."""

import copy
import json
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lstmdiag.errors import LstmdiagError
from lstmdiag.layers import KINDS
from lstmdiag.layers.kind import option_names
from lstmdiag.spec.reader import examples, read
from lstmdiag.spec.schema import schema, schema_text
from tests.examples import max_examples
from tests.generator import documents as generated

SCHEMA = json.loads(schema_text())

# JSON has one kind of number, so a schema takes 3.0 for a whole one; YAML does not, nor does the reader.
CHECKER = jsonschema.Draft7Validator.TYPE_CHECKER.redefine(
    "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
)
Validator = jsonschema.validators.extend(jsonschema.Draft7Validator, type_checker=CHECKER)
VALIDATOR = Validator(SCHEMA)


def by_schema(document: Any) -> bool:
    return bool(VALIDATOR.is_valid(document))


def by_reader(document: Any) -> bool:
    try:
        read(json.dumps(document, ensure_ascii=False).encode(), "spec.json", "spec")  # JSON is YAML
    except LstmdiagError:
        return False
    return True


NUMBERS = st.one_of(
    st.integers(-3, 40),
    st.sampled_from([10**18, 10**18 + 1, 0.5, -0.5, 1.0, 3.0, 2.5, 0.0]),
)
NAMES = st.one_of(
    st.sampled_from(["a", "a/b", "..", ".", "a.b", "", " a", "a ", "שלום", "🦆", "a\\b", "x" * 100, "x" * 101, "a\tb"]),
    st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\ufffe\uffff\u2028\u2029")),
)
ODD = st.one_of(
    st.none(), st.booleans(), NUMBERS, NAMES, st.just([]), st.just({}), st.just([1]), st.just({"units": 1}),
    st.sampled_from(["LSTM", "Flatten", "relu", "rellu", "float", "int", "1", "layer", "Dense"]),
    st.just({"Dense": 1}), st.just({"LSTM": {"units": 2}}), st.just({"TimeDistributed": {"Dense": 1}}),
)  # fmt: skip


REFERENCES = st.sampled_from(["a", "a.h", ["a", "b.forward"], [], ["a", ""], ["a", 3], [["a"]], ["a"] * 101]) | ODD


def options(kind: str) -> st.SearchStrategy[Any]:
    """Options of a kind, mostly right."""
    right: dict[str, st.SearchStrategy[Any]] = {
        "units": st.integers(1, 9),
        "n": st.integers(1, 9),
        "rate": st.sampled_from([0, 0.5, 0.25]),
        "activation": st.sampled_from(["relu", "tanh"]),
        "from": REFERENCES,
        "initial_state": REFERENCES,
        "name": st.none() | NAMES,
        "layer": st.deferred(lambda: LAYERS),
    }
    fields = {field.alias or name: field for name, field in KINDS[kind].options.model_fields.items()}
    flags = {name: st.booleans() for name, field in fields.items() if isinstance(field.default, bool)}
    values = {name: right.get(name, flags.get(name, ODD)) for name in fields}
    required = {name for name, field in fields.items() if field.is_required()}
    return st.fixed_dictionaries(
        {name: values[name] for name in required}, optional={name: values[name] for name in fields.keys() - required}
    )


LAYERS: st.SearchStrategy[Any] = st.deferred(
    lambda: st.one_of(
        *[st.fixed_dictionaries({kind: options(kind)}) for kind in KINDS],
        *[st.fixed_dictionaries({kind: st.integers(1, 3) | ODD}) for kind in KINDS],
        st.fixed_dictionaries({"TimeDistributed": LAYERS}),
        st.sampled_from(list(KINDS)),
        st.fixed_dictionaries(
            {"use": st.just("a") | ODD},
            optional={"from": REFERENCES, "initial_state": REFERENCES, "name": NAMES, "x": ODD},
        ),
        ODD,
    )
)
SIZES = st.none() | NUMBERS
INPUTS = st.one_of(
    st.fixed_dictionaries({"steps": SIZES, "features": NUMBERS}, optional={"batch": SIZES, "dtype": ODD}),
    st.fixed_dictionaries({"shape": st.lists(SIZES, max_size=9)}, optional={"batch": SIZES, "dtype": ODD}),
    st.fixed_dictionaries({"steps": SIZES, "dtype": st.just("int")}, optional={"batch": SIZES, "features": NUMBERS}),
    ODD,
)
SYMBOLS = st.sampled_from(["h", "c", "h_1", "é", "", "1h", "h h", "k" * 40, "k" * 41])
DIMS = st.lists(st.sampled_from(["units", "memory", "é"]) | NUMBERS, max_size=3)
CELL = {"state": ["h"], "equations": {"h": "tanh(W_h @ x + U_h @ h_prev)"}}
EXAMPLES = st.fixed_dictionaries(
    {},
    optional={
        "seed": ODD,
        "weights": st.sampled_from(["a.npz", "b/c.npz", "../a", "/a", "~/a", "C:\\a", "a/../b", "a..b"]) | ODD,
    },
)  # fmt: skip
DOCUMENTS = st.fixed_dictionaries(
    {"version": st.just(1), "input": st.just({"steps": 3, "features": 1}), "layers": st.just([{"LSTM": 1}])},
    optional={"title": st.just("A title"), "summary": st.just("A summary")},
)


def agree(document: Any) -> None:
    assert by_schema(document) == by_reader(document), document


@given(DOCUMENTS, st.lists(LAYERS, max_size=3))
@max_examples(200)
def test_layers(document: dict[str, Any], layers: list[Any]) -> None:
    agree(document | {"layers": layers})


@given(DOCUMENTS, INPUTS)
@max_examples(100)
def test_input(document: dict[str, Any], given_input: Any) -> None:
    agree(document | {"input": given_input})


@given(DOCUMENTS, st.dictionaries(NAMES, INPUTS, max_size=3) | ODD, st.booleans())
@max_examples(100)
def test_inputs(document: dict[str, Any], given_inputs: Any, both: bool) -> None:
    agree({key: value for key, value in document.items() if both or key != "input"} | {"inputs": given_inputs})


@given(DOCUMENTS, REFERENCES)
@max_examples(50)
def test_outputs(document: dict[str, Any], outputs: Any) -> None:
    agree(document | {"outputs": outputs})


@given(generated())
@max_examples(50)
def test_whole_models(document: dict[str, Any]) -> None:
    assert by_schema(document) and by_reader(document)


@given(generated(), st.data())
@max_examples(100)
def test_whole_models_with_a_part_changed(document: dict[str, Any], data: st.DataObject) -> None:
    """Which options a cell has is seen by its meaning: the reader alone may say no to one."""
    changed = {key: value for key, value in document.items() if key != "cells"}
    holder, words = changed, ["inputs", "compare", "from", "use", "units", "title", "layer", "initial_state", "x"]
    while True:
        keys = sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(holder[key], dict | list) and holder[key] and data.draw(st.integers(0, 4)):
            holder = holder[key]
            continue
        way = data.draw(st.sampled_from(["change", "remove", "add"]))
        if way == "add" and isinstance(holder, dict):
            holder[data.draw(st.sampled_from(words))] = data.draw(ODD | REFERENCES | LAYERS)
        elif way == "remove":
            del holder[key]
        else:
            holder[key] = data.draw(ODD | REFERENCES | LAYERS)
        break
    if "cells" not in document:
        agree(changed)
    elif not by_schema(changed | {"cells": document["cells"]}):
        assert not by_reader(changed | {"cells": document["cells"]})


@given(DOCUMENTS, EXAMPLES | ODD)
@max_examples(100)
def test_example(document: dict[str, Any], example: Any) -> None:
    agree(document | {"example": example})


@given(DOCUMENTS, st.dictionaries(SYMBOLS, DIMS, max_size=2) | st.lists(SYMBOLS | ODD, max_size=2) | ODD)
@max_examples(100)
def test_state_of_a_cell(document: dict[str, Any], state: Any) -> None:
    """An empty equation makes the reader say no for reasons of meaning: it is not asked where the schema says yes."""
    cell = document | {"cells": {"Cell": CELL | {"state": state}}}
    if not by_schema(cell):
        assert not by_reader(cell), cell


@given(
    st.dictionaries(
        st.sampled_from(["Cell", "LSTM", "cell", "A/B", "C_1", "C" * 41, "É"]), st.just(CELL) | ODD, max_size=2
    )
)
@max_examples(40)
def test_cells(cells: dict[str, Any]) -> None:
    document = {"version": 1, "input": {"steps": 3, "features": 1}, "layers": [{"LSTM": 1}]}
    agree(document | {"cells": cells})


@given(DOCUMENTS, st.data())
@max_examples(200)
def test_a_word_changed_taken_away_or_added(document: dict[str, Any], data: st.DataObject) -> None:
    spec = copy.deepcopy(document) | {"cells": {"Cell": copy.deepcopy(CELL)}, "example": {"seed": 7}}
    holder: Any = spec
    while isinstance(holder, dict | list) and holder:
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
        if isinstance(holder[key], dict | list) and holder[key] and data.draw(st.booleans()):
            holder = holder[key]
            continue
        change = data.draw(st.sampled_from(["change", "remove", "add"]))
        if change == "change":
            holder[key] = data.draw(ODD)
        elif change == "remove":
            del holder[key]
        elif isinstance(holder, dict):
            holder[data.draw(st.sampled_from(["inputs", "compare", "from", "units", "title", "x"]))] = data.draw(ODD)
        break
    if "cells" in spec and spec["cells"] != {"Cell": CELL}:
        if not by_schema(spec):
            assert not by_reader(spec), spec
    else:
        agree(spec)


@pytest.mark.parametrize("name", examples())
def test_examples_are_valid(name: str) -> None:
    assert by_schema(yaml.safe_load(examples()[name].read_text(encoding="utf-8")))


@pytest.mark.parametrize(("document", "valid"), [
    ({"layers": ["LSTM"]}, False),
    ({"layers": [{"MinimalGated": 3}]}, False),
    ({"layers": [{"Cell": 3}], "cells": {"Cell": CELL}}, True),
    ({"layers": [{"TimeDistributed": {"Cell": 3}}], "cells": {"Cell": CELL}}, True),
    ({"layers": [{"TimeDistributed": {"Cell": 3}}]}, False),
    ({"layers": [{"LSTM": {"units": 3, "frobnicate": 1}}]}, False),
    ({"layers": [{"LSTM": 1}], "example": {"input": [[1], [2], [3]]}}, True),
    ({"layers": [{"LSTM": 1}], "example": {"input": [["x"]]}}, False),
    ({"layers": [{"LSTM": 1}], "example": {"input": 3}}, False),
])  # fmt: skip
def test_both_say(document: dict[str, Any], valid: bool) -> None:
    whole = {"version": 1, "input": {"steps": 3, "features": 1}} | document
    assert by_schema(whole) == by_reader(whole) == valid


def test_it_is_a_schema_of_draft_7() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert schema() == SCHEMA


def test_every_layer_and_option_is_described() -> None:
    """What an editor shows on hover."""
    for name, kind in KINDS.items():
        definition = SCHEMA["definitions"].get(name) or SCHEMA["definitions"]["layer"]["anyOf"][0]["properties"][name]
        assert definition["description"] == kind.summary
        properties = definition["anyOf"][0]["properties"]
        assert set(properties) == set(option_names(kind.options))
        assert all(option.get("description") for option in properties.values()), name


def test_every_word_is_described() -> None:
    assert all(word.get("description") for word in SCHEMA["properties"].values())


@pytest.mark.parametrize("branch", ["then", "else"])
def test_editors_are_offered_every_layer_for_an_empty_entry(branch: str) -> None:
    """Bare names they find themselves; what needs an argument is a snippet, which is valid once it is filled in."""
    snippets = SCHEMA["else"][branch]["properties"]["layers"]["items"]["defaultSnippets"]
    offered = {snippet["label"]: snippet["body"] for snippet in snippets}
    assert {"LSTM", "GRU", "Dense"} <= offered.keys()
    bare = {form["const"] for form in SCHEMA["definitions"]["layer"]["anyOf"] if "const" in form}
    assert offered.keys() | bare == KINDS.keys() and not offered.keys() & bare
    assert all(snippet["description"] == KINDS[snippet["label"]].summary for snippet in snippets)
    values = {"activation": "tanh", "target_shape": [3], "dims": [2, 1], "layer": {"Dense": 1}, "rate": 0.5}
    for name, entry in offered.items():
        first = KINDS[name].first
        blanks = entry[name]
        filled = values.get(first, 2) if blanks == "$1" else {option: values.get(option, 2) for option in blanks}
        agree({"version": 1, "input": {"steps": 3, "features": 1}, "layers": [{name: filled}]})
        assert by_schema({"version": 1, "input": {"steps": 3, "features": 1}, "layers": [{name: filled}]}), name
