"""Stored arrays come back as they were, or with the reason why not."""

import io
import os
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from pipeline import archive
from pipeline.archive import AnyArray, decode, encode, read_archive, write_archive
from pipeline.errors import ArtifactError
from tests.forging import header, npy, sealed, zipped

SMALL: dict[str, AnyArray] = {
    "layer0.weight": np.arange(6, dtype=np.float32).reshape(3, 2),
    "steps": np.array([1, -2], np.int64),
}
CONTENT = encode(SMALL, {"format": "a test", "schema": 1})
MANIFEST = ("manifest.json", b"{}")
FOUR = bytes(4)

names = st.from_regex(archive.NAME, fullmatch=True).filter(lambda name: len(name) < 60)
dtypes = st.sampled_from([np.dtype(name) for name in archive.DTYPES])
arrays = hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
manifests = st.dictionaries(st.text(), values, max_size=4)
literals = st.recursive(
    leaves | st.sampled_from(["<f4", "|O", "x"]) | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner) | st.tuples(inner, inner) | st.tuples(inner, inner, inner)
    ),
    max_leaves=8,
)


def assert_same(found: dict[str, AnyArray], expected: dict[str, AnyArray]) -> None:
    assert list(found) == list(expected)
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()


@given(st.dictionaries(names, arrays, max_size=4), manifests)
def test_what_goes_in_comes_out(stored: dict[str, AnyArray], manifest: dict[str, Any]) -> None:
    content = encode(stored, manifest)
    found, found_manifest = decode(content, "x.npz")
    assert_same(found, stored)
    assert found_manifest == manifest
    assert encode(found, found_manifest) == content


def test_numpy_opens_it() -> None:
    with np.load(io.BytesIO(CONTENT)) as opened:
        assert_same({name: opened[name] for name in SMALL}, SMALL)


@pytest.mark.parametrize("array", [np.arange(24.0).reshape(4, 6)[::2, ::3], np.asfortranarray(np.eye(3, 2))])
def test_the_layout_in_memory_leaves_no_trace(array: AnyArray) -> None:
    assert encode({"a": array}, {}) == encode({"a": array.copy(order="C")}, {})


def test_arrays_come_back_aligned_and_read_only_for_good() -> None:
    for array in decode(CONTENT, "x.npz")[0].values():
        assert array.flags.aligned
        assert array.flags.c_contiguous
        with pytest.raises(ValueError, match="cannot set WRITEABLE"):
            array.flags.writeable = True


def test_the_order_of_the_manifest_leaves_no_trace() -> None:
    assert encode({}, {"b": 1, "a": {"d": 2, "c": 3}}) == encode({}, {"a": {"c": 3, "d": 2}, "b": 1})


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_archive(tmp_path / "x.npz", SMALL, {"format": "a test", "schema": 1})
    assert (tmp_path / "x.npz").read_bytes() == CONTENT
    assert_same(read_archive(tmp_path / "x.npz")[0], SMALL)


def test_every_truncation_is_refused() -> None:
    for length in range(len(CONTENT)):
        with pytest.raises(ArtifactError, match=r"x\.npz: "):
            decode(CONTENT[:length], "x.npz")


def test_every_flipped_bit_is_refused() -> None:
    changed = bytearray(CONTENT)
    for position in range(len(CONTENT)):
        for bit in range(8):
            changed[position] ^= 1 << bit
            with pytest.raises(ArtifactError, match=r"x\.npz: "):
                decode(bytes(changed), "x.npz")
            changed[position] ^= 1 << bit


def test_a_byte_more_is_refused() -> None:
    with pytest.raises(ArtifactError, match="expected a sha256 sum at its end"):
        decode(CONTENT + b"\n", "x.npz")


def test_every_forged_bit_is_refused_or_harmless() -> None:
    """A flipped bit under a right checksum: an `ArtifactError`, or arrays of no more bytes than the file has."""
    for position in range(len(CONTENT) - 64):
        for bit in range(8):
            changed = bytearray(CONTENT)
            changed[position] ^= 1 << bit
            try:
                found, _ = decode(sealed(bytes(changed)), "x.npz")
            except ArtifactError:
                continue
            assert sum(array.nbytes for array in found.values()) == sum(array.nbytes for array in SMALL.values())


@given(st.binary(max_size=300))
def test_no_bytes_lead_astray(content: bytes) -> None:
    for junk in (content, b"PK\x03\x04" + content, sealed(b"PK\x03\x04" + content + b"sha256:" + bytes(64))):
        with pytest.raises(ArtifactError, match=r"x\.npz: "):
            decode(junk, "x.npz")


@given(st.text(st.characters(max_codepoint=255), max_size=80))
def test_no_header_of_an_array_leads_astray(text: str) -> None:
    with pytest.raises(ArtifactError, match=r"x\.npz: "):
        decode(zipped([MANIFEST, ("a.npy", npy(text, FOUR))]), "x.npz")


@given(literals, st.tuples() | st.tuples(st.integers()) | literals)
def test_no_description_of_an_array_leads_astray(descr: object, shape: object) -> None:
    text = repr({"descr": descr, "fortran_order": False, "shape": shape})
    hypothesis.assume(text.isascii())
    with pytest.raises(ArtifactError, match=r"x\.npz: "):
        decode(zipped([MANIFEST, ("a.npy", npy(text, b"odd"))]), "x.npz")


HEADERS = {
    "more than is there": (header("(1000000000000,)"), "expected 4,000,000,000,000 bytes for the shape"),
    "less than is there": (header("()"), "expected 4 bytes for the shape (), found 8"),
    "an overflow": (header("(2305843009213693952, 8)"), "expected 73,786,976,294,838,206,464 bytes"),
    "an overflow times 0": (header("(0, 1208925819614629174706176)"), "expected 0 bytes"),
    "a negative length": (header("(-1, -2)"), "expected lengths in C order, found (-1, -2)"),
    "a boolean length": (header("(True, 2)"), "expected lengths in C order"),
    "too many axes": (header("(" + "1, " * 99 + "2)"), "maximum supported dimension"),
    "Fortran order": (header("(2, 1)", order="True"), "found (2, 1) in Fortran order"),
    "pickled objects": (
        header("(1,)", "'|O'"),
        "a.npy: expected one of <f2, <f4, <f8, <i8, |i1, |u1 as type of the values, found |O",
    ),
    "short integers": (header("(4,)", "'<i2'"), "found <i2"),
    "big-endian": (header("(2,)", "'>f4'"), "found >f4"),
    "a record": (header("(2,)", "[('x', '<f4')]"), "found |V4"),
    "no type": (header("(2,)", "'nonsense'"), "descr is not a valid dtype"),
    "a long header": (header("(2,)") + " " * 2000, "is large"),
    "a deep header": ("(" * 900, ""),  # why it can not be parsed depends on the version of Python
    "deep minuses": (header("-" * 950 + "1"), ""),
    "no header": ("import os", "Cannot parse header"),
}


@pytest.mark.parametrize(("text", "fault"), HEADERS.values(), ids=HEADERS)
def test_a_forged_array_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        decode(zipped([MANIFEST, ("a.npy", npy(text, bytes(8)))]), "x.npz")
    assert fault in str(caught.value)


GOOD = npy(header("(1,)"), FOUR)
MEMBERS = {
    "no manifest": ([("a.npy", GOOD)], "manifest.json is missing"),
    "a list as manifest": ([("manifest.json", b"[]")], "manifest.json: expected an object, found list"),
    "no JSON": ([("manifest.json", b"{")], "Expecting property name"),
    "no text": ([("manifest.json", b"\xff\xfe\xfd")], "codec can't decode"),
    "NaN": ([("manifest.json", b'{"a": NaN}')], "expected numbers, found NaN"),
    "a bottomless manifest": ([("manifest.json", b"[" * 100_000)], "recursion"),
    "an endless number": ([("manifest.json", b'{"a": ' + b"9" * 5000 + b"}")], "digits"),
    "a path": ([MANIFEST, ("../x.npy", GOOD)], "found '../x.npy'"),
    "a root": ([MANIFEST, ("/x.npy", GOOD)], "found '/x.npy'"),
    "no name": ([MANIFEST, ("..npy", GOOD)], "found '..npy'"),
    "no array": ([MANIFEST, ("x.txt", GOOD)], "x.txt: expected an array of format 1.0"),
    "format 2": ([MANIFEST, ("x.npy", npy("{}", b"", (2, 0)))], "found (2, 0)"),
    "no magic": ([MANIFEST, ("x.npy", b"pickle me")], "magic"),
    "nothing": ([MANIFEST, ("x.npy", b"")], "EOF"),
}


@pytest.mark.parametrize(("members", "fault"), MEMBERS.values(), ids=MEMBERS)
def test_a_forged_member_is_refused(members: list[tuple[str, bytes]], fault: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        decode(zipped(members), "x.npz")
    assert fault in str(caught.value)


def test_a_name_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = zipped([MANIFEST, ("a.npy", GOOD), ("a.npy", GOOD)])
    with pytest.raises(ArtifactError, match=r"each of them once, found 'a\.npy'"):
        decode(content, "x.npz")


def test_a_name_with_a_zero_inside_is_refused() -> None:
    content = zipped([MANIFEST, ("a_b.npy", GOOD)]).replace(b"a_b.npy", b"a.npy\0b")
    with pytest.raises(ArtifactError, match="expected 154 bytes of members, found 152"):
        decode(sealed(content), "x.npz")


def test_an_empty_array_of_absurd_shape_is_refused() -> None:
    content = zipped([MANIFEST, ("a.npy", npy(header("(0, 1208925819614629174706176)"), b""))])
    with pytest.raises(ArtifactError, match="Maximum allowed dimension"):
        decode(content, "x.npz")


def test_a_zip_bomb_is_refused_unopened() -> None:
    bomb = zipped([MANIFEST, ("a.npy", npy(header("(4194304,)"), bytes(2**24)))], zipfile.ZIP_DEFLATED, 1)
    tracemalloc.start()
    with pytest.raises(ArtifactError, match="expected it stored as it is, found it packed"):
        decode(bomb, "x.npz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20, "of the 16 MiB that the bomb would unpack to"


@pytest.mark.parametrize(("offset", "value"), [(8, 1), (10, 8), (20, 5)], ids=["encrypted", "deflated", "other size"])
def test_a_member_that_claims_to_be_packed_is_refused(offset: int, value: int) -> None:
    changed = bytearray(CONTENT)
    changed[CONTENT.index(b"PK\x01\x02") + offset] = value
    with pytest.raises(ArtifactError, match=r"manifest\.json: expected it stored as it is"):
        decode(sealed(bytes(changed)), "x.npz")


@pytest.mark.parametrize("offset", [0, 16, 20], ids=["no end", "elsewhere", "other comment"])
def test_an_end_that_does_not_fit_is_refused(offset: int) -> None:
    changed = bytearray(CONTENT)
    changed[CONTENT.index(b"PK\x05\x06") + offset] ^= 1
    with pytest.raises(ArtifactError, match="expected a zip that ends in its table of contents"):
        decode(sealed(bytes(changed)), "x.npz")


def test_a_gap_between_members_is_refused() -> None:
    start = CONTENT.index(b"PK\x03\x04", 4)
    directory = CONTENT.index(b"PK\x01\x02")
    entry = CONTENT.index(b"PK\x01\x02", directory + 4)
    last = CONTENT.rindex(b"PK\x01\x02", 0, CONTENT.index(b"PK\x05\x06"))
    assert start < directory < entry < last
    # Without its middle entry the table of contents no longer covers the file.
    size = len(CONTENT[directory : CONTENT.index(b"PK\x05\x06")]) - (last - entry)
    end = CONTENT[CONTENT.index(b"PK\x05\x06") :]
    end = end[:8] + b"\x02\x00\x02\x00" + size.to_bytes(4, "little") + end[16:]
    with pytest.raises(ArtifactError, match=r"steps.npy: expected at byte \d+, found at \d+"):
        decode(sealed(CONTENT[:entry] + CONTENT[last : CONTENT.index(b"PK\x05\x06")] + end), "x.npz")


def test_bytes_before_the_table_of_contents_are_refused() -> None:
    directory, end = CONTENT.index(b"PK\x01\x02"), CONTENT.index(b"PK\x05\x06")
    moved = (directory + 5).to_bytes(4, "little")
    content = CONTENT[:directory] + b"extra" + CONTENT[directory : end + 16] + moved + CONTENT[end + 20 :]
    with pytest.raises(ArtifactError, match="bytes of members"):
        decode(sealed(content), "x.npz")


def test_the_zip64_format_is_refused() -> None:
    end = CONTENT.index(b"PK\x05\x06")
    directory = CONTENT.index(b"PK\x01\x02")
    size = (end + 20 - directory).to_bytes(4, "little")
    content = CONTENT[:end] + b"PK\x06\x07" + bytes(16) + CONTENT[end : end + 12] + size + CONTENT[end + 16 :]
    with pytest.raises(ArtifactError, match="found the zip64 format"):
        decode(sealed(content), "x.npz")


BOUNDS = {
    "MAX_BYTES": "its size: expected at most 9 bytes",
    "MAX_MANIFEST_BYTES": "manifest.json: expected at most 9 bytes, found 37",
    "MAX_DIRECTORY_BYTES": "table of contents: expected at most 9 bytes",
}


@pytest.mark.parametrize("name", ["MAX_MANIFEST_BYTES", "MAX_DIRECTORY_BYTES"])
def test_what_is_too_large_is_not_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, name, 9)
    with pytest.raises(ArtifactError, match=BOUNDS[name]):
        decode(CONTENT, "x.npz")


@pytest.mark.parametrize("name", ["MAX_BYTES", "MAX_MANIFEST_BYTES"])
def test_what_is_too_large_is_not_written(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, name, 9)
    with pytest.raises(ArtifactError, match=f"can't be stored: {BOUNDS[name]}"):
        encode(SMALL, {"format": "a test", "schema": 1})


def test_a_giant_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    path.touch()
    os.truncate(path, archive.MAX_BYTES + 1)  # takes no room on the disk
    with pytest.raises(ArtifactError, match="expected at most 1,073,741,824 bytes, found 1,073,741,825"):
        read_archive(path)


UNSTORABLE: dict[str, tuple[dict[str, AnyArray], dict[str, Any], str]] = {
    "a path": ({"../x": np.zeros(1)}, {}, "found '../x'"),
    "objects": ({"x": np.array([{}])}, {}, r"x: expected one of .*, found \|O"),
    "short integers": ({"x": np.zeros(1, np.int16)}, {}, "found <i2"),
    "NaN in the manifest": ({}, {"loss": float("nan")}, "Out of range float values"),
    "a set in the manifest": ({}, {"sizes": {1}}, "not JSON serializable"),
}


@pytest.mark.parametrize(("stored", "manifest", "fault"), UNSTORABLE.values(), ids=UNSTORABLE)
def test_what_could_not_be_read_is_not_written(
    stored: dict[str, AnyArray], manifest: dict[str, Any], fault: str, tmp_path: Path
) -> None:
    with pytest.raises(ArtifactError, match=fault):
        write_archive(tmp_path / "x.npz", stored, manifest)
    assert not list(tmp_path.iterdir())


def test_no_file_a_folder_and_a_pipe_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"expected a file, found none\. Do this\."):
        read_archive(tmp_path / "x.npz", "Do this.")
    with pytest.raises(ArtifactError, match=r"expected a file, found a folder\. Restore a copy"):
        read_archive(tmp_path)
    with pytest.raises(ArtifactError, match="can't be read: expected a plain file, found a device"):
        read_archive(Path(os.devnull))


def test_what_the_system_refuses_to_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    write_archive(tmp_path / "x.npz", SMALL, {})
    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(ArtifactError, match=r"x.npz: can't be read: Permission denied\. Restore"):
        read_archive(tmp_path / "x.npz")
