"""The grid that is offered first."""

from asl_core import SyntheticSpec
from asl_core.settings import MAX_SWEEP_RUNS, MISSION_FINGERPRINT
from asl_core.sweeps.first_grid import first_grid
from asl_core.training.first_config import first_config
from tests.training.test_first_config import dataset


def test_the_settings_of_the_first_click_are_in_the_grid() -> None:
    embedded = dataset(3, 2_000, SyntheticSpec().text)
    grid, config = first_grid(embedded), first_config(embedded)
    assert config.filters in grid.filters
    assert grid.epochs == (config.epochs, 2 * config.epochs)
    assert grid.base.schedule == config.schedule
    assert grid.learning_rates == (config.learning_rate,)


def test_what_is_chosen_among_is_compared_on_validation_images_with_several_seeds() -> None:
    for some in (dataset(3, 3_000, fingerprint=MISSION_FINGERPRINT), dataset(24, 87_000)):
        grid = first_grid(some)
        assert grid.base.validation_fraction == 0.2
        assert len(grid.seeds) == 3
        assert len(grid) <= MAX_SWEEP_RUNS
        assert len(grid.filters) * len(grid.epochs) > 1


def test_few_epochs_are_enough_for_the_missions_photos() -> None:
    assert first_grid(dataset(3, 3_000, fingerprint=MISSION_FINGERPRINT)).epochs == (1, 3)
