"""Labels take a byte as long as that will do, and two for more than 256 classes, all the way."""

from pathlib import Path

import numpy as np
import pytest

from kernels.network.epoch import new_stop_token
from pipeline.labels import MAX_CLASSES, label_type, labels_of
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.prepare.store.arrays import load_arrays
from pipeline.prepare.store.columnar import read_parquet
from pipeline.recognise.evaluate import evaluate
from pipeline.train.loop import advance, initial_state
from pipeline.train.training_set import training_set_of
from tests.digits import TINY, blobs, trained

CLASSES, ROWS = 300, 1500


@pytest.mark.parametrize(("classes", "expected"), [(1, "uint8"), (256, "uint8"), (257, "uint16"), (1024, "uint16")])
def test_labels_are_as_small_as_they_can_be(classes: int, expected: str) -> None:
    assert label_type(classes) == expected
    highest = labels_of([classes - 1], classes)
    assert (highest.dtype.name, highest.tolist()) == (expected, [classes - 1])
    assert np.iinfo(label_type(MAX_CLASSES)).max >= MAX_CLASSES


@pytest.mark.jit  # slow without it
def test_hundreds_of_classes_are_prepared_learned_and_counted(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    names = [f"k{i:03d}" for i in range(CLASSES)]
    labels = random.permutation(np.arange(ROWS) % CLASSES)
    lines = [f"{label / 20 % 1:.3f},{label % 20},{names[label]}\n" for label in labels]
    (tmp_path / "rows.csv").write_text("u,v,label\n" + "".join(lines))
    prepare(PrepareRequest(out=tmp_path / "data", train=tmp_path / "rows.csv"))
    data = load_arrays(tmp_path / "data")
    assert data.train.class_names == tuple(names)
    assert data.train.labels.dtype == np.uint16
    assert data.train.labels.max() == CLASSES - 1
    np.testing.assert_array_equal(read_parquet(tmp_path / "data" / "train.parquet").labels, data.train.labels)
    artifact = trained(data.train, TINY._replace(hidden=(8, 8), epochs=1, batch_size=64))
    counts = evaluate(artifact, data.test)
    assert counts.confusion.shape == (CLASSES, CLASSES)
    assert counts.n == data.test.labels.size == counts.confusion.sum()


def test_the_same_classes_in_two_bytes_teach_the_same() -> None:
    data = blobs()
    wide = data._replace(labels=data.labels.astype(np.uint16))
    first, second = (
        advance(initial_state(training_set, TINY), training_set, TINY, new_stop_token())
        for training_set in (training_set_of(each, TINY) for each in (data, wide))
    )
    for one, other in zip(first.params, second.params, strict=True):
        assert (one.weight.tobytes(), one.bias.tobytes()) == (other.weight.tobytes(), other.bias.tobytes())
