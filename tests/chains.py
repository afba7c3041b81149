"""Random chains of layers that fit each other, as specs."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.models import CELLS

SIZES = st.integers(1, 6)
NAMES = st.sampled_from(["", "encoder", "a rather long name", "under_scores_all_over_the_place", "名前 😀", "'\"<&>"])


@st.composite
def chains(draw: st.DrawFn, most: int = 5) -> str:
    """A spec of up to `most` layers; every input to a layer has the shape that it needs."""
    steps = draw(st.one_of(st.none(), st.integers(1, 9)))
    features = draw(SIZES)
    sequence = draw(st.booleans())
    lines = ["version: 1", "title: A chain", f"cells:\n  Gated:{CELLS['minimal-gated']}  Three:{CELLS['s-like']}"]
    if sequence:
        lines += [f"input: {{steps: {'null' if steps is None else steps}, features: {features}}}"]
    else:
        lines += [f"input: {{shape: [{features}]}}"]
    lines.append("layers:")
    for number in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(["recurrent", "Dense", "Dropout", "other"]))
        if kind == "recurrent" and sequence:
            sequence = draw(st.booleans())
            lines.append(f"  - {_recurrent(draw, number, sequence)}")
        elif kind == "other":
            copies = draw(st.integers(1, 8))
            lines.append("  - TimeDistributed: {Dense: 2}" if sequence else f"  - RepeatVector: {copies}")
            sequence = True
        else:
            lines.append("  - Dropout: 0.5" if kind == "Dropout" else f"  - Dense: {draw(SIZES)}")
    return "\n".join(lines)


def _recurrent(draw: st.DrawFn, number: int, sequence: bool) -> str:
    kind = draw(st.sampled_from(["LSTM", "Gated", "Three"]))
    flags = draw(st.sets(st.sampled_from(["stateful", "return_state", "go_backwards"]), max_size=2))
    options = [f"units: {draw(SIZES)}", f"return_sequences: {str(sequence).lower()}"]
    options += [f"{flag}: true" for flag in sorted(flags)]
    name = draw(NAMES)
    if name:
        quoted = (name + str(number)).replace("'", "''")
        options.append(f"name: '{quoted}'")
    return f"{kind}: {{{', '.join(options)}}}"
