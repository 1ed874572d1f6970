"""What has been made ready has nothing left to compile, and only what reads images can be."""

import numpy as np
import pytest

from kernels.machine.progress import watching
from pipeline.errors import ConfigError
from pipeline.model.classify import recogniser
from pipeline.recognise.number import read_number
from pipeline.recognise.ready import make_ready
from pipeline.types import Drawing
from tests.digits import TINY, blobs, trained


@pytest.mark.parametrize("filters", [0, 2])
def test_what_is_ready_has_nothing_left_to_compile(filters: int) -> None:
    artifact = trained(blobs(rows=15), TINY._replace(filters=filters, epochs=1))
    assert make_ready(artifact) > 0
    strokes = [np.array([[x, 0.0], [x, 9.0]], np.float32) for x in (0.0, 50.0)]
    recognise, late = recogniser(artifact), list[str]()
    with watching(lambda: None, late.append):
        for count in (1, 2):
            assert len(read_number(Drawing(tuple(strokes[:count])), artifact, recognise)) == count
    assert not late


def test_a_table_is_no_image() -> None:
    with pytest.raises(ConfigError, match="expected a model that reads images"):
        make_ready(trained(blobs(image_shape=None), TINY))
