"""Plotly figures of the core's values. Each returns a figure; nothing is shown here."""

from asl_core.figures.confusion import confusion_matrix
from asl_core.figures.data import class_balance
from asl_core.figures.embedding import feature_map
from asl_core.figures.evaluation import (
    coverage_curve,
    probabilities,
    reliability_diagram,
    robustness_curve,
)
from asl_core.figures.labels import class_colors
from asl_core.figures.style import Mode, run_colors, template
from asl_core.figures.sweep import heat_map, parallel_coordinates, spread, values_of
from asl_core.figures.training import METRICS, Metric, history_curve, history_curves, learning_curve

__all__ = [
    "METRICS",
    "Metric",
    "Mode",
    "class_balance",
    "class_colors",
    "confusion_matrix",
    "coverage_curve",
    "feature_map",
    "heat_map",
    "history_curve",
    "history_curves",
    "learning_curve",
    "parallel_coordinates",
    "probabilities",
    "reliability_diagram",
    "robustness_curve",
    "run_colors",
    "spread",
    "template",
    "values_of",
]
