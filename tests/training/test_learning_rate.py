"""The learning rate of each step."""

import numpy as np
import pytest

from asl_core.config import BASELINE, ONE_CYCLE
from asl_core.training.learning_rate import learning_rates


def test_constant() -> None:
    rates = learning_rates(BASELINE, 100)
    np.testing.assert_array_equal(rates, np.full(4, 1e-3, np.float32))  # 32 + 32 + 32 + 4


def test_one_cycle_grows_for_a_quarter_and_falls_to_nothing() -> None:
    rates = learning_rates(ONE_CYCLE, 1_600)
    assert len(rates) == 200
    assert int(rates.argmax()) in (49, 50)
    assert rates.max() == pytest.approx(1e-2, rel=0.02)
    assert rates[0] == pytest.approx((0.04 + 0.96 * 0.01) * 1e-2, rel=1e-5)
    # Half of the way down: (0.625 - 0.25) / 0.75.
    assert rates[124:126].mean() == pytest.approx(0.5e-2, rel=1e-3)
    assert 0 < rates[-1] < 1e-6
    assert (np.diff(rates[:50]) > 0).all()
    assert (np.diff(rates[50:]) < 0).all()
