"""Train the models of specs/memory-*.yml to hand on the first number they read, and write their weights.

Run by hand in the root, with Keras: `PYTHONPATH=. KERAS_BACKEND=jax python tools/train_memory.py`. Every kind of layer
gets the same data, the same number of units, the same training and the same seeds; of each kind the seed with the least
loss is kept. What is told of them on the site is computed from the weights, whatever came out.
"""

from pathlib import Path

import keras
import numpy as np

from lstmdiag.binding import load_model
from tools.keras_weights import named

SPECS = Path(__file__).parent.parent / "specs"
KINDS = {"memory-simple-rnn": "SimpleRNN", "memory-gru": "GRU", "memory-lstm": "LSTM"}
SEEDS, STEPS, UNITS, SAMPLES, BATCH, EPOCHS, RATE = range(3), 30, 8, 4096, 64, 300, 5e-3


def task(samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(samples, steps, 1) numbers between −1 and 1, and the first of each."""
    given = np.random.default_rng(seed).uniform(-1, 1, (samples, STEPS, 1)).astype("float32")
    return given, given[:, 0]


def trained(kind: str, seed: int) -> tuple[float, keras.Model]:
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((STEPS, 1)),
            getattr(layers, kind)(UNITS, name="memory"),
            layers.Dense(1, name="answer"),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(RATE, EPOCHS * SAMPLES // BATCH)
    network.compile(keras.optimizers.Adam(rate, clipnorm=1.0), "mse")
    network.fit(*task(SAMPLES, seed), epochs=EPOCHS, batch_size=BATCH, verbose=0)
    return float(network.evaluate(*task(SAMPLES, 100), verbose=0)), network


def main() -> None:
    for name, kind in KINDS.items():
        done = []
        for seed in SEEDS:
            loss, network = trained(kind, seed)
            done.append((loss, seed, network))
            print(f"{name}, seed {seed}: loss {loss:.6f}", flush=True)
        _, seed, network = min(done, key=lambda each: each[0])
        np.savez_compressed(SPECS / f"{name}.npz", **named(load_model(str(SPECS / f"{name}.yml")), network))
        print(f"{name}: kept seed {seed}", flush=True)


if __name__ == "__main__":
    main()
