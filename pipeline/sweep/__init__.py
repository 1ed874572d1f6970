"""Searching settings: Optuna proposes, trials train, and rows held out judge them."""
