"""A Diagram as sorted plain text, one line a part: small enough to read in a diff, and to say which parts moved.

    f at 120,-36 size 54×28 round gate.keep, symbol f, since 2: **f** ‹σ›
    f → h-out: gate.keep, via 147,-36 147,20 200,20

Lengths are points, y grows upwards, the place of a node or group is its centre. What is as usual is left out, as the
size of free text. In labels **bold**, ‹small›, ~muted~, `mono` and ⟨a number of a pass⟩ stand out; _ lowers, ^ raises,
and ⏎ ends a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from lstmdiag.diagrams import Diagram, Edge, Group, Key, Line, Node, Point, Run, Text
from lstmdiag.diagrams.text import measure

STYLES = {
    "": "{}", "bold": "**{}**", "title": "**{}**", "small": "‹{}›", "muted": "~{}~", "mono": "`{}`",
    "sub": "_{}", "smallsub": "_{}", "sup": "^{}",
}  # fmt: skip
OFF_TIES = 1e-5
"""Added before rounding: halves and quarters are common, and noise in the last digit must not tip them over."""


def text(diagram: Diagram) -> str:
    """What the picture says and where everything stands. Drawing order is not told: Graphviz's source has it."""
    said = {
        "title": diagram.title, "claim": diagram.claim, "reading": diagram.reading, "origin": diagram.origin,
        "badge": diagram.badge, "description": diagram.description,
    }  # fmt: skip
    lines = [f"{name}: {content}" for name, content in said.items() if content]
    if len(diagram.states) > 1:
        lines.append("build-up: " + ", ".join(diagram.states))
    if diagram.facts:
        lines.append("adds up to: " + ", ".join(f"{name} {number}" for name, number in sorted(diagram.facts.items())))
    lines += _list("legend", map(_key, diagram.legend))
    lines += _list("groups", sorted(_group(group, diagram.layer) for group in diagram.groups))
    lines += _list("nodes", sorted(_node(node, diagram.layer) for node in diagram.nodes))
    lines += _list("edges", sorted(_edge(edge, diagram.layer) for edge in diagram.edges))
    lines += _list("tips", sorted(f"{node.id}: {node.tip}" for node in diagram.nodes if node.tip))
    return "\n".join(lines) + "\n"


def _list(name: str, lines: Iterable[str]) -> list[str]:
    found = [f"  {line}" for line in lines]
    return [f"{name}:", *found] if found else []


def _key(key: Key) -> str:
    sample = " ".join(filter(None, (key.shape, key.role, key.mark, key.symbol and f"“{key.symbol}”")))
    return f"{sample}: {key.text}"


def _group(group: Group, usual: str) -> str:
    return _labelled(", ".join((_placed(group), *_facts(group, usual))), group.label)


def _node(node: Node, usual: str) -> str:
    facts = [*_facts(node, usual)]
    facts += [f"inside {node.inside}"] * bool(node.inside)
    facts += [f"{node.align}-aligned"] * (node.align != "center")
    facts += [f"stands for {node.count}"] * bool(node.count)
    facts += [f"{node.ramp} {node.level:.3f}"] if node.level is not None else []
    return _labelled(", ".join((_placed(node), *facts)), node.label)


def _edge(edge: Edge, usual: str) -> str:
    name = f"{edge.tail} → {edge.head}"
    if edge.id != f"{edge.tail}-to-{edge.head}":
        name += f" ({edge.id})"
    facts = [edge.role if not edge.strands else f"{edge.role} as {'+'.join(edge.strands)}", *_facts(edge, usual)]
    facts += [f"shape ({', '.join('?' if size is None else str(size) for size in edge.shape)})"] if edge.shape else []
    facts += [f"stands for {edge.count}"] * (edge.count != 1)
    facts += ["no arrow"] * (not edge.arrow) + ["curve"] * edge.curve
    facts.append("via " + " ".join(map(_point, edge.points)))
    if edge.label_at:
        facts.append(f"label at {_point(edge.label_at)}")
    return _labelled(f"{name}: {', '.join(facts)}", edge.label)


def _placed(part: Node | Group) -> str:
    size = f" size {_length(part.width)}×{_length(part.height)}"
    if part.shape == "plain" and (part.width, part.height) == measure(part.label):
        size = ""
    return f"{part.id} at {_point((part.x, part.y))}{size} {part.shape} {part.role}"


def _facts(part: Node | Edge | Group, usual: str) -> Iterator[str]:
    """What several kinds of parts have in common; `usual` is the layer that the picture opens, if it opens one."""
    if part.layer != usual:
        yield f"layer {part.layer}" if part.layer else "of no layer"
    for name in ("symbol", "step", "unit"):
        if (found := getattr(part, name, None)) not in (None, ""):
            yield f"{name} {found}"
    if part.mark:
        yield part.mark
    if part.since:
        yield f"since {part.since}"


def _point(point: Point) -> str:
    return f"{_length(point[0])},{_length(point[1])}"


def _length(points: float) -> str:
    return f"{round(points + OFF_TIES, 1) + 0.0:.10g}"


def _labelled(line: str, label: Text) -> str:
    return f"{line}: {'⏎'.join(map(_line, label))}" if label else line


def _line(line: Line) -> str:
    parts = (("".join(map(_run, runs)), number) for number, runs in groupby(line, lambda run: run.number))
    return "".join(f"⟨{part}⟩" if number else part for part, number in parts)


def _run(run: Run) -> str:
    style = "" if run.number and run.style == "small" else run.style  # as numbers mostly are
    return STYLES[style].format(run.text)
