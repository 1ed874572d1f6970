"""Grey levels as pictures that Tk can show."""

import tkinter as tk


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
    shades = (round(grey * strength) if strength > 0 else round(255 + grey * strength) for grey in range(256))
    height, width = shape
    data = b"P5 %d %d 255\n" % (width, height) + pixels.translate(bytes(shades))
    small = tk.PhotoImage(master=master, data=data, format="PPM")
    return small.zoom(max(zoom, 1))


def coloured(master: tk.Misc, pixels: bytes, shape: tuple[int, int], zoom: int) -> tk.PhotoImage:
    """Return red, green and blue of each pixel, row by row, as an enlarged picture."""
    height, width = shape
    small = tk.PhotoImage(master=master, data=b"P6 %d %d 255\n" % (width, height) + pixels, format="PPM")
    return small.zoom(max(zoom, 1))
