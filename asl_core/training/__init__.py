"""Fits a network: architecture, steps, augmentation, checkpoints, export."""
