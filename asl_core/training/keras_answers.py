"""What a `.keras` file answers to whoever has Keras: a program that knows nothing else of this
project, and is run in a process of its own (`python -P keras_answers.py MODEL INPUTS ANSWERS`)."""

import sys

import keras
import numpy as np


def main(model: str, inputs: str, answers: str) -> None:
    """Load a model, and save its answers.

    Args:
        model: file that Keras has saved.
        inputs: `.npy` file of what it gets.
        answers: `.npy` file to write.
    """
    np.save(answers, keras.models.load_model(model).predict(np.load(inputs), verbose=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
