"""Made photographs of digits whose labels are known: on lined and squared paper, in cells of forms, in shadow, pasted.

Each kind is a pure function from a random generator and the ink of a digit (None for a blank) to a picture file.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from PIL import Image
from scipy import ndimage

from tests.scene import BLACK, BLUE, PAPERS, Coverage, Random, Scene, jpeg, png

Kind: TypeAlias = Callable[[Random, Coverage], bytes]


def photo(random: Random, ink: Coverage, **parts: bool) -> bytes:
    """Return one digit in blue on coloured paper, slightly turned, under uneven light; and what `parts` names."""
    height, width = (int(n) for n in random.integers(320, 560, 2))
    scene = Scene(random, height, width, PAPERS[random.integers(len(PAPERS))], random.uniform(-7, 7))
    tall = random.uniform(0.35, 0.65) * min(height, width)
    step, line, start = tall * random.uniform(0.35, 1.1), random.uniform(1.0, 3.5), random.uniform(0, 1)
    rule = np.array([(0.3, 0.45, 0.75), (0.35, 0.35, 0.37)][random.integers(2)]) + random.uniform(0, 0.35)
    if parts.get("squared"):
        step *= random.uniform(0.35, 0.8)
        scene.line((scene.u / step + start) % 1 * step - step / 2, line, rule)
    if parts.get("lined") or parts.get("squared"):
        scene.line((scene.v / step + start) % 1 * step - step / 2, line, rule)
    at = (random.uniform(-0.08, 0.08) * width, random.uniform(-0.08, 0.08) * height)
    scene.write(ink, tall, at, BLUE if random.random() < 0.7 else BLACK)
    scene.light(random.uniform(0.1, 0.4))
    if parts.get("shadow"):
        scene.shade()
    if parts.get("desk"):
        scene.desk(random.uniform(0.04, 0.16))
    return jpeg(scene.shot(random.uniform(0.5, 1.1), random.uniform(0.006, 0.016)), random)


def cell(random: Random, ink: Coverage, margin: str) -> bytes:
    """Return a cell cut from a photographed form; `margin` says where its printed lines went.

    They are cut off ("inside"), left over at some sides ("remnants"), or there all around ("box").
    """
    side, line = random.uniform(90, 170), random.uniform(1.6, 4.5)
    room = {"inside": -1.0, "remnants": 0.0, "box": 1.0}[margin]
    extra = [random.uniform(0.02, 0.07) * side for _ in range(4)]
    shows = [room or random.choice([-1.0, 1.0], p=[0.45, 0.55]) for _ in range(4)]
    left, top, right, bottom = (
        side / 2 + sign * (e if sign > 0 else e + line) for sign, e in zip(shows, extra, strict=True)
    )
    size = round(side * 1.3)
    scene = Scene(random, size, size, PAPERS[random.integers(2)], random.uniform(-2, 2))
    dark = random.uniform(0.1, 0.5)
    for axis in (scene.u, scene.v):
        scene.line((axis / side) % 1 * side - side / 2, line, (dark,) * 3)
    tall = random.uniform(0.5, 0.7) * side
    at = random.uniform(-0.06, 0.06, 2) * side
    scene.write(ink, tall, (at[0], at[1]), BLUE if random.random() < 0.5 else BLACK)
    scene.light(random.uniform(0.05, 0.35))
    seen, middle = scene.shot(random.uniform(0.5, 1.0), random.uniform(0.006, 0.02)), size / 2
    return jpeg(
        seen[round(middle - top) : round(middle + bottom), round(middle - left) : round(middle + right)], random
    )


def pasted(random: Random, ink: Coverage) -> bytes:
    """Return a piece cut out of a photo and pasted on white."""
    height, width = (int(n) for n in random.integers(110, 260, 2))
    tone = random.uniform(0.65, 0.96)
    scene = Scene(random, height, width, (tone, tone, tone * 0.97), random.uniform(-4, 4))
    scene.write(ink, random.uniform(0.5, 0.75) * min(height, width), (0, 0), BLUE if random.random() < 0.5 else BLACK)
    scene.light(random.uniform(0, 0.2))
    around = random.integers(8, 90, (2, 2))
    return png(np.pad(scene.shot(0.6, 0.008, grey=True), around, constant_values=255))


def defocused(random: Random, ink: Coverage) -> bytes:
    """Return a digit out of focus: blurred by a third to a whole of its line's width."""
    tall = random.uniform(60, 160)
    size = round(tall * random.uniform(1.5, 2.0))
    scene = Scene(random, size, size, PAPERS[random.integers(2)], random.uniform(-4, 4))
    scene.write(ink, tall, (0, 0), BLACK)
    scene.light(random.uniform(0.05, 0.25))
    return jpeg(scene.shot(tall * 0.11 * random.uniform(0.35, 0.8), 0.008, grey=True), random)


def bilevel(random: Random, ink: Coverage) -> bytes:
    """Return a digit in black and white, cropped to its ink and stretched to 16 by 16."""
    assert ink is not None
    mask = ink > 0.5
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    crop = Image.fromarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32))
    small = np.asarray(crop.resize((16, 16), Image.Resampling.BOX)) > 0.5
    return png(np.where(small != (random.random() < 0.5), 0, 255).astype(np.uint8))


def ready(_: Random, ink: Coverage) -> bytes:
    """Return a digit as MNIST has it."""
    return png(
        np.asarray(Image.fromarray(np.asarray(ink, np.float32) * 255).reduce(10), np.float32).round().astype(np.uint8)
    )


def scan(random: Random, ink: Coverage) -> bytes:
    """Return a clean picture, dark on light or light on dark, of any size and place."""
    assert ink is not None
    side = int(random.integers(60, 400))
    large = np.asarray(Image.fromarray(ink.astype(np.float32)).resize((side, side)))
    placed = np.pad(large.clip(0, 1), random.integers(0, side, (2, 2)))
    paper, level = random.choice([(255, 0), (0, 255), (255, 90), (240, 30)])
    return png(np.rint(paper + (level - paper) * placed).astype(np.uint8))


def cropped(random: Random, ink: Coverage) -> bytes:
    """Return a photo cropped to the ink."""
    assert ink is not None
    mask = ink > 0.5
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    tight = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scene = Scene(random, len(tight), tight.shape[1], PAPERS[random.integers(2)], 0)
    scene.cover(tight, BLACK)
    scene.light(random.uniform(0, 0.2))
    return jpeg(scene.shot(0.6, 0.008), random)


def grain(random: Random, _: Coverage = None) -> bytes:
    """Return bare newsprint: grey, with a grain of any coarseness and flecks."""
    shape = tuple(int(n) for n in random.integers(80, 320, 2))
    rough = ndimage.gaussian_filter(random.normal(0, 1, shape), random.uniform(0.5, 3))
    flecks = ndimage.gaussian_filter((random.random(shape) < 0.002).astype(float), 0.8)
    level = random.uniform(150, 230) + random.uniform(3, 12) * rough / rough.std() - random.uniform(0, 60) * flecks
    return jpeg(np.rint(level.clip(0, 255)).astype(np.uint8), random)


def noise(random: Random, _: Coverage = None) -> bytes:
    """Return an even grey with the noise of a sensor, as JPEG."""
    shape = tuple(int(n) for n in random.integers(60, 400, 2))
    level = random.uniform(60, 240) + random.normal(0, random.uniform(2, 9), shape)
    return jpeg(np.rint(level.clip(0, 255)).astype(np.uint8), random)


def shaded(random: Random, _: Coverage = None) -> bytes:
    """Return bare paper that darkens towards an edge or a corner."""
    height, width = (int(n) for n in random.integers(80, 320, 2))
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    along = [x, 1 - x, y, 1 - y, (x + y) / 2, 0.7 - np.hypot(x - 0.5, y - 0.5)][random.integers(6)]
    fall = 1 - random.uniform(0.2, 0.6) * np.exp(-along / random.uniform(0.03, 0.2))
    level = random.uniform(170, 245) * fall + random.normal(0, random.uniform(1, 4), fall.shape)
    return jpeg(np.rint(level.clip(0, 255)).astype(np.uint8), random)


def page(random: Random, rows: Sequence[Sequence[Coverage]], **parts: bool) -> bytes:
    """Return rows of digits side by side, as `photo` has one; they are of unequal sizes, and stand a little apart."""
    tall = random.uniform(50, 90)
    height, width = round(tall * (1.8 * len(rows) + 0.8)), round(tall * (0.95 * max(map(len, rows)) + 1.2))
    scene = Scene(random, height, width, PAPERS[random.integers(len(PAPERS))], random.uniform(-3, 3))
    if parts.get("lined"):
        scene.line((scene.v / tall + 0.5) % 1 * tall - tall / 2, random.uniform(1, 2.5), (0.5, 0.6, 0.8))
    ink = BLUE if random.random() < 0.5 else BLACK
    for number, row in enumerate(rows):
        for place, digit in enumerate(row):
            at = (place - (len(row) - 1) / 2) * 0.95 + random.uniform(-0.04, 0.04), 1.8 * (number - (len(rows) - 1) / 2)
            scene.write(digit, tall * random.uniform(0.85, 1.1), (at[0] * tall, at[1] * tall), ink)
    scene.light(random.uniform(0.1, 0.4))
    if parts.get("shadow"):
        scene.shade()
    return jpeg(scene.shot(random.uniform(0.5, 1.0), random.uniform(0.006, 0.016)), random)


PAGES: Mapping[str, Callable[[Random, Sequence[Sequence[Coverage]]], bytes]] = {
    "number": lambda random, rows: page(random, rows[:1]),
    "number on lined paper": lambda random, rows: page(random, rows[:1], lined=True),
    "number, hard shadow": lambda random, rows: page(random, rows[:1], shadow=True),
    "page of three numbers": page,
}
DIGITS: Mapping[str, Kind] = {
    "as MNIST": ready,
    "clean": scan,
    "photo": photo,
    "lined paper": lambda random, ink: photo(random, ink, lined=True),
    "squared paper": lambda random, ink: photo(random, ink, squared=True),
    "hard shadow": lambda random, ink: photo(random, ink, shadow=True),
    "strip of the desk": lambda random, ink: photo(random, ink, desk=True),
    "lined, shadow, desk": lambda random, ink: photo(random, ink, lined=True, shadow=True, desk=True),
    "cell, lines cut off": lambda random, ink: cell(random, ink, "inside"),
    "cell, lines left over": lambda random, ink: cell(random, ink, "remnants"),
    "cell with its box": lambda random, ink: cell(random, ink, "box"),
    "pasted on white": pasted,
    "out of focus": defocused,
    "photo cropped to the ink": cropped,
    "16 by 16, bilevel": bilevel,
}
BLANKS: Mapping[str, Kind] = {
    "noise": noise,
    "newsprint": grain,
    "shaded edge": shaded,
    "bare photo": lambda random, _: photo(random, None),
    "bare lined paper": lambda random, _: photo(random, None, lined=True),
    "bare squared paper": lambda random, _: photo(random, None, squared=True),
    "bare, hard shadow": lambda random, _: photo(random, None, shadow=True),
    "bare, strip of the desk": lambda random, _: photo(random, None, desk=True),
    "bare cell, lines cut off": lambda random, _: cell(random, None, "inside"),
    "bare cell, lines left over": lambda random, _: cell(random, None, "remnants"),
    "bare cell with its box": lambda random, _: cell(random, None, "box"),
    "bare paper pasted on white": lambda random, _: pasted(random, None),
}
