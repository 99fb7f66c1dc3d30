"""One trial of a search, in a worker: Optuna chooses the settings and ends what is not worthwhile.

The study is a journal file: it needs no server and no database driver, several workers may append
to it on a disk that all see, and it is there after a crash. Its lock is one that the system drops
when a process ends, as for runs.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from asl_core.config import OPTIMIZERS, PRESETS, SCHEDULES, TrainConfig
from asl_core.errors import RunError, RunNotFoundError, TrainingError
from asl_core.files import disk_errors_as
from asl_core.progress import Progress
from asl_core.runs.pending import PendingRun
from asl_core.runs.run import Run
from asl_core.runs.train import Watch, run_training
from asl_core.settings import MAX_FILTERS
from asl_core.sweeps.search import Search, SearchFolder, SearchStatus
from asl_core.sweeps.sweep import selection_score

if TYPE_CHECKING:
    from optuna import Study, Trial

BATCH_SIZES = (8, 16, 32, 64)
LOWEST_RATE, HIGHEST_RATE = 1e-4, 3e-2

N_BLOCKS = 2
"""Blocks of the networks that a search tries."""

RANDOM_TRIALS = 6
"""Trials before the sampler (TPE) and the pruner (median) have enough to go by."""

_DAMAGED_JOURNAL = (
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What Optuna raises on a journal that is not as it wrote it."""

_RUN = "run"
_OUT_OF_TIME = "out_of_time"


def run_trial(pending: PendingRun, watch: Watch | None = None) -> Run | None:
    """Train with settings that the study suggests, and tell it the validation accuracy.

    Args:
        pending: a run of a search; the caller is `working` on it.
        watch: told about progress.

    Returns:
        The finished run; None if the trial was given up, or the time was over.
    """
    from optuna import TrialPruned
    from optuna.trial import TrialState

    folder = SearchFolder(pending.store, str(pending.spec.sweep))
    if folder.start_clock() <= 0:
        return None
    study = open_study(folder)
    trial = _trial_of(study, pending, folder.search())

    def tell(step: str, progress: Progress | None) -> None:
        if watch:
            watch(step, progress)
        if step == "training" and folder.start_clock() <= 0:
            trial.set_user_attr(_OUT_OF_TIME, True)
            raise TrialPruned
        _report(trial, progress)

    try:
        run = run_training(pending, tell)
    except (TrialPruned, TrainingError):  # the latter: it diverged
        study.tell(trial, state=TrialState.PRUNED)
        _write_status(folder, study)
        return None
    study.tell(trial, selection_score(run))
    _write_status(folder, study)
    return run


def _report(trial: "Trial", progress: Progress | None) -> None:
    """Tell the study the accuracy of an epoch that has just ended.

    Raises:
        TrialPruned: others were better after as many epochs.
    """
    from optuna import TrialPruned

    if progress is None or progress.batch or not progress.epoch:
        return
    trial.report(progress.history["val_accuracy"][-1], progress.epoch)
    if progress.epoch < progress.epochs and trial.should_prune():
        raise TrialPruned


def open_study(folder: SearchFolder) -> "Study":
    """The study of a search, made on first use. The project's presets are its first trials.

    Raises:
        RunError: its journal is damaged, or can't be written.
    """
    search = folder.search()
    try:
        with disk_errors_as(RunError, f"Search {folder.id} can't be saved", folder.path):
            return _open_journal(folder, search)
    except _DAMAGED_JOURNAL as error:
        raise RunError(
            f"Search {folder.id} can't continue: its {folder.journal.name} is damaged. "
            "Start another search; finished runs are kept.",
            folder.journal,
        ) from error


def _open_journal(folder: SearchFolder, search: Search) -> "Study":
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    journal = str(folder.journal)
    with FileLock(f"{journal}.made.lock"):
        storage = JournalStorage(JournalFileBackend(journal, FileLock(f"{journal}.lock")))
        study = optuna.create_study(
            storage=storage,
            study_name=folder.id,
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(RANDOM_TRIALS, n_warmup_steps=1),
        )
        if not study.trials:
            for preset in PRESETS.values():
                if preset.features == "pixels" and len(preset.filters) == N_BLOCKS:
                    study.enqueue_trial(_as_parameters(preset, search.max_epochs))
    return study


def _trial_of(study: "Study", pending: PendingRun, search: Search) -> "Trial":
    """The trial that a run was when its worker died, or a new one; the run gets its settings."""
    from optuna.samplers import TPESampler
    from optuna.trial import Trial, TrialState

    _settle(study, pending)
    for known in study.get_trials(states=(TrialState.RUNNING,)):
        if known.user_attrs.get(_RUN) == pending.id:
            trial = Trial(study, known._trial_id)  # Optuna has no public way back to a trial
            break
    else:
        trial = study.ask()
        trial.set_user_attr(_RUN, pending.id)
    # A sampler that starts anew with each trial needs another seed each time, or it would begin
    # with the same settings again and again.
    study.sampler = TPESampler(
        n_startup_trials=RANDOM_TRIALS, seed=1_000 * search.seed + trial.number
    )
    spec = replace(pending.spec, config=_suggest(trial, search))
    pending.write_spec(spec)
    return trial


def _settle(study: "Study", pending: PendingRun) -> None:
    """Tell the study of trials whose worker died: right after the run was published, or for good.

    Another one may be doing the same, so what is told already is left.
    """
    from optuna.trial import TrialState

    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        run_id = trial.user_attrs.get(_RUN, "")
        if not run_id or (pending.folder.parent / run_id).exists():
            continue
        try:
            score = selection_score(pending.store.load(run_id))
        except RunNotFoundError:
            study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
        else:
            study.tell(trial.number, score, skip_if_finished=True)


def _suggest(trial: "Trial", search: Search) -> TrainConfig:
    first, second = (
        trial.suggest_int(name, 1, MAX_FILTERS, log=True) for name in ("first", "second")
    )
    return replace(
        search.base,
        filters=(first, second),
        epochs=trial.suggest_int("epochs", 1, search.max_epochs),
        learning_rate=trial.suggest_float("rate", LOWEST_RATE, HIGHEST_RATE, log=True),
        batch_size=trial.suggest_categorical("batch_size", BATCH_SIZES),
        optimizer=trial.suggest_categorical("optimizer", OPTIMIZERS),
        schedule=trial.suggest_categorical("schedule", SCHEDULES),
    )


def _as_parameters(config: TrainConfig, epochs: int) -> dict[str, Any]:
    first, second = config.filters
    return {
        "first": first,
        "second": second,
        "epochs": epochs,
        "rate": config.rate,
        "batch_size": config.batch_size,
        "optimizer": config.optimizer,
        "schedule": config.schedule,
    }


def _write_status(folder: SearchFolder, study: "Study") -> None:
    from optuna.trial import TrialState

    ended = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
    late = sum(_OUT_OF_TIME in trial.user_attrs for trial in ended)
    complete = sum(trial.state == TrialState.COMPLETE for trial in ended)
    folder.write_status(SearchStatus(complete, len(ended) - complete - late, late))
