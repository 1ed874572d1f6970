"""Formulas: activations, losses and optimizers."""
