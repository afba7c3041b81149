"""What holds for every picture of every model: packaged specs, cells of a spec, chains made at random."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmdiag.diagrams import MARKS, ROLES, SHAPES, Diagram, Edge, Node, Point
from lstmdiag.diagrams.text import SIZES, measure, plain
from lstmdiag.model import Model
from lstmdiag.rendering import arrange
from lstmdiag.views import VIEWS
from lstmdiag.views.selection import Selection
from tests.examples import max_examples
from tests.models import CELLS, PACKAGED, model, of_cell, packaged

BESIDE = 75.0  # as far from its wire may a label be that rides on it, points
BARE = [view.name for view in VIEWS.values() if view.scale != "numbers"]
"""Views of any model; those of numbers, which need a pass, are in test_trace."""
SLACK = 0.6  # points; places are rounded to a hundredth, and borders have a width


def draw(name: str, model: Model, selection: Selection) -> Diagram:
    diagram = VIEWS[name].draw(model, selection)
    return arrange(diagram) if diagram.layout == "dot" else diagram


def mistakes(diagram: Diagram) -> list[str]:
    """Everything that no picture may have."""
    return [*_vocabulary(diagram), *_ends(diagram), *_containers(diagram), *_overlaps(diagram), *_labels(diagram)]


def _vocabulary(diagram: Diagram) -> Iterator[str]:
    parts = (*diagram.nodes, *diagram.edges, *diagram.groups)
    ids = [part.id for part in parts]
    yield from (f"two parts are called {id}" for id in sorted({id for id in ids if ids.count(id) > 1}))
    for part in parts:
        if part.role not in ROLES or part.mark not in MARKS:
            yield f"{part.id} has role {part.role!r}, mark {part.mark!r}"
        if not 0 <= part.since < len(diagram.states):
            yield f"{part.id} appears in state {part.since} of {len(diagram.states)}"
        if any(run.style not in SIZES for line in part.label for run in line):
            yield f"{part.id} has a text in no known style"
    for node in (*diagram.nodes, *diagram.groups):
        if node.shape not in SHAPES:
            yield f"{node.id} has shape {node.shape!r}"
    for node in diagram.nodes:
        unknown = "T−" in plain(node.label)  # of a sequence of any length: T−4 more
        if (node.count > 0) != (node.role == "elision" and not unknown):
            yield f"{node.id} stands for {node.count} as {node.role}"
        if node.count and f"{node.count:,}" not in plain(node.label):
            yield f"{node.id} does not say that it stands for {node.count:,}"
    for text in (diagram.title, diagram.claim, diagram.reading, diagram.description):
        if not text.strip():
            yield "title, claim, reading or description is empty"
    if not diagram.legend and diagram.edges:
        yield "there is no legend"


def _ends(diagram: Diagram) -> Iterator[str]:
    """Every edge runs from the border of one node to the border of another."""
    nodes = {node.id: node for node in diagram.nodes}
    for edge in diagram.edges:
        for id, point in ((edge.tail, edge.points[0]), (edge.head, edge.points[-1])):
            if id not in nodes:
                yield f"{edge.id} ends at {id}, which is not there"
            elif not _touches(nodes[id], point):
                yield f"{edge.id} ends at {point}, away from {id}"
        if edge.count < 1:
            yield f"{edge.id} stands for {edge.count} connections"


def _touches(node: Node, point: Point) -> bool:
    reach = 8 if node.shape == "plain" else SLACK  # a line keeps its distance to free text
    return abs(point[0] - node.x) <= node.width / 2 + reach and abs(point[1] - node.y) <= node.height / 2 + reach


def _containers(diagram: Diagram) -> Iterator[str]:
    """What lies in a node or group lies within its outline; what rides on a wire is near it."""
    boxes = {part.id: (part.x, part.y, part.width, part.height) for part in (*diagram.nodes, *diagram.groups)}
    wires = {edge.id: edge for edge in diagram.edges}
    riders: dict[str, list[Node]] = {}
    for node in diagram.nodes:
        if node.inside in wires:
            riders.setdefault(node.inside, []).append(node)
    for id, together in riders.items():
        xs, ys = zip(*wires[id].points, strict=True)
        left, right = min(n.x - n.width / 2 for n in together), max(n.x + n.width / 2 for n in together)
        low, high = min(n.y - n.height / 2 for n in together), max(n.y + n.height / 2 for n in together)
        beside, above = max(left - max(xs), min(xs) - right), max(low - max(ys), min(ys) - high)
        if max(beside, above) > BESIDE:
            yield f"{[node.id for node in together]} are far from {id}"
    for node in diagram.nodes:
        if node.inside in wires:
            continue
        if node.inside and node.inside not in boxes:
            yield f"{node.id} lies in {node.inside}, which is not there"
        elif node.inside:
            x, y, width, height = boxes[node.inside]
            beyond_x = abs(node.x - x) + node.width / 2 - width / 2
            beyond_y = abs(node.y - y) + node.height / 2 - height / 2
            if max(beyond_x, beyond_y) > SLACK:
                yield f"{node.id} sticks out of {node.inside}"


def _overlaps(diagram: Diagram) -> Iterator[str]:
    """Nodes overlap where one lies in the other, nowhere else."""
    inside = {node.id: node.inside for node in diagram.nodes}
    ordered = sorted(diagram.nodes, key=lambda node: node.x - node.width / 2)
    for index, a in enumerate(ordered):
        for b in ordered[index + 1 :]:
            if b.x - b.width / 2 >= a.x + a.width / 2 - SLACK:
                break
            if abs(a.y - b.y) < (a.height + b.height) / 2 - SLACK and not _related(inside, a.id, b.id):
                yield f"{a.id} and {b.id} overlap"


def _related(inside: dict[str, str], a: str, b: str) -> bool:
    return b in _around(inside, a) or a in _around(inside, b)


def _around(inside: dict[str, str], id: str) -> Iterator[str]:
    while inside.get(id):
        id = inside[id]
        yield id


def _labels(diagram: Diagram) -> Iterator[str]:
    """Every label lies inside its node at the shipped font's metrics."""
    for node in diagram.nodes:
        width, height = measure(node.label)
        if node.label and (width > node.width + SLACK or height > node.height + SLACK):
            yield f"{node.id} is {node.width:.1f} × {node.height:.1f}, its label {width:.1f} × {height:.1f}"


def private_edges_between_layers(diagram: Diagram, model: Model) -> list[str]:
    """c stays within its layer, except where another layer reads it or starts from it by name."""
    handed = {(model.owner(start)[0].name, layer.name) for layer in model.layers for start in layer.initial_state}
    read = [(model.owner(reference), layer.name) for layer in model.layers for reference in layer.inputs]
    handed |= {(owner.name, reader) for (owner, state), reader in read if state}
    for layer in model.layers:  # what reads c may hand it on as it is, as Dropout does
        if any(reader == layer.name for _, reader in handed):
            handed |= {(layer.name, reader) for (owner, _), reader in read if owner.name == layer.name}
            handed |= {(layer.name, "") for reference in model.outputs if model.owner(reference)[0].name == layer.name}
    inputs = {source.name for source in model.inputs}
    handed |= {("", reader) for owner, reader in handed if owner in inputs}
    handed |= {(model.owner(reference)[0].name, "") for reference in model.outputs if model.owner(reference)[1]}
    layers = {node.id: model.layer(node.layer).top if node.layer else "" for node in diagram.nodes}
    private = [(edge, (layers[edge.tail], layers[edge.head])) for edge in diagram.edges if edge.role == "state.private"]
    return [edge.id for edge, ends in private if ends[0] != ends[1] and ends not in handed]


def unit_of(diagram: Diagram) -> dict[str, int | None]:
    """Node → the unit it belongs to in this step; what comes from the last step belongs to none."""
    boxes = {node.id: node.unit for node in diagram.nodes if node.role == "unit"}
    inner = {node.id: boxes[node.inside] for node in diagram.nodes if node.inside in boxes}
    return {**boxes, **inner}


def between_units(diagram: Diagram) -> list[Edge]:
    units = unit_of(diagram)
    ends = ((edge, units.get(edge.tail), units.get(edge.head)) for edge in diagram.edges)
    return [edge for edge, tail, head in ends if None not in (tail, head) and tail != head]


def check_layer(diagram: Diagram, layer: str, model: Model, unit: int) -> None:
    """Drawn inputs and the counts on marks add up at every unit; units touch nothing of each other."""
    nodes = {node.id: node for node in diagram.nodes}
    for box in (node for node in diagram.nodes if node.role == "unit"):
        into = [edge for edge in diagram.edges if edge.head == box.id]
        assert sum(nodes[edge.tail].count or 1 for edge in into) == diagram.facts["fan_in"]
        if all(edge.count for edge in into):
            assert sum(edge.count for edge in into) <= diagram.facts["weights_per_unit"]
    assert [node.unit for node in diagram.nodes if node.role == "unit" and node.mark == "focus"] == [unit]
    assert diagram.facts["weights"] == model.layer(layer).params
    assert not between_units(diagram)
    for edge in diagram.edges:
        if edge.role == "state.private" and not edge.strands and nodes[edge.tail].inside:
            tail, head = nodes[edge.tail], nodes[edge.head]
            assert (tail.inside, tail.symbol) == (head.inside, head.symbol)


def selections(model: Model) -> list[Selection]:
    """Every recurrent layer, its first, second, a middle and its last unit."""
    found = []
    for layer in model.recurrent:
        assert layer.cell is not None
        last = min(layer.units, layer.shape(layer.cell.output)[-1])  # a projected h has fewer numbers than units
        units = sorted({1, min(2, last), (last + 1) // 2, last})
        found += [Selection(layer=layer.name, unit=unit) for unit in units]
    return found


@pytest.mark.parametrize("name", BARE)
@pytest.mark.parametrize("spec", PACKAGED)
@pytest.mark.sweep(40)
def test_packaged_specs(spec: str, name: str) -> None:
    model = packaged(spec)
    for selection in selections(model):
        diagram = draw(name, model, selection)
        assert mistakes(diagram) == []
        assert private_edges_between_layers(diagram, model) == []
        if name == "layer" and selection.layer:
            check_layer(diagram, selection.layer, model, selection.unit)


@pytest.mark.parametrize("name", BARE)
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.sweep(12)
def test_cells_of_a_spec(cell: str, name: str) -> None:
    for units, features in ((1, 1), (3, 2), (7, 9), (1000, 1)):
        model = of_cell(cell, units, features)
        for selection in selections(model):
            diagram = draw(name, model, selection)
            assert mistakes(diagram) == []
            if name == "layer" and selection.layer:
                check_layer(diagram, selection.layer, model, selection.unit)


SIZES_DRAWN = st.one_of(st.integers(1, 8), st.integers(1, 5_000), st.sampled_from([10**6, 10**9]))


@st.composite
def chains(draw: st.DrawFn) -> str:
    """YAML of a chain with one to three recurrent layers, and what may stand between and after them."""
    steps = draw(st.one_of(st.none(), st.integers(1, 9), st.just(10**6)))
    features = draw(SIZES_DRAWN)
    lines = [f"version: 1\ninput: {{steps: {'null' if steps is None else steps}, features: {features}}}\nlayers:"]
    many = draw(st.integers(1, 3))
    for index in range(many):
        sequences = index < many - 1 or draw(st.booleans())
        options = [f"units: {draw(SIZES_DRAWN)}", f"return_sequences: {str(sequences).lower()}"]
        options += draw(st.lists(st.sampled_from(["activation: relu", "use_bias: false", "dropout: 0.2"]), unique=True))
        lines.append(f"  - LSTM: {{{', '.join(options)}}}")
        if draw(st.booleans()):
            lines.append("  - Dropout: 0.5")
    if not sequences and draw(st.booleans()):
        lines += [f"  - RepeatVector: {draw(st.integers(1, 9))}", "  - LSTM: {units: 5, return_sequences: true}"]
        sequences = True
    dense = f"Dense: {draw(SIZES_DRAWN)}"
    lines.append(f"  - TimeDistributed: {{{dense}}}" if sequences else f"  - {dense}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", BARE)
@max_examples(15)
@given(source=chains(), data=st.data())
def test_models_made_at_random(name: str, source: str, data: st.DataObject) -> None:
    made = model(source)
    layer = data.draw(st.sampled_from([layer.name for layer in made.recurrent]))
    unit = data.draw(st.integers(1, made.layer(layer).units))
    diagram = draw(name, made, Selection(layer=layer, unit=unit))
    assert mistakes(diagram) == []
    assert private_edges_between_layers(diagram, made) == []
    if name == "layer":
        check_layer(diagram, layer, made, unit)
