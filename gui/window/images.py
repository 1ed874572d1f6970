"""Grey levels as pictures that Tk can show.

A picture that is on the screen is changed in place: for Tk to make another and forget the old one takes 20 ms, more
than a frame; to give it other pixels takes 0.3.
"""

import tkinter as tk


def grey(pixels: bytes, shape: tuple[int, int], zoom: int, strength: float = 1.0) -> bytes:
    """Return white ink on black, enlarged `zoom` times, as a file that Tk reads.

    Pixels are given row by row, their shape as (height, width). The strength is negative to turn the picture over, ink
    on white paper, and nearer to 0 for fainter ink.
    """
    shades = (round(level * strength) if strength > 0 else round(255 + level * strength) for level in range(256))
    return _enlarged(b"P5", pixels.translate(bytes(shades)), shape, 1, zoom)


def coloured(pixels: bytes, shape: tuple[int, int], zoom: int) -> bytes:
    """Return red, green and blue of each pixel, row by row, enlarged, as a file that Tk reads."""
    return _enlarged(b"P6", pixels, shape, 3, zoom)


def photo(master: tk.Misc, data: bytes) -> tk.PhotoImage:
    """Return a picture that Tk can show."""
    return tk.PhotoImage(master=master, data=data, format="PPM")


def change(image: tk.PhotoImage, data: bytes) -> None:
    """Give a picture other pixels, wherever it is on the screen."""
    image.configure(data=data, format="PPM")


def _enlarged(kind: bytes, pixels: bytes, shape: tuple[int, int], depth: int, zoom: int) -> bytes:
    """Return an image in one of Netpbm's formats, each of its pixels `zoom` pixels wide and high."""
    (height, width), zoom = shape, max(zoom, 1)
    stride = width * depth
    rows = (pixels[at : at + stride] for at in range(0, height * stride, stride))
    wide = (b"".join(row[at : at + depth] * zoom for at in range(0, stride, depth)) * zoom for row in rows)
    return b"%b %d %d 255\n" % (kind, width * zoom, height * zoom) + b"".join(wide)
