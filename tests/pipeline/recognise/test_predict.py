"""Answers for pictures, rows and strokes, by one and the same network."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gui.board import Board, Page
from gui.jobs import Model, see
from pipeline.errors import DataError, ScrawlError
from pipeline.model.classify import classifier, explainer, recogniser
from pipeline.recognise.number import in_training_range
from pipeline.recognise.pictures.normalize import Legible
from pipeline.recognise.pictures.page import alone
from pipeline.recognise.predict import Answer, Digit, answer_to_json, answer_to_text, kind_of_labels, predict
from pipeline.recognise.strokes.rasterize import render
from pipeline.types import Artifact, Drawing
from tests.digits import blobs, trained
from tests.stroke_writers import as_inkml, as_unipen
from tests.strokes import drawn


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    """Return a network of images whose brightest training pixel is 255."""
    dataset = blobs(rows=60)
    dataset.features[0, 0] = 255
    return trained(dataset)


def answers(artifact: Artifact, *paths: Path) -> list[Answer | ScrawlError]:
    return list(predict(paths, artifact))


def probabilities(answer: Answer | ScrawlError) -> np.ndarray:
    """Return those of an answer of one digit."""
    assert isinstance(answer, Answer)
    (digit,) = answer.digits
    return digit.probabilities


def write_rows(path: Path, features: np.ndarray) -> Path:
    np.savetxt(path, features, fmt="%d", delimiter=",")
    return path


def test_rows_are_answered_as_the_network_answers(artifact: Artifact, tmp_path: Path) -> None:
    features = blobs(rows=20, seed=3).features
    found = answers(artifact, write_rows(tmp_path / "rows.csv", np.asarray(features)))
    expected = classifier(artifact)(features)
    for position, answer in enumerate(found):
        assert isinstance(answer, Answer)
        assert answer.position == position
        np.testing.assert_array_equal(probabilities(answer), expected[position])
        assert answer.digits[0].label == str(expected[position].argmax())
        assert answer.digits[0].sure == (expected[position].max() >= 0.8)


def test_rows_are_turned_over_where_the_training_rows_were(artifact: Artifact, tmp_path: Path) -> None:
    features = np.asarray(blobs(rows=20, seed=3).features)
    as_stored = features.reshape(-1, 4, 4).transpose(0, 2, 1).reshape(-1, 16)
    expected = answers(artifact, write_rows(tmp_path / "rows.csv", features))
    found = answers(artifact._replace(transposed=True), write_rows(tmp_path / "stored.csv", as_stored))
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(probabilities(ours), probabilities(theirs))


def test_strokes_are_rendered_and_answered(artifact: Artifact, tmp_path: Path) -> None:
    path = tmp_path / "drawn.jsonl"
    strokes = [[[0, 0], [5, 9], [9, 20]], [[3, 3]]]
    path.write_text(json.dumps({"strokes": strokes}) + "\n")
    (answer,) = answers(artifact, path)
    pixels = render(Drawing(tuple(np.array(stroke, np.float32) for stroke in strokes)), (4, 4))
    assert pixels is not None
    expected = classifier(artifact)(pixels[np.newaxis])
    np.testing.assert_array_equal(probabilities(answer), expected[0])


def test_published_strokes_are_answered_like_ours(artifact: Artifact, tmp_path: Path) -> None:
    ink = [np.array(line, np.float32) for line in drawn("4", events=9, height=99.0, at=(5, 5))]
    texts = [json.dumps({"strokes": [line.tolist() for line in ink]}), as_unipen([(ink, "4")]), as_inkml([(ink, "4")])]
    paths = [tmp_path / name for name in ("4.jsonl", "4.tra", "4.xml")]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    expected, *others = (probabilities(answer) for answer in answers(artifact, *paths))
    for found in others:
        np.testing.assert_array_equal(found, expected)


@pytest.mark.jit  # slow without it
def test_drawings_are_read_as_on_the_board(artifact: Artifact, tmp_path: Path) -> None:
    model = Model(tmp_path, artifact, recogniser(artifact), explainer(artifact))
    numbers: list[tuple[str, list[list[list[float]]]]] = [
        ("11", [[[20, 20], [20, 50], [20, 80]], [[60, 20], [60, 50], [60, 80]]]),
        *((number, lines_of(number, gap)) for number in ("4", "407", "6538") for gap in (110, 160)),
    ]
    path = tmp_path / "drawn.jsonl"
    path.write_text("\n".join(json.dumps({"strokes": strokes}) for _, strokes in numbers))
    for (number, strokes), answer in zip(numbers, answers(artifact, path), strict=True):
        ink = tuple(tuple((float(x), float(y)) for x, y in line) for line in strokes)
        seen = see(Board(Page(ink)), model)
        assert isinstance(answer, Answer)
        assert len(answer.digits) == len(number)
        assert tuple(digit.sure for digit in answer.digits) == seen.sure
        for digit, reading in zip(answer.digits, seen.readings, strict=True):
            np.testing.assert_array_equal(digit.probabilities, reading.probabilities)
            assert reading.group
            assert digit.box == reading.group.box
    singles = predict([path], artifact, single=True)
    assert [len(answer.digits) for answer in singles if isinstance(answer, Answer)] == [1] * len(numbers)


def lines_of(number: str, step: float) -> list[list[list[float]]]:
    """Return the strokes of digits beside one another."""
    each = (drawn(digit, events=6, height=140, at=(step * i, 0)) for i, digit in enumerate(number))
    return [[[x, y] for x, y in line] for lines in each for line in lines]


def test_pictures_are_answered(artifact: Artifact, tmp_path: Path) -> None:
    grey = np.full((60, 60), 255, np.uint8)
    grey[10:50, 25:32] = 0
    Image.fromarray(grey).save(tmp_path / "one.png")
    (answer,) = answers(artifact, tmp_path / "one.png")
    assert isinstance(answer, Answer)
    assert answer.source.endswith("one.png")
    assert answer.digits[0].box == (25, 10, 32, 50)


def test_pictures_are_answered_together_and_in_order(artifact: Artifact, tmp_path: Path) -> None:
    """Among them are rows, what can't be read, and paper; a number is read digit by digit."""
    bars = np.full((60, 120), 255, np.uint8)
    bars[10:50, 25:32] = bars[12:48, 60:67] = 0
    Image.fromarray(bars).save(tmp_path / "bars.png")
    Image.fromarray(np.full((60, 60), 200, np.uint8)).save(tmp_path / "blank.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    rows = write_rows(tmp_path / "rows.csv", np.asarray(blobs(rows=1).features))
    names = ["bars.png", "broken.png", "blank.png", rows.name, "bars.png"]
    two, broken, blank, row, again = answers(artifact, *(tmp_path / name for name in names))
    assert isinstance(two, Answer)
    assert isinstance(again, Answer)
    np.testing.assert_array_equal(two.digits[1].probabilities, again.digits[1].probabilities)
    assert [digit.box for digit in two.digits] == [(25, 10, 32, 50), (60, 12, 67, 48)]
    assert "broken.png: expected a" in str(broken)
    assert "blank.png: expected a digit, no ink found" in str(blank)
    assert isinstance(row, Answer)
    (single,) = predict([tmp_path / "bars.png"], artifact, single=True)
    assert isinstance(single, Answer)
    assert len(single.digits) == 1


def test_no_answer_to_a_doubtful_picture_is_sure(
    artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.asarray(blobs(rows=60).features[0], np.uint8)
    convinced = artifact._replace(temperature=0.05)
    for doubtful in (False, True):
        shown = alone(Legible(pixels, doubtful=doubtful, box=(0, 0, 1, 1)))
        monkeypatch.setattr("pipeline.recognise.pictures.page.look", lambda *_, shown=shown, **__: shown)
        (answer,) = answers(convinced, tmp_path / "one.png")
        assert probabilities(answer).max() > 0.8
        assert isinstance(answer, Answer)
        assert answer_to_json(answer, int)["sure"] is not doubtful
        assert ("not sure: " in answer_to_text(answer, artifact)) is doubtful


def test_what_can_not_be_read_does_not_stop_the_others(artifact: Artifact, tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "rows.csv", np.asarray(blobs(rows=3).features))
    (tmp_path / "broken.jsonl").write_text("{\n")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    missing, line, picture, *found = answers(
        artifact, tmp_path / "none.csv", tmp_path / "broken.jsonl", tmp_path / "broken.png", rows
    )
    assert [type(error) for error in (missing, line, picture)] == [DataError] * 3
    assert len(found) == 3


def test_a_bad_line_does_not_stop_the_drawings_below_it(artifact: Artifact, tmp_path: Path) -> None:
    good = json.dumps({"strokes": [[[0, 0], [5, 9]]]})
    (tmp_path / "drawn.jsonl").write_text(f"{good}\n{{\n\n{good}\n")
    first, error, last = answers(artifact, tmp_path / "drawn.jsonl")
    assert isinstance(first, Answer)
    assert "drawn.jsonl, line 2" in str(error)
    assert isinstance(last, Answer)
    assert (first.position, last.position) == (0, 2)


def test_a_drawing_without_ink_is_named(artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = iter([Drawing(())])
    monkeypatch.setattr("pipeline.recognise.predict.read_drawings", lambda _path: empty)
    (error,) = answers(artifact, tmp_path / "drawn.jsonl")
    assert "drawn.jsonl: expected ink in every drawing; found none in drawing 1" in str(error)


def test_grey_levels_follow_the_training_data() -> None:
    pixels = np.array([[0, 51, 255]], np.uint8)
    faint = trained(blobs()._replace(features=np.minimum(blobs().features, 16)))
    np.testing.assert_allclose(in_training_range(pixels, faint), [[0, 3.2, 16]], rtol=1e-6)


def test_grey_levels_of_a_network_for_grey_levels_stay(artifact: Artifact) -> None:
    pixels = np.array([[0, 51, 255]], np.uint8)
    assert in_training_range(pixels, artifact) is pixels


def test_a_network_for_tables_takes_no_pictures(tmp_path: Path) -> None:
    (error,) = answers(trained(blobs(image_shape=None)), tmp_path / "digit.png")
    assert "16 features that are no images" in str(error)


def test_a_single_digit_in_json_and_in_words(artifact: Artifact) -> None:
    shares = np.array([0.05, 0.95, 0.0])
    digit = {
        "digit": 7, "box": None, "row": 0, "probability": 0.95, "probabilities": [0.05, 0.95, 0.0], "score": None,
        "sure": True,
    }  # fmt: skip
    answer = Answer("a.csv", 4, (Digit("7", shares, sure=True),))
    assert answer_to_json(answer, int) == {
        "source": "a.csv", "index": 4, "number": "7", "digit": 7, "probabilities": [0.05, 0.95, 0.0],
        "score": None, "digits": [digit], "sure": True,
    }  # fmt: skip
    assert answer_to_json(answer, str)["digit"] == "7"
    assert answer_to_text(answer, artifact) == "a.csv[4]: 1 (95.0%), else 0 (5.0%)"
    unsure = answer._replace(digits=(answer.digits[0]._replace(sure=False),))
    assert answer_to_json(unsure, int)["sure"] is False
    assert answer_to_text(unsure, artifact) == "a.csv[4]: not sure: 1 (95.0%), else 0 (5.0%)"
    none = unsure._replace(digits=(unsure.digits[0]._replace(score=0.2500001),))
    assert (answer_to_json(none, int)["score"], answer_to_json(none, int)["digits"][0]["score"]) == (0.25, 0.25)
    assert answer_to_text(none, artifact) == "a.csv[4]: no digit; nearest: 1 (95.0%), else 0 (5.0%)"
    assert answer_to_text(answer._replace(source="a\nb.csv"), artifact).startswith(r"a\nb.csv[4]: "), "a line each"


def test_a_number_in_json_and_in_words(artifact: Artifact) -> None:
    sure = Digit("1", np.array([0.05, 0.95, 0.0]), sure=True, box=(0.0, 1.0, 2.0, 3.5))
    unsure = Digit("2", np.array([0.3, 0.1, 0.6]), sure=False, box=(4.0, 1.0, 5.0, 3.0))
    document = answer_to_json(Answer("a.jsonl", 0, (sure, unsure)), int)
    assert (document["number"], document["digit"], document["probabilities"]) == ("12", None, None)
    assert document["sure"] is False
    assert document["digits"] == [
        {
            "digit": 1,
            "box": [0.0, 1.0, 2.0, 3.5],
            "row": 0,
            "probability": 0.95,
            "probabilities": [0.05, 0.95, 0.0],
            "score": None,
            "sure": True,
        },
        {
            "digit": 2,
            "box": [4.0, 1.0, 5.0, 3.0],
            "row": 0,
            "probability": 0.6,
            "probabilities": [0.3, 0.1, 0.6],
            "score": None,
            "sure": False,
        },
    ]
    found = answer_to_text(Answer("a.jsonl", 0, (sure, unsure)), artifact)
    assert found == "a.jsonl[0]: not sure: 1? (1 95.0%, 2 60.0%)"
    found = answer_to_text(Answer("a.jsonl", 0, (sure, sure)), artifact)
    assert found == "a.jsonl[0]: 11 (1 95.0%, 1 95.0%)"
    none = unsure._replace(score=0.1)
    assert answer_to_text(Answer("a.jsonl", 0, (sure, none)), artifact).startswith(
        "a.jsonl[0]: not sure: 1? (1 95.0%, "
    )
    assert answer_to_text(Answer("a.jsonl", 0, (none, none)), artifact).startswith("a.jsonl[0]: no digit; nearest: ??")


def test_rows_and_numbers_in_them_stay_apart(artifact: Artifact) -> None:
    sure = Digit("1", np.array([0.05, 0.95, 0.0]), sure=True)
    answer = Answer("a.png", 0, (sure, sure._replace(apart=True), sure._replace(row=1), sure._replace(row=1)))
    assert answer_to_json(answer, int)["number"] == "1 1\n11"
    assert answer_to_text(answer, artifact).startswith("a.png[0]: 1 1 / 11 (1 95.0%, ")


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("0", "1", "10"), int),
        (("-1", "1"), int),
        (("0", "1", "none"), str),
        (("00", "01"), str),
        (("-0", "1"), str),
        (("1.0", "2.0"), str),
        (("\N{ARABIC-INDIC DIGIT ONE}", "2"), str),
        (("\N{SUPERSCRIPT TWO}", "2"), str),
        (("1" * 5000, "2"), str),
    ],
)
def test_one_type_for_all_answers_of_a_network(artifact: Artifact, names: tuple[str, ...], kind: type) -> None:
    assert kind_of_labels(artifact._replace(class_names=names)) is kind
    if kind is int:
        assert [str(int(name)) for name in names] == list(names)


def test_drawings_are_read_together_and_what_came_before_a_fault_is_told_before_it(
    artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    ink = [Drawing((np.array([[0, 0], [i, 9]], np.float32),)) for i in range(4)]

    def torn(_path: Path) -> Iterator[Drawing | DataError]:
        yield ink[0]
        yield DataError("line 2")
        yield from (Drawing(()), *ink[1:])
        raise DataError("torn")

    monkeypatch.setattr("pipeline.recognise.predict.read_drawings", torn)
    together = list(predict([Path("a.jsonl")], artifact))
    monkeypatch.setattr("pipeline.recognise.predict.DRAWINGS", 3)
    in_parts = list(predict([Path("a.jsonl")], artifact))
    kinds = [type(each) for each in together]
    assert kinds == [Answer, DataError, DataError, Answer, Answer, Answer, DataError]
    assert [type(each) for each in in_parts] == kinds
    for one, other in zip(together, in_parts, strict=True):
        if isinstance(one, Answer) and isinstance(other, Answer):
            assert one.position == other.position
            np.testing.assert_allclose(one.digits[0].probabilities, other.digits[0].probabilities, rtol=1e-5)
