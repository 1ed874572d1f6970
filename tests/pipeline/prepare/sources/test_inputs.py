"""Names, patterns and URLs become files, each once and in the order in which people count."""

import os
from pathlib import Path

import pytest

from pipeline.errors import ConfigError, DataError
from pipeline.prepare.sources.inputs import Input, check_apart, expanded, inputs_by_name, kind_of, natural, told


def put(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def names_of(*named: str | Path) -> list[str]:
    return [each.name for each in expanded(named, "--train")]


def test_names_stay_in_their_order_and_patterns_count(in_tmp_path: Path) -> None:
    put("part-10.csv", "part-9.csv", "part-1.csv", "b.csv", "a.csv", "deep/er/part-2.csv", "part-3.csv/not.csv")
    assert names_of("b.csv", Path("a.csv")) == ["b.csv", "a.csv"]
    assert names_of("b.csv", "./part-*.csv", "a.csv") == ["b.csv", "part-1.csv", "part-9.csv", "part-10.csv", "a.csv"]
    assert names_of("**/part-2.csv") == ["deep/er/part-2.csv"]
    assert names_of(str(in_tmp_path / "?.csv")) == [str(in_tmp_path / "a.csv"), str(in_tmp_path / "b.csv")]


def test_secrets_in_an_address_are_not_told() -> None:
    url = "https://me:secret@host/a.csv?token=secret"
    assert expanded([url], "--train") == (Input("https://host/a.csv", None, url),)
    assert expanded(["s3://bucket/a"], "--train") == (Input("s3://bucket/a", None, "s3://bucket/a"),)
    assert expanded(["http://["], "--train")[0].name == "http://[", "who fetches it finds out"
    two = expanded([url, f"{url}2"], "--train")
    assert inputs_by_name(two, "12") == {"1: https://host/a.csv": "1", "2: https://host/a.csv": "2"}


def test_names_with_numbers_are_sorted_by_these() -> None:
    assert sorted(["x10", "x9", "x", "10", "9", "x9b", "x09"], key=natural) == [
        "9",
        "10",
        "x",
        "x09",
        "x9",
        "x9b",
        "x10",
    ]


@pytest.mark.usefixtures("in_tmp_path")
def test_a_name_that_looks_like_a_pattern() -> None:
    put("data [1].csv", "data 1.csv")
    assert names_of("data [1].csv") == ["data [1].csv"]
    os.unlink("data [1].csv")  # noqa: PTH108 -- as short as it gets
    assert names_of("data [1].csv") == ["data 1.csv"]


@pytest.mark.usefixtures("in_tmp_path")
def test_nothing_that_matches() -> None:
    put("folder/part-1.csv")
    for pattern in ("part-*.csv", "fold*"):
        with pytest.raises(DataError, match=r"\*.*: expected files that match this pattern, found none"):
            names_of(pattern)
    assert names_of("part-1.csv") == ["part-1.csv"], "who opens it says that it is missing"


@pytest.mark.usefixtures("in_tmp_path")
def test_what_is_no_file_is_told_before_others_are_read() -> None:
    put("a.csv", "folder/b.csv")
    for name, fault in (
        ("none.csv", "none.csv: no such file"),
        ("folder", "folder: expected a CSV file, found a folder"),
    ):
        with pytest.raises(DataError, match=fault):
            names_of("a.csv", name)


def test_a_file_that_is_named_twice(in_tmp_path: Path) -> None:
    put("a.csv", "b.csv")
    Path("link.csv").symlink_to("a.csv")
    for named in (["a.csv", "*.csv"], ["a.csv", str(in_tmp_path / "a.csv")], ["b.csv", "a.csv", "link.csv"]):
        with pytest.raises(ConfigError, match=r"--train: expected each file once, found \S+ twice"):
            names_of(*named)
    with pytest.raises(ConfigError, match=r"found https://host/a twice"):
        names_of("https://host/a", "https://host/a")


@pytest.mark.usefixtures("in_tmp_path")
def test_files_to_train_on_and_to_test_against() -> None:
    put("a.csv", "b.csv")
    both, first = expanded(["*.csv"], "--train"), expanded(["a.csv"], "--test")
    with pytest.raises(ConfigError, match=r"--train and --test: .* found a.csv in both"):
        check_apart(both, first)
    check_apart(first, first)  # a single file has always been allowed to be both
    check_apart(both, ())


def test_short_names_where_they_tell_files_apart() -> None:
    here = [Input("x/a.csv", Path("x/a.csv")), Input("s3://bucket/y/b.csv")]
    assert inputs_by_name(here, ["1", "2"]) == {"a.csv": "1", "b.csv": "2"}
    alike = [*here, Input("y/a.csv", Path("y/a.csv"))]
    assert inputs_by_name(alike, "123") == {"x/a.csv": "1", "s3://bucket/y/b.csv": "2", "y/a.csv": "3"}


def test_what_is_told_of_files() -> None:
    one, two = Input("a.csv"), Input("b.PARQUET")
    assert told([one]) == "a.csv"
    assert told([one, one, two]) == "a.csv to b.PARQUET (3 files)"
    assert [kind_of(files) for files in ([one], [two], [one, two])] == ["CSV ", "Parquet ", ""]
