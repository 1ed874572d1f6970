"""Labelled drawings counted: every one of them once, and what has no label is told."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors import DataError
from pipeline.labels import NO_DIGIT
from pipeline.recognise.labelled import class_of, evaluate_strokes, read_labelled
from pipeline.recognise.predict import Answer, predict
from pipeline.recognise.strokes.entries import Entry
from pipeline.types import Artifact, Drawing, Scaling
from tests.digits import TINY, blobs, trained
from tests.stroke_writers import Labelled, as_inkml, as_unipen

STROKES = [[[[0, 0], [5, 9], [9, 20]]], [[[0, 0], [9, 0]]], [[[3, 3]]], [[[0, 9], [9, 0]], [[0, 0], [9, 9]]]]


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    return trained(blobs(rows=60))


def written(path: Path, labels: list[Any]) -> Path:
    drawings = [{"label": label, "strokes": STROKES[i % len(STROKES)]} for i, label in enumerate(labels)]
    path.write_text("".join(json.dumps(drawing) + "\n" for drawing in drawings))
    return path


def test_drawings_are_counted_as_they_are_recognised(artifact: Artifact, tmp_path: Path) -> None:
    paths = [written(tmp_path / "pen.jsonl", [0, 1, "2", 1, 0]), written(tmp_path / "mouse.jsonl", [2])]
    found = predict(paths, artifact, single=True)
    answers = [answer.digits[0].label for answer in found if isinstance(answer, Answer)]
    truths = ["0", "1", "2", "1", "0", "2"]
    counts = evaluate_strokes(artifact, paths)
    assert counts.metrics.n == len(truths)
    for i, truth in enumerate("012"):
        for j, answer in enumerate("012"):
            expected = list(zip(truths, answers, strict=True)).count((truth, answer))
            assert counts.metrics.confusion[i, j] == expected
    assert [(file.path, file.metrics.n, file.left_out) for file in counts.files] == [(paths[0], 5, 0), (paths[1], 1, 0)]
    summed = counts.files[0].metrics.confusion + counts.files[1].metrics.confusion
    np.testing.assert_array_equal(summed, counts.metrics.confusion)
    assert counts.metrics.calibration is not None
    assert sum(each.n for each in counts.metrics.calibration.bins) == len(truths)
    assert counts.rows.labels.tolist() == [int(truth) for truth in truths]


def test_drawings_are_as_bright_as_the_rows_were(artifact: Artifact, tmp_path: Path) -> None:
    path = written(tmp_path / "pen.jsonl", [0, 1])
    rows, _ = read_labelled(path, artifact)
    assert rows.features.dtype == np.uint8
    faint = artifact._replace(scaling=Scaling(artifact.scaling.shift, np.ones_like(artifact.scaling.scale)))
    ones, _ = read_labelled(path, faint)
    np.testing.assert_allclose(ones.features, rows.features / 255, rtol=1e-6)


def test_what_is_no_drawing_is_left_out_and_named(artifact: Artifact, tmp_path: Path) -> None:
    path = written(tmp_path / "pen.jsonl", [0, 1])
    path.write_text(path.read_text().replace("\n", "\n{\n", 1))
    counts = evaluate_strokes(artifact, [path])
    assert (counts.metrics.n, counts.files[0].left_out) == (2, 1)
    assert [str(fault).startswith(f"{path}, line 2") for fault in counts.faults] == [True]


def test_a_file_may_be_empty_but_not_all_of_them(artifact: Artifact, tmp_path: Path) -> None:
    empty, broken = tmp_path / "empty.jsonl", tmp_path / "broken.jsonl"
    empty.write_text("\n")
    broken.write_text("{\n")
    counts = evaluate_strokes(artifact, [empty, written(tmp_path / "pen.jsonl", [0])])
    assert [file.metrics.n for file in counts.files] == [0, 1]
    with pytest.raises(DataError, match=r"empty\.jsonl: expected drawings, found none\.$"):
        evaluate_strokes(artifact, [empty])
    with pytest.raises(DataError, match=r"none\. The first thing wrong: .*broken\.jsonl, line 1"):
        evaluate_strokes(artifact, [empty, broken])


def test_a_drawing_without_ink_is_named(artifact: Artifact, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = iter([Entry(Drawing(()), 1, "d.jsonl, line 1")])
    monkeypatch.setattr("pipeline.recognise.labelled.read_entries", lambda _path: lines)
    rows, (fault,) = read_labelled(Path("d.jsonl"), artifact)
    assert rows.features.shape == (0, 16)
    assert str(fault) == "d.jsonl, line 1: expected ink in the drawing; found none."


LABELS: list[tuple[Any, str]] = [
    (None, "expected a label beside the strokes, .* found none"),
    ("", r"that the model knows \(0, 1, 2\), found ''"),
    (3, "found 3"),
    (1.0, "found 1.0"),
    (True, "found True"),
    ("01", "found '01'"),
    ([1], r"found \[1\]"),
]


@pytest.mark.parametrize(("label", "fault"), LABELS)
def test_a_label_that_is_none_ends_the_count(artifact: Artifact, tmp_path: Path, label: object, fault: str) -> None:
    with pytest.raises(DataError, match=rf"pen\.jsonl, line 2: .*{fault}"):
        evaluate_strokes(artifact, [written(tmp_path / "pen.jsonl", [0, label, 1])])


FOREIGN = [(as_unipen, '.SEGMENT CHARACTER 0-3 ? "5"'), (as_inkml, '<annotation type="truth">7</annotation>')]


@pytest.mark.parametrize(("write", "form"), FOREIGN)
def test_labels_are_read_as_others_write_them(
    artifact: Artifact, tmp_path: Path, write: Callable[[Sequence[Labelled]], str], form: str
) -> None:
    ink, path = [np.array(stroke, np.float32) for stroke in STROKES[0]], tmp_path / "foreign"
    path.write_text(write([(ink, "0"), (ink, "2")]))
    assert read_labelled(path, artifact)[0].labels.tolist() == [0, 2]
    path.write_text(write([(ink, None)]))
    with pytest.raises(DataError, match=rf"{path}, line \d+: expected a label beside the strokes, {re.escape(form)}"):
        read_labelled(path, artifact)


def test_labels_name_classes() -> None:
    assert [class_of(Entry(Drawing(()), label, "here"), ("a", "7", "-1")) for label in ("a", "7", 7, -1)] == [
        0,
        1,
        1,
        2,
    ]


def test_only_networks_that_read_images_read_drawings(artifact: Artifact, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="are no images"):
        evaluate_strokes(artifact._replace(image_shape=None), [written(tmp_path / "pen.jsonl", [0])])


def test_what_is_labelled_as_no_digit_is_counted_apart(artifact: Artifact, tmp_path: Path) -> None:
    digits, none = written(tmp_path / "pen.jsonl", [0, NO_DIGIT, 1]), written(tmp_path / "a.jsonl", [NO_DIGIT] * 2)
    with pytest.raises(DataError, match="line 2: expected a label that the model knows"):
        evaluate_strokes(artifact, [digits])
    scored = trained(blobs(rows=60), TINY._replace(nondigits=1))
    for threshold, refused in ((-1e3, 0), (1e3, 3)):
        counts = evaluate_strokes(scored._replace(threshold=threshold), [digits, none])
        assert (counts.metrics.n, counts.metrics.others) == (2, (3, refused))
        assert counts.rows.labels.tolist() == [0, 1]
        assert [file.metrics.others for file in counts.files] == [(1, refused // 3), (2, refused * 2 // 3)]
        assert (counts.files[1].metrics.n, counts.files[1].metrics.refused) == (0, 0)
        assert counts.metrics.refused == refused * 2 // 3
