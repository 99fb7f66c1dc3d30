"""What can be asked of the workers, besides a training: each as a task that is not yet begun.

The same work has the same id, so that whoever asks for it again finds it under way, or done. What a
worker then does is in `asl_core.jobs.worker`, under the same name.
"""

import hashlib
from pathlib import Path

from asl_core.background_task import BackgroundTask
from asl_core.config import SplitName
from asl_core.data.dataset import Dataset
from asl_core.data.folder import folder_key
from asl_core.data.import_dataset import STAGED
from asl_core.data.own_dataset import CARD, set_folder
from asl_core.data.synthetic_cache import CacheEntry
from asl_core.data.synthetic_spec import SyntheticSpec
from asl_core.errors import UnreadError
from asl_core.evaluation.export_check import EXPORT_CHECK
from asl_core.evaluation.generalization import EXTERNAL_TEST
from asl_core.evaluation.repeats import RepeatKind, artifact_name
from asl_core.evaluation.robustness import ROBUSTNESS
from asl_core.files import read_json
from asl_core.landmarks.download import HAND_MODEL, hand_finder_folder
from asl_core.landmarks.found import landmarks_file
from asl_core.runs.run import Run, RunResults
from asl_core.runs.store import RunStore
from asl_core.settings import IMAGE_SIZE
from asl_core.task_state import new_request

LABEL_ISSUES = "label_issues"
QUALITY = "quality"
REPEAT = "repeat"
RENDERING = "rendering"
IMPORT = "import"
LANDMARKS = "landmarks"
HAND_FINDER = "hand-finder"
READING = "reading"
LEAKAGE = "leakage"
TIMING = "timing"


def label_issues_task(store: RunStore, dataset: Dataset, owner: str = "") -> BackgroundTask:
    """Look for labels of a dataset that may be wrong; the result is read by `load_label_issues`."""
    return _about_dataset(store, dataset, LABEL_ISSUES, f"{LABEL_ISSUES}.npz", owner)


def quality_task(store: RunStore, dataset: Dataset, owner: str = "") -> BackgroundTask:
    """Measure the images of a dataset; the result is read by `Quality.load`."""
    return _about_dataset(store, dataset, QUALITY, f"{QUALITY}.npz", owner)


def timing_task(
    store: RunStore, dataset: Dataset, split: SplitName, owner: str = ""
) -> BackgroundTask:
    """Time a short training on a dataset; the result is read by `load_timing`."""
    return _about_dataset(store, dataset, f"{TIMING}-{split}", f"{TIMING}-{split}.json", owner)


def landmarks_task(store: RunStore, dataset: Dataset, owner: str = "") -> BackgroundTask:
    """Find the hand in each image of a dataset; the result is read by `known_landmarks`."""
    request = new_request(
        LANDMARKS,
        landmarks_file(dataset),
        owner,
        source=dataset.source.text,
        fingerprint=dataset.fingerprint,
    )
    return BackgroundTask(store.root, f"{LANDMARKS}-{dataset.fingerprint[:32]}", request)


def hand_finder_task(store: RunStore, owner: str = "") -> BackgroundTask:
    """Fetch the models that find a hand (`has_hand_finder`)."""
    request = new_request(HAND_FINDER, hand_finder_folder() / HAND_MODEL, owner)
    return BackgroundTask(store.root, HAND_FINDER, request)


def leakage_task(
    store: RunStore, dataset: Dataset, split: SplitName, owner: str = ""
) -> BackgroundTask:
    """Look for near-duplicates of test images among training images (`Leakage.load`)."""
    return _about_dataset(store, dataset, f"{LEAKAGE}-{split}", f"{LEAKAGE}-{split}.npz", owner)


def run_leakage_task(run: Run, dataset: Dataset, owner: str = "") -> BackgroundTask:
    """The same among the images that a run was trained on, and tested on (`Leakage.load`)."""
    return _about_run(run, LEAKAGE, LEAKAGE, owner, source=dataset.source.text, suffix=".npz")


def repeat_task(
    run: Run, kind: RepeatKind, number: int, source: str, owner: str = ""
) -> BackgroundTask:
    """Train a run's settings once more (see `train_again`), while nothing else is under way; the
    result is read by `load_repeats`."""
    name = artifact_name(kind, number)
    return _about_run(run, REPEAT, name, owner, source, steps_aside=True)


def robustness_task(run: Run, dataset: Dataset, owner: str = "") -> BackgroundTask:
    """Test a run on its test images, changed in many ways (`load_robustness`)."""
    return _about_run(run, ROBUSTNESS, ROBUSTNESS, owner, source=dataset.source.text)


def export_check_task(run: Run, dataset: Dataset, owner: str = "") -> BackgroundTask:
    """Try the model files of a run on some of its test images (`load_export_check`)."""
    return _about_run(run, EXPORT_CHECK, EXPORT_CHECK, owner, source=dataset.source.text)


def external_test_task(
    run: Run, folder: Path, owner: str = "", steps_aside: bool = False
) -> BackgroundTask:
    """Test a run on a folder of images of other people and rooms (`load_external_test`).

    Raises:
        DatasetError: the folder can't be read.
    """
    name = external_test_name(folder)
    return _about_run(run, EXTERNAL_TEST, name, owner, str(folder), steps_aside=steps_aside)


def external_test_name(folder: Path) -> str:
    """Under what a test on a folder is kept with a run; another state of its files has another.

    Raises:
        DatasetError: the folder can't be read.
    """
    return f"{EXTERNAL_TEST}-{folder_key(folder)[:16]}"


def rendering_task(store: RunStore, spec: SyntheticSpec, owner: str = "") -> BackgroundTask:
    """Render a synthetic dataset into the cache."""
    entry = CacheEntry(spec)
    request = new_request(RENDERING, entry.folder, owner, spec=spec.text)
    return BackgroundTask(store.root, f"{RENDERING}-{entry.folder.name}", request)


def reading_task(store: RunStore, unread: UnreadError, owner: str = "") -> BackgroundTask:
    """Decode the images of a dataset into the cache, from which it then opens at once.

    Args:
        store: of the runs.
        unread: what the page that wanted to open it was told.
        owner: who asks for it.
    """
    size = str(unread.size or IMAGE_SIZE)
    request = new_request(READING, unread.place, owner, source=unread.source, size=size)
    return BackgroundTask(store.root, f"{READING}-{unread.place.name}", request)


def import_task(
    store: RunStore, set_id: str, file: str, name: str, owner: str = ""
) -> BackgroundTask:
    """Make a dataset of what a visitor has dropped (see `asl_core.jobs.imports`).

    Args:
        store: of the runs, beside which datasets are kept.
        set_id: of the new dataset.
        file: name of what was dropped, in the task's folder.
        name: of the dataset, any text.
        owner: who brings it.
    """
    result = set_folder(set_id, store.root) / CARD  # which is written last
    request = new_request(IMPORT, result, owner, set=set_id, file=file, name=name)
    return BackgroundTask(store.root, f"{STAGED}{set_id}", request)


def combine_task(
    store: RunStore, set_id: str, sources: tuple[str, str], name: str, owner: str = ""
) -> BackgroundTask:
    """Make one dataset of two (see `asl_core.data.combine_datasets`).

    Args:
        store: of the runs, beside which datasets are kept.
        set_id: of the new dataset.
        sources: what opens each of both.
        name: of the new one, any text.
        owner: whose it is.
    """
    result = set_folder(set_id, store.root) / CARD  # which is written last
    first, second = sources
    request = new_request(IMPORT, result, owner, set=set_id, first=first, second=second, name=name)
    return BackgroundTask(store.root, f"{STAGED}{set_id}", request)


def load_timing(task: BackgroundTask) -> RunResults:
    """The results, with their times, of the training that a `timing_task` made.

    Raises:
        FileError: it is not done, or the file is damaged.
    """
    return read_json(task.result, RunResults)


def _about_dataset(
    store: RunStore, dataset: Dataset, kind: str, file: str, owner: str
) -> BackgroundTask:
    request = new_request(
        kind.partition("-")[0],
        store.found_in(dataset.fingerprint, file),
        owner,
        source=dataset.source.text,
        fingerprint=dataset.fingerprint,
        detail=kind.partition("-")[2],
    )
    return BackgroundTask(store.root, f"{kind}-{dataset.fingerprint[:32]}", request)


def _about_run(
    run: Run,
    kind: str,
    name: str,
    owner: str,
    source: str,
    suffix: str = ".json",
    steps_aside: bool = False,
) -> BackgroundTask:
    """A task whose result is kept with a run, under a name."""
    request = new_request(
        kind,
        run.folder / f"{name}{suffix}",
        owner,
        run.id if steps_aside else "",
        steps_aside,
        run=str(run.folder),
        name=name,
        source=source,
    )
    digest = hashlib.sha256(f"{run.id} {name}".encode()).hexdigest()[:16]
    return BackgroundTask(run.folder.parent, f"{kind}-{digest}", request)
