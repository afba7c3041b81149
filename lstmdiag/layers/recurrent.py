"""What all recurrent layers share: their options and the shape they return."""

# Without `from __future__ import annotations`: pydantic would evaluate each one as text, again for every class that
# inherits it.

from pydantic import Field

from lstmdiag.layers.kind import Activation, Flag, Keras, Options, Rate, References, Shape, Size
from lstmdiag.layers.shapes import needs_features, needs_sequence


class StartOptions(Options):
    initial_state: References = Field(None, description="Where its states start: a layer with such states, or a list.")


class UnitsOptions(Options):
    units: Size = Field(description="Length of h: how many units the layer has (PyTorch: hidden_size).")


class ReturnOptions(StartOptions):
    return_sequences: Flag = Field(False, description="Return h at every step, not at the last one only.")
    return_state: Flag = Field(False, description="Also return the final states.")
    go_backwards: Flag = Field(False, description="Read the sequence from its end.")
    stateful: Flag = Field(False, description="Row i of a batch continues row i of the batch before.")
    unroll: Keras = None


class RecurrentOptions(ReturnOptions, UnitsOptions):
    """What a cell declared in a spec has as well; pydantic takes the fields of the last base first."""


class ActivationOptions(Options):
    activation: Activation = Field("tanh", description="The function on the content and on the way out.")


class GateOptions(Options):
    recurrent_activation: Activation = Field("sigmoid", description="The function of the gates.")


class WeightOptions(Options):
    use_bias: Flag = Field(True, description="Whether b is added.")
    dropout: Rate = Field(0.0, description="Share of x dropped, in training only.")
    recurrent_dropout: Rate = Field(0.0, description="Share of h dropped on its way back in, in training only.")
    kernel_initializer: Keras = None
    recurrent_initializer: Keras = None
    bias_initializer: Keras = None
    kernel_regularizer: Keras = None
    recurrent_regularizer: Keras = None
    bias_regularizer: Keras = None
    activity_regularizer: Keras = None
    kernel_constraint: Keras = None
    recurrent_constraint: Keras = None
    bias_constraint: Keras = None
    seed: Keras = None


class FusedOptions(Options):
    implementation: Keras = None
    use_cudnn: Keras = None


class SimpleOptions(WeightOptions, ActivationOptions, RecurrentOptions):
    """A layer without gates."""


class FunctionOptions(GateOptions, ActivationOptions):
    """Gates have a function of their own."""


class GatedOptions(FusedOptions, WeightOptions, FunctionOptions, RecurrentOptions):
    """A layer of units with gates."""


def functions(options: FunctionOptions) -> dict[str, str]:
    """The functions that its equations leave open."""
    return {"activation": options.activation, "recurrent_activation": options.recurrent_activation}


def function(options: ActivationOptions) -> str:
    """The function on the way out."""
    return options.activation


def dropped(options: WeightOptions) -> tuple[float, float]:
    """The shares of x and of h that are dropped in training."""
    return (options.dropout, options.recurrent_dropout)


def output(options: RecurrentOptions, shape: Shape) -> Shape:
    """(steps, features) → (steps, units) or (units,)."""
    needs_sequence(shape)
    needs_features(shape)
    return (shape[0], options.units) if options.return_sequences else (options.units,)


def sizes(options: RecurrentOptions, shape: Shape) -> dict[str, int]:
    return {"units": options.units, "features": needs_features(shape)}
