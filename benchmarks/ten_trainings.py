"""Ten trainings as they check the accuracy of a run: part of `benchmarks.training`."""

import time
from dataclasses import replace

from asl_core.config import BASELINE, ONE_CYCLE, Augmentation
from asl_core.data import frame_folds
from benchmarks.photos import shown

EPOCHS = 20

AUGMENTED = replace(ONE_CYCLE, epochs=15, augmentation=Augmentation(0.1, 10, 0.15, 0.2))
"""Settings of the run that comes with the code."""

KINDS = {
    "ten_baseline": (replace(BASELINE, epochs=EPOCHS), True),
    "ten_baseline_by_keras": (replace(BASELINE, epochs=EPOCHS), False),
    "ten_augmented": (AUGMENTED, True),
    "ten_augmented_by_keras": (AUGMENTED, False),
}
"""Settings of ten trainings, and whether the compiled loop trains them."""


def measure(kind: str) -> dict[str, list[float]]:
    """Seconds of five seeds and five blocks of frames, one after another on one thread."""
    from asl_core.training import engine
    from asl_core.training.fit import fit

    config, fused = KINDS[kind]
    if not fused:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        engine.is_fused = lambda architecture: False
    dataset, split = shown()
    fit(dataset, split, replace(config, epochs=1)).predict(dataset.images[split.test])
    trainings = [(split, replace(config, seed=seed)) for seed in range(5)]
    trainings += [(fold, config) for fold in frame_folds(dataset)]
    started = time.perf_counter(), time.process_time()
    for part, settings in trainings:
        fit(dataset, part, settings).predict(dataset.images[part.test])
    seconds = time.perf_counter() - started[0]
    return {f"{kind}_seconds": [seconds], f"{kind}_cpu": [time.process_time() - started[1]]}
