"""Ink drawn by rule: digits in forms that MNIST hardly has, and what is no digit."""
