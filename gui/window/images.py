"""Grey levels as pictures that Tk can show."""

import tkinter as tk

import numpy as np


def photo(master: tk.Misc, pixels: bytes, shape: tuple[int, int], zoom: int, strength: float = 1.0) -> tk.PhotoImage:
    """Return white ink on black as an enlarged picture.

    Parameters
    ----------
    master : tkinter widget
    pixels : bytes
        Row by row.
    shape : (height, width)
    zoom : int
        Screen pixels to a pixel.
    strength : float
        Negative to turn it over, ink on white paper; nearer to 0 for fainter ink.
    """
    grey = np.frombuffer(pixels, np.uint8).astype(np.float64) * abs(strength)
    shown = np.rint(grey if strength > 0 else 255 - grey).astype(np.uint8)
    height, width = shape
    small = tk.PhotoImage(master=master, data=b"P5 %d %d 255\n" % (width, height) + shown.tobytes(), format="PPM")
    return small.zoom(max(zoom, 1))
