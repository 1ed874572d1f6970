"""Rows in a file are what they would be in memory, however they are asked for, and never another file's."""

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from pipeline.errors import ArtifactError
from pipeline.rows import PIECE, Rows, StoredRows, followed_by, in_memory, pieces, some, state_of
from tests.strategies import seeds


def on_disk(folder: Path, array: npt.NDArray[np.uint8] | npt.NDArray[np.float32], before: int = 0) -> StoredRows:
    """Return rows that were written to a file, after other bytes."""
    path = folder / "rows"
    path.write_bytes(bytes(before) + array.tobytes())
    return StoredRows(path, before, len(array), array.shape[1], array.dtype, state_of(path))


def made(seed: int, rows: int, width: int, dtype: str) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (rows, width)).astype(dtype)


@given(st.data(), seeds, st.integers(1, 60), st.integers(1, 9), st.sampled_from(["uint8", "float32"]))
def test_they_are_indexed_as_an_array_is(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, seed: int, rows: int, width: int, dtype: str
) -> None:
    array = made(seed, rows, width, dtype)
    stored: Rows = on_disk(tmp_path_factory.mktemp("rows"), array, before=data.draw(st.integers(0, 9)))
    for i in range(data.draw(st.integers(0, 2))):
        more = made(seed + 1 + i, 4, width, dtype)
        array, stored = np.concatenate([array, more]), followed_by(stored, more)
    for _ in range(2):
        places = st.lists(st.integers(-len(array), len(array) - 1), max_size=9)
        assert (stored.shape, len(stored), stored.nbytes) == (array.shape, len(array), array.nbytes)
        for key in (
            data.draw(st.slices(len(array))),
            np.array(data.draw(places), np.int64),
            np.random.default_rng(seed).random(len(array)) < 0.5,
        ):
            np.testing.assert_array_equal(stored[key], array[key])
            assert stored[key].dtype == array.dtype
        np.testing.assert_array_equal(stored[len(array) - 1], array[-1])
        chosen = np.array([*data.draw(places), 0], np.int64)
        array, stored = array[chosen], some(stored, chosen)  # once more, of those that were chosen


def test_pieces_make_up_the_whole(tmp_path: Path) -> None:
    array = made(0, 2 * PIECE + 5, 3, "uint8")
    stored = on_disk(tmp_path, array)
    assert [array[piece].shape[0] for piece in pieces(stored)] == [PIECE, PIECE, 5]
    assert [array[piece].shape[0] for piece in pieces(array)] == [len(array)]
    assert list(pieces(array[:0])) == [slice(0, 1)], "no row is a piece, too: answers for it have a shape"
    np.testing.assert_array_equal(np.concatenate([stored[piece] for piece in pieces(stored)]), array)
    np.testing.assert_array_equal(in_memory(some(stored, array[:, 0] > 9)), some(array, array[:, 0] > 9))
    np.testing.assert_array_equal(followed_by(array, array[:2]), np.concatenate([array, array[:2]]))


def test_rows_far_apart_and_many_at_once_are_read_in_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.rows.SPAN", 50)
    monkeypatch.setattr("pipeline.rows.GAP", 20)
    array = made(0, 200, 5, "uint8")
    stored = on_disk(tmp_path, array)
    for key in (np.arange(200), np.array([199, 0, 3, 8, 100, 100, 101])):
        np.testing.assert_array_equal(stored[key], array[key])


def test_another_file_in_its_place_is_refused(tmp_path: Path) -> None:
    stored = on_disk(tmp_path, made(0, 9, 4, "uint8"))
    (tmp_path / "other").write_bytes(stored.path.read_bytes())
    (tmp_path / "other").replace(stored.path)
    with pytest.raises(ArtifactError, match="was replaced while it was in use"):
        stored[:1]
    stored.path.unlink()
    with pytest.raises(ArtifactError, match="can't be read: No such file"):
        stored[:1]


def test_a_file_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    stored = on_disk(tmp_path, made(0, 9, 4, "uint8"))
    os.truncate(stored.path, 20)
    cut = StoredRows(stored.path, 0, 9, 4, stored.dtype, state_of(stored.path))
    np.testing.assert_array_equal(cut[:5], made(0, 9, 4, "uint8")[:5])
    with pytest.raises(ArtifactError, match="was cut short"):
        cut[:6]
