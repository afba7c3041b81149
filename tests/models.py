"""Models to test with: the packaged specs, cells that users might declare, and models made at random."""

from __future__ import annotations

from functools import cache

from lstmdiag.binding import resolve
from lstmdiag.model import Model
from lstmdiag.spec.reader import examples, load, read

COMPARISONS = tuple(sorted(name for name, path in examples().items() if "\ncompare:" in path.read_text("utf-8")))
PACKAGED = tuple(sorted(set(examples()) - set(COMPARISONS)))

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
    "learned-rate": """
    state: [h]
    equations:
      k: sigmoid(b_k)
      h: k * h_prev + (1 - k) * tanh(W @ x + b)
""",
    "plain": """
    state: [h]
    equations:
      h: tanh(W @ x + U @ h_prev + b)
""",
}
"""Name → the body of a cell in YAML."""

ODD = {
    "numbers": """
    state: [h]
    equations:
      k: sigmoid(b_k)
      r: "0.5"
      s: mean(W_s @ x)
      h: k * h_prev + (r - k) * tanh(W @ x + b) + s
""",
    "fixed-state": """
    state: [h, m]
    equations:
      m: tanh(b_m)
      h: tanh(W @ x + U @ h_prev + m_prev)
""",
}
"""The same, of cells that are computed, but for which pictures are not made."""


def model(source: str, name: str = "test") -> Model:
    """A model from YAML text."""
    return resolve(read(source.encode(), f"{name}.yml", name))


@cache
def packaged(name: str) -> Model:
    """One of PACKAGED. Models are frozen: what many tests look at is read once."""
    return resolve(load(name))


@cache
def of_cell(name: str, units: int = 4, features: int = 2, steps: int = 5) -> Model:
    """A model of one layer of one of CELLS."""
    return model(
        f"version: 1\ninput: {{steps: {steps}, features: {features}}}\ncells:\n  Cell:{(CELLS | ODD)[name]}"
        f"layers:\n  - Cell: {units}\n",
        name,
    )


def lstm(units: int = 3, features: int = 2, steps: int = 4, options: str = "") -> Model:
    """A model of one LSTM layer; `options` as YAML, such as `activation: relu`."""
    more = f", {options}" if options else ""
    return model(
        f"version: 1\ninput: {{steps: {steps}, features: {features}}}\nlayers:\n  - LSTM: {{units: {units}{more}}}\n"
    )


GRAPHS = {
    "two-inputs": """
inputs: {a: {steps: 5, features: 2}, b: {steps: 4, features: 3}}
layers:
  - LSTM: {units: 6, name: left, from: a}
  - LSTM: {units: 7, name: right, from: b}
  - Concatenate: {from: [left, right], name: joined}
  - Dense: 1
""",
    "two-vectors": """
inputs: {a: {shape: [3]}, b: {shape: [2]}}
layers:
  - Dense: {units: 4, from: a, name: left}
  - Dense: {units: 4, from: b, name: right}
  - Multiply: {from: [left, right, left]}
""",
    "branches": """
input: {steps: 4, features: 2}
layers:
  - LSTM: {units: 3, return_sequences: true, name: low}
  - LSTM: {units: 3, return_sequences: true, name: high}
  - Add: {from: [low, high], name: residual}
  - Concatenate: {from: [residual, input, low], name: joined}
  - GlobalMaxPooling1D: {name: pooled}
outputs: [pooled, high]
""",
    "bidirectional": """
input: {steps: 5, features: 2}
layers:
  - Bidirectional: {layer: {LSTM: {units: 3, return_sequences: true}}, name: b}
  - TimeDistributed: {Dense: 2}
""",
    "bidirectional-last": """
input: {steps: 50, features: 2}
layers:
  - Bidirectional: {layer: {LSTM: {units: 3}}, merge_mode: sum, name: b}
  - Dense: 1
""",
    "bidirectional-unmerged": """
input: {steps: 4, features: 2}
layers:
  - Bidirectional: {layer: {LSTM: {units: 3, return_sequences: true}}, merge_mode: null, name: b}
  - Concatenate: {from: [b.forward, b.backward], name: joined}
""",
    "transfer": """
inputs: {source: {steps: 5, features: 2}, target: {steps: 4, features: 3}}
layers:
  - LSTM: {units: 6, name: encoder, from: source}
  - LSTM: {units: 6, name: decoder, from: target, initial_state: encoder, return_sequences: true}
  - TimeDistributed: {Dense: 2}
""",
    "bidirectional-transfer": """
inputs: {source: {steps: 5, features: 2}, target: {steps: 4, features: 3}}
layers:
  - Bidirectional: {layer: {LSTM: {units: 3, return_sequences: true}}, name: b, from: source}
  - Concatenate: {from: [b.forward.h, b.backward.h], name: h_both}
  - Concatenate: {from: [b.forward.c, b.backward.c], name: c_both}
  - LSTM: {units: 6, name: decoder, from: target, initial_state: [h_both, c_both], return_sequences: true}
  - Attention: {from: [decoder, b], name: attention}
  - Concatenate: {from: [attention, decoder], name: joined}
  - TimeDistributed: {Dense: 2}
""",
    "same-axis-transfer": """
input: {steps: 4, features: 2}
layers:
  - LSTM: {units: 3, name: first}
  - LSTM: {units: 3, name: again, from: input, initial_state: first, return_sequences: true, return_state: true}
outputs: [again, again.c, first]
""",
    "bidirectional-start": """
inputs: {source: {steps: 5, features: 2}, h: {shape: [3]}, c: {shape: [3]}}
layers:
  - Bidirectional:
      {layer: {LSTM: {units: 3, return_sequences: true}}, from: source, initial_state: [h, c, h, c], name: b}
  - LSTM: {units: 3, initial_state: [b.backward.h, b.backward.c]}
""",
    "shared": """
inputs: {left: {steps: 5, features: 2}, right: {steps: 5, features: 2}}
layers:
  - LSTM: {units: 4, name: tower, from: left}
  - use: tower
    from: right
    name: tower_again
  - Subtract: {from: [tower, tower_again], name: difference}
  - Dense: 1
""",
    "masked": """
input: {steps: 5, features: 2}
layers:
  - Masking
  - LSTM: {units: 3, return_sequences: true}
  - LSTM: 4
  - Dense: 1
""",
    "masked-tokens": """
input: {steps: 80, dtype: int}
layers:
  - Embedding: {input_dim: 1000, output_dim: 16, mask_zero: true}
  - Bidirectional: {layer: {LSTM: {units: 8, return_sequences: true}}, name: b}
  - LSTM: 3
""",
    "masked-start": """
inputs: {words: {steps: 5, dtype: int}, spoken: {steps: 4, dtype: int}}
layers:
  - Embedding: {input_dim: 9, output_dim: 3, mask_zero: true, from: words}
  - LSTM: {units: 4, name: encoder}
  - Embedding: {input_dim: 9, output_dim: 3, mask_zero: true, from: spoken}
  - LSTM: {units: 4, return_sequences: true, name: decoder, initial_state: encoder}
""",
    "dropout": """
input: {steps: 5, features: 2}
layers:
  - LSTM: {units: 3, dropout: 0.2, recurrent_dropout: 0.1, return_sequences: true}
  - Dropout: 0.5
  - LSTM: {units: 4, dropout: 0.2}
""",
    "attention": """
inputs: {source: {steps: 7, features: 2}, target: {steps: 3, features: 3}}
layers:
  - LSTM: {units: 6, name: encoder, from: source, return_sequences: true}
  - LSTM: {units: 6, name: decoder, from: target, initial_state: encoder, return_sequences: true}
  - AdditiveAttention: {from: [decoder, encoder], name: attention}
  - Concatenate: {from: [attention, decoder], name: joined}
  - Dense: 4
""",
    "self-attention": """
input: {steps: 4, features: 3}
layers:
  - Attention: {from: [input, input], name: attention}
  - Flatten
""",
    "convolution": """
input: {steps: 6, features: 2}
layers:
  - Conv1D: {filters: 3, kernel_size: 3, padding: same}
  - MaxPooling1D: 2
  - LSTM: 4
""",
    "convolution-any-length": """
input: {steps: null, features: 2}
layers:
  - Conv1D: {filters: 3, kernel_size: 3}
  - LSTM: {units: 4, return_sequences: true}
  - GlobalAveragePooling1D
""",
    "moved": """
input: {steps: 4, features: 2}
layers:
  - Permute: [2, 1]
  - LSTM: {units: 3, return_sequences: true}
  - Flatten
  - Reshape: [3, 2]
  - LSTM: 4
""",
    "one-behind-the-other": """
inputs: {a: {steps: 3, features: 2}, b: {steps: 2, features: 2}, bias: {shape: [2]}}
layers:
  - Concatenate: {from: [a, b], axis: 1, name: joined}
  - Add: {from: [joined, bias], name: shifted}
  - LSTM: 4
""",
    "turned-far": """
input: {steps: 5, features: 2}
layers:
  - LSTM: {units: 2, return_sequences: true, name: ahead}
  - LSTM: {units: 2, return_sequences: true, go_backwards: true, from: input, name: back}
  - Add: {from: [ahead, back]}
""",
    "maps": """
input: {shape: [4, 8, 8, 1]}
layers:
  - ConvLSTM2D: {filters: 3, kernel_size: 3, return_sequences: true, name: maps}
  - ConvLSTM2D: {filters: 2, kernel_size: 3, padding: same}
  - Flatten
""",
    "kinds": """
input: {steps: 4, features: 2}
layers:
  - GRU: {units: 3, return_sequences: true, recurrent_dropout: 0.1}
  - Bidirectional: {SimpleRNN: {units: 5, return_sequences: true}}
  - Masking
  - GRU: 4
""",
}
"""Name → a model in YAML that is a graph, or has layers beyond LSTM and Dense."""


@cache
def graph(name: str) -> Model:
    """One of GRAPHS."""
    return model(f"version: 1{GRAPHS[name]}", name)
