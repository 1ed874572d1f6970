"""NPZ files: what numpy would write, as a stream; and read with no trust in their headers."""

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, strategies as st

from pipeline.errors import ArtifactError
from pipeline.prepare.store.npz import Member, read_npz, write_npz
from pipeline.rows import in_memory
from tests.tables import Array

SHAPES = hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5)
ARRAYS = st.dictionaries(
    st.sampled_from(("x", "y", "z")), st.sampled_from((np.uint8, np.float32)).flatmap(lambda t: hnp.arrays(t, SHAPES))
)


def encoded(arrays: dict[str, Array], pieces: int = 1) -> bytes:
    file = io.BytesIO()
    members = {name: Member(a.shape, a.dtype, np.array_split(a, pieces)) for name, a in arrays.items()}
    write_npz(file, members)
    return file.getvalue()


@given(arrays=ARRAYS, pieces=st.integers(1, 4))
def test_numpy_and_we_read_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, arrays: dict[str, Array], pieces: int
) -> None:
    path = tmp_path_factory.mktemp("npz") / "arrays.npz"
    path.write_bytes(encoded(arrays, pieces))
    assert path.read_bytes() == encoded(arrays)
    ours = read_npz(path, tuple(arrays))
    with np.load(path, allow_pickle=False) as theirs:
        for name, array in arrays.items():
            for found in (in_memory(ours[name]), theirs[name]):
                assert found.dtype == array.dtype
                assert found.shape == array.shape
                assert found.tobytes() == array.tobytes()


def test_arrays_larger_than_a_chunk(tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 256, (3, 700_001), dtype=np.uint8)
    (tmp_path / "a.npz").write_bytes(encoded({"x": array}))
    np.testing.assert_array_equal(read_npz(tmp_path / "a.npz", ("x",))["x"], array)


ARRAY = {"x": np.arange(12, dtype=np.float32).reshape(3, 4)}


def test_every_truncation_is_noticed(tmp_path: Path) -> None:
    content = encoded(ARRAY)
    for length in range(len(content)):
        (tmp_path / "a.npz").write_bytes(content[:length])
        with pytest.raises(ArtifactError, match=r"a\.npz"):
            read_npz(tmp_path / "a.npz", ("x",))


def test_no_flipped_bit_gives_other_numbers(tmp_path: Path) -> None:
    content = encoded(ARRAY)
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 1 << position % 8
        (tmp_path / "a.npz").write_bytes(bytes(damaged))
        try:
            found = read_npz(tmp_path / "a.npz", ("x",))["x"]
        except ArtifactError:
            continue
        np.testing.assert_array_equal(found, ARRAY["x"])


def forged(path: Path, member: bytes, name: str = "x.npy", compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr(name, member)
    return path


def npy(header: str, content: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    return b"\x93NUMPY" + bytes(version) + struct.pack("<H", len(header)) + header.encode() + content


def header(**entries: Any) -> str:  # noqa: ANN401 -- whatever a forger writes
    return repr({"descr": "|u1", "fortran_order": False, "shape": (2, 2), **entries})


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (npy(header(), b"1234", (2, 0)), r"expected an array of format 1.0, found \(2, 0\)"),
        (npy(header(), b"12345"), r"expected 4 bytes for the shape \(2, 2\), found 5"),
        (npy(header(shape=(1 << 40,)), b"1234"), "expected 1,099,511,627,776 bytes .*, found 4"),
        (npy(header(shape=(-2, -2)), b"1234"), "expected lengths in C order"),
        (npy(header(shape="x"), b"1234"), "shape is not valid"),
        (npy(header(descr="|O"), bytes(32)), "Object arrays cannot be loaded"),
        (npy(header(fortran_order=True), b"1234"), "in C order"),
        (npy(header() + " " * 5000, b"1234"), "large"),
        (b"junk", "can't be read"),
    ],
)
def test_forged_members(tmp_path: Path, member: bytes, reason: str) -> None:
    with pytest.raises(ArtifactError, match=reason):
        read_npz(forged(tmp_path / "a.npz", member), ("x",))


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    size = 100 << 20
    path = forged(tmp_path / "a.npz", npy(header(shape=(size,)), bytes(size)), compression=zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    with pytest.raises(ArtifactError, match="uncompressed"):
        read_npz(path, ("x",))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_other_members(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"expected the members \['x.npy'\], found \['../x.npy'\]"):
        read_npz(forged(tmp_path / "a.npz", npy(header(), b"1234"), "../x.npy"), ("x",))


def test_an_encrypted_member(tmp_path: Path) -> None:
    content = bytearray(encoded(ARRAY))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.npz").write_bytes(bytes(content))
    with pytest.raises(ArtifactError, match="can't be read"):
        read_npz(tmp_path / "a.npz", ("x",))
