"""Models to test with: the packaged specs, cells that users might declare, and models made at random."""

from __future__ import annotations

from lstmdiag.binding import resolve
from lstmdiag.model import Model
from lstmdiag.spec.reader import examples, load, read

PACKAGED = tuple(sorted(examples()))

LOOKED_AT = ("encoder-decoder", "one-unit", "stacked-classifier", "three-units", "three-units-two-features")
"""Packaged specs whose every view is held as a golden file."""

CELLS = {
    "minimal-gated": """
    state: [h]
    equations:
      f: sigmoid(W_f @ x + U_f @ h_prev + b_f)
      n: tanh(W_n @ x + U_n @ (f * h_prev) + b_n)
      h: (1 - f) * h_prev + f * n
""",
    "min-gru": """
    state: [h]
    equations:
      z: sigmoid(W_z @ x + b_z)
      n: W_n @ x + b_n
      h: (1 - z) * h_prev + z * n
""",
    "coupled": """
    state: [h, c]
    equations:
      f: recurrent_activation(W_f @ x + U_f @ h_prev + b_f)
      g: activation(W_g @ x + U_g @ h_prev + b_g)
      o: recurrent_activation(W_o @ x + U_o @ h_prev + b_o)
      c: f * c_prev + (1 - f) * g
      h: o * activation(c)
""",
    "s-like": """
    state: [h, c, n]
    equations:
      i: exp(W_i @ x + U_i @ h_prev + b_i)
      f: sigmoid(W_f @ x + U_f @ h_prev + b_f)
      z: tanh(W_z @ x + U_z @ h_prev + b_z)
      o: sigmoid(W_o @ x + U_o @ h_prev + b_o)
      c: f * c_prev + i * z
      n: f * n_prev + i
      h: o * (c / n)
""",
    "peephole": """
    state: [h, c]
    equations:
      i: sigmoid(W_i @ x + U_i @ h_prev + p_i * c_prev + b_i)
      f: sigmoid(W_f @ x + U_f @ h_prev + p_f * c_prev + b_f)
      g: tanh(W_g @ x + U_g @ h_prev + b_g)
      c: f * c_prev + i * g
      o: sigmoid(W_o @ x + U_o @ h_prev + p_o * c + b_o)
      h: o * tanh(c)
""",
    "reset-after": """
    state: [h]
    equations:
      z: sigmoid(W_z @ x + U_z @ h_prev + b_z)
      r: sigmoid(W_r @ x + U_r @ h_prev + b_r)
      n: tanh(W_n @ x + b_n + r * (U_n @ h_prev + b_m))
      h: z * h_prev + (1 - z) * n
""",
    "leaky": """
    state: [h]
    equations:
      h: 0.5 * h_prev + tanh(W @ x)
""",
    "scaled": """
    state: [h]
    equations:
      n: W_n @ x * p_n
      h: tanh(n + U_n @ h_prev)
""",
    "centred": """
    state: [h]
    equations:
      s: W_s @ x
      h: tanh(s - mean(s) + max(h_prev, 0))
""",
    "long-names": """
    state: [h, cell_state]
    equations:
      input_gate: sigmoid(W_input_gate @ x + U_input_gate @ h_prev + b_input_gate)
      forget_gate_of_the_unit: sigmoid(W_forget_gate @ x + U_forget_gate @ h_prev + b_forget_gate)
      candidate: tanh(W_candidate @ x + U_candidate @ h_prev + b_candidate)
      cell_state: forget_gate_of_the_unit * cell_state_prev + input_gate * candidate
      h: tanh(cell_state)
""",
    "plain": """
    state: [h]
    equations:
      h: tanh(W @ x + U @ h_prev + b)
""",
}
"""Name → the body of a cell in YAML."""


def model(source: str, name: str = "test") -> Model:
    """A model from YAML text."""
    return resolve(read(source.encode(), f"{name}.yml", name))


def packaged(name: str) -> Model:
    return resolve(load(name))


def of_cell(name: str, units: int = 4, features: int = 2, steps: int = 5) -> Model:
    """A model of one layer of one of CELLS."""
    return model(
        f"version: 1\ninput: {{steps: {steps}, features: {features}}}\ncells:\n  Cell:{CELLS[name]}"
        f"layers:\n  - Cell: {units}\n",
        name,
    )


def lstm(units: int = 3, features: int = 2, steps: int = 4, options: str = "") -> Model:
    """A model of one LSTM layer; `options` as YAML, such as `activation: relu`."""
    more = f", {options}" if options else ""
    return model(
        f"version: 1\ninput: {{steps: {steps}, features: {features}}}\nlayers:\n  - LSTM: {{units: {units}{more}}}\n"
    )
