"""Figures for people: metrics, tables, progress, pictures."""
