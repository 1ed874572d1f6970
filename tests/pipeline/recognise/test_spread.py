"""Files read by workers: the answers, and their order, are those of one process."""

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import DataError, ScrawlError
from pipeline.files import sha256_of
from pipeline.model.artifact import save_model
from pipeline.recognise import spread
from pipeline.recognise.labelled import evaluate_strokes
from pipeline.recognise.predict import Answer, predict
from pipeline.recognise.spread import Reader, answers_for, labelled_in, predict_on, reading_on
from tests.digits import blobs, trained

pytestmark = pytest.mark.plain  # processes that answer, with the JIT or without


def test_answers_come_as_from_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    artifact, model = trained(blobs(rows=60)), tmp_path / "model.npz"
    save_model(model, artifact)
    files = [tmp_path / f"{i}.csv" for i in range(5)]
    for i, path in enumerate(files):
        np.savetxt(path, blobs(rows=3, seed=i).features, fmt="%d", delimiter=",")
    files[3].write_text("no,number", encoding="utf-8")
    expected = list(predict(files, artifact))
    found = list(predict_on("local:2", files, model))
    assert len(found) == len(expected) == 4 * 3 + 1
    for mine, theirs in zip(found, expected, strict=True):
        assert type(mine) is type(theirs)
        if isinstance(mine, Answer) and isinstance(theirs, Answer):
            assert (mine.source, mine.position) == (theirs.source, theirs.position)
            np.testing.assert_array_equal(mine.digits[0].probabilities, theirs.digits[0].probabilities)
        else:
            assert isinstance(mine, DataError)
            assert str(mine) == str(theirs)
    # What a worker does, here; and what it says of another model.
    reader = Reader(model, sha256_of(model))
    assert len(answers_for(reader, files[0], single=False)) == 3
    monkeypatch.setattr(spread, "name_of_worker", lambda: "worker 7")
    with pytest.raises(ScrawlError, match=r"worker 7: .*: expected the model that is used here, found another"):
        answers_for(reader._replace(sha256="0" * 64), files[0], single=False)


def test_drawings_are_counted_as_in_one_process(tmp_path: Path) -> None:
    artifact, model = trained(blobs(rows=60)), tmp_path / "model.npz"
    save_model(model, artifact)
    for i in range(3):
        line = json.dumps({"label": i, "strokes": [[[1, 1 + i], [5, 9]]]})
        (tmp_path / f"{i}.jsonl").write_text(f"{line}\nno drawing\n", encoding="utf-8")
    paths = [tmp_path / f"{i}.jsonl" for i in range(3)]
    with reading_on("local:1", model) as read:
        found, expected = evaluate_strokes(artifact, paths, read), evaluate_strokes(artifact, paths)
    assert found.files[2].metrics.n == 1
    np.testing.assert_array_equal(found.metrics.confusion, expected.metrics.confusion)
    np.testing.assert_array_equal(found.rows.features, expected.rows.features)
    # What a worker does, here.
    drawings, faults = labelled_in(Reader(model, sha256_of(model)), paths[1])
    assert (drawings.labels.tolist(), len(faults)) == ([1], 1)
    assert list(map(str, found.faults)) == list(map(str, expected.faults))
