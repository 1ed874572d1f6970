"""Forms of digits: each is what it is called."""

import numpy as np

from pipeline.recognise.sketches.digits import FORMS
from pipeline.recognise.sketches.outlines import Lines


def _drawn(form: str) -> list[Lines]:
    """Draw a form a few times."""
    (make,) = (make for _, name, make in FORMS if name == form)
    return [make(np.random.default_rng(seed)) for seed in range(40)]


def test_forms_have_the_strokes_that_their_names_say() -> None:
    for form in ("slashed inside", "slashed through", "dotted", "two strokes", "bar apart", "two rings"):
        assert {len(lines) for lines in _drawn(form)} == {2}, form
    for form in ("one stroke", "loop and stem", "tiny loop", "cross joined on", "from the middle"):
        assert {len(lines) for lines in _drawn(form)} == {1}, form
    for form in ("flag", "long flag", "bar and cross"):  # with a foot, with a cross: every other one
        assert 8 < sum(len(lines) == 2 for lines in _drawn(form)) < 32, form


def test_a_slash_ends_inside_the_zero_or_outside() -> None:
    for form, inside in (("slashed inside", True), ("slashed through", False), ("dotted", True)):
        for ring, slash in _drawn(form):
            middle, radii = (ring.max(axis=0) + ring.min(axis=0)) / 2, np.ptp(ring, axis=0) / 2
            ends = np.hypot(*((slash[[0, -1]] - middle) / radii).T)
            assert ends.max() < 1.05 if inside else ends.min() > 0.95, form


def test_a_long_flag_is_longer() -> None:
    reach = {form: [-lines[0][0, 0] for lines in _drawn(form)] for form in ("flag", "long flag")}
    assert max(reach["flag"]) < 0.5 < np.mean(reach["long flag"])
