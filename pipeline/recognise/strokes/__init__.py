"""From the strokes of a pen to images."""
