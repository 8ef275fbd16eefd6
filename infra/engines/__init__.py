"""Engines that are not ours, on which the same folds run."""
