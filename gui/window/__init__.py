"""Widgets: they show a board and hand on what a person does to it; what that means is decided elsewhere."""
