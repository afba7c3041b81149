"""The peer: `keras.utils.plot_model` of stacked-classifier, as a process of its own. Usage: keras_plot.py FILE"""

import sys

import keras
from keras import layers

model = keras.Sequential(
    [
        keras.Input((50, 10)),
        layers.LSTM(128, return_sequences=True),
        layers.LSTM(64),
        layers.Dense(128, activation="relu"),
        layers.Dense(64, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
keras.utils.plot_model(model, to_file=sys.argv[1], show_shapes=True)
