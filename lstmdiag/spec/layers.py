"""`layers:` → LayerSpecs. A layer is a bare word, `Kind: first argument`, or `Kind: {options}`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from lstmdiag.errors import Place, Problem, nearest
from lstmdiag.layers.kind import Kind, Options
from lstmdiag.layers.recurrent import StartOptions
from lstmdiag.spec import LayerSpec, yaml_nodes
from lstmdiag.spec.checking import checked, found, quoted
from lstmdiag.spec.document import ReusedLayer
from lstmdiag.spec.source import Report
from lstmdiag.spec.yaml_nodes import Node, Scalar, plain

_UNKNOWN = Kind("?", Options, "A layer that could not be read.", output=lambda _, shape, *others: shape)


class LayerReader:
    """Reads layers of `kinds`; `broken` are names of cells whose own problems are told already."""

    def __init__(self, kinds: Mapping[str, Kind], broken: Collection[str], report: Report) -> None:
        self._kinds, self._broken, self._report = kinds, broken, report

    def read(self, node: Node) -> LayerSpec:
        """One layer; `readable=False` where it is wrong, with its problems in the report."""
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return self._layer(node, node.value, None)
        if isinstance(node, yaml_nodes.Mapping) and "use" in node.items:
            return self._again(node)
        if isinstance(node, yaml_nodes.Mapping) and len(node.items) == 1:
            ((kind, (key, argument)),) = node.items.items()
            return self._layer(key, kind, argument)
        self._form(node)
        return self._unread(_UNKNOWN, node)

    def _again(self, node: yaml_nodes.Mapping) -> LayerSpec:
        """`{use: NAME, from: …}`: an earlier layer once more."""
        key, _ = node.items["use"]
        section = checked(ReusedLayer, plain(node), node, self._report, who="use", at=key)
        if section is None:
            return self._unread(_UNKNOWN, key)
        options = StartOptions.model_validate(section.model_dump(by_alias=True, exclude={"use"}))
        given = {name: value for name, (_, value) in node.items.items()}
        return LayerSpec(_UNKNOWN, options, self._place(node.items["use"][1]), self._places(given), use=section.use)

    def _places(self, given: Mapping[str, Node]) -> dict[str, Place]:
        """Of each option's value, and of each item where it is a list: `from`, `from.0`."""
        places = {name: self._place(value) for name, value in given.items()}
        for name, value in given.items():
            if isinstance(value, yaml_nodes.Sequence):
                places |= {f"{name}.{index}": self._place(item) for index, item in enumerate(value.items)}
        return places

    def _unread(self, kind: Kind, at: Node, name: Any = None) -> LayerSpec:
        options = Options.model_construct(name=name if isinstance(name, str) else None)
        return LayerSpec(kind, options, self._place(at), readable=False)

    def _form(self, node: Node) -> None:
        message = f"a layer is a name, or a name with its options; found {found(node)}"
        hint = "LSTM: 3, or LSTM: {units: 3, name: encoder}"
        if isinstance(node, yaml_nodes.Mapping) and node.items:
            (first, (_, argument)), (second, (key, _)) = list(node.items.items())[:2]
            message = f"a layer has one name, found {quoted(first)} and {quoted(second)}"
            if first in self._kinds and isinstance(argument, Scalar) and argument.value is None:
                hint = f"options stand under the name: indent them further, or write {first}: {{{second}: …}}"
            node = key
        self._report.add(message, node.start, node.end, hint)

    def _layer(self, key: Scalar, name: str, argument: Node | None) -> LayerSpec:
        kind = self._kinds.get(name)
        if kind is None:
            if name not in self._broken:
                hint = nearest(name, self._kinds)
                self._report.add(f"there is no layer {quoted(name)}", key.start, key.end, hint)
            given = plain(argument) if isinstance(argument, yaml_nodes.Mapping) else {}
            return self._unread(_UNKNOWN, key, given.get("name"))
        found_options = self._options(kind, key, argument)
        if found_options is None:
            return self._unread(kind, key)
        given, node = found_options
        values: dict[str, Any] = {name: plain(value) for name, value in given.items()}
        if kind.wraps and "layer" in given:
            values["layer"] = self._wrapped(kind, given["layer"])
        options = checked(kind.options, values, node, self._report, who=kind.name, word="option", at=key)
        if options is None or not getattr(values.get("layer"), "readable", True):
            return self._unread(kind, key, values.get("name"))
        return LayerSpec(kind, options, self._place(key), self._places(given))

    def _wrapped(self, kind: Kind, node: Node) -> LayerSpec:
        """The layer inside a wrapper, which is joined to others by the wrapper alone."""
        inner = self.read(node)
        for option in ("from", "initial_state"):
            at = inner.option_at.get(option)
            if at is not None and inner.readable:
                self._report.problems.append(
                    Problem(f"{option!r} stands inside {kind.name}", at, "it belongs to the layer outside")
                )
                return replace(inner, readable=False)
        if inner.use:
            self._report.add(
                f"{kind.name} wraps a layer of its own, not one used again",
                node.start,
                node.end,
                "use: the whole wrapper again",
            )
            return replace(inner, readable=False)
        return inner

    def _options(self, kind: Kind, key: Scalar, argument: Node | None) -> tuple[Mapping[str, Node], Node] | None:
        """The options as written and the node that holds them; None where the problem is told already."""
        if argument is None or (isinstance(argument, Scalar) and argument.value is None):
            return {}, argument or key
        if isinstance(argument, yaml_nodes.Mapping) and not (kind.wraps and _is_layer(argument)):
            if kind.wraps and self._mixed(kind, argument):
                return None
            return {name: value for name, (_, value) in argument.items.items()}, argument
        if not kind.first:
            self._report.add(f"{kind.name} takes no argument alone", argument.start, argument.end)
            return None
        # The option has no key of its own: one is lent, so that problems find their place.
        holder = yaml_nodes.Mapping(argument.start, argument.end, items={kind.first: (key, argument)})
        return {kind.first: argument}, holder

    def _mixed(self, kind: Kind, node: yaml_nodes.Mapping) -> bool:
        """`{Dense: 1, name: head}`: the short form takes nothing else."""
        for name, (key, _) in node.items.items():
            if name in self._kinds:
                hint = f"with other options write layer: {{{name}: …}}"
                self._report.add(f"{kind.name} has no option {name!r}", key.start, key.end, hint)
                return True
        return False

    def _place(self, node: Node) -> Place:
        return self._report.source.place(node.start, node.end)


def _is_layer(node: yaml_nodes.Mapping) -> bool:
    """`{Dense: 1}`: layers begin with a capital letter, options with a small one."""
    return len(node.items) == 1 and next(iter(node.items))[:1].isupper()
