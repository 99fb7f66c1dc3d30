"""Many trainings of one question: grids of settings, and searches by Optuna."""
