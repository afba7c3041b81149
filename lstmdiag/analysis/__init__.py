"""What a layer of a model is, read from the model: facts, with no ink and no sentences."""
