"""One file of several is fetched, read, and spoken of by its own name."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import DataError, OutputError
from pipeline.files import sha256_of
from pipeline.prepare.csv.table import CsvOptions, layout_of, rules_for, table_of
from pipeline.prepare.sources.inputs import Input, expanded
from pipeline.prepare.sources.parts import Job, Local, Read, localised, part_of, read_part
from pipeline.prepare.table import Table
from tests.mirror import mirror
from tests.tables import rows_of

FIRST = "label,a,b\n" + "".join(f"{i % 3},{i}.5,{i * 2}\n" for i in range(20))
SECOND = "# more\nlabel,a,b\n1,7.5,8\n9,7.5,8\n"


def read(folder: Path, *files: Input) -> tuple[Table, list[Read]]:
    """Read files of one table in this process."""
    first = localised(files[0], folder, 0)
    layout = layout_of(first.path, CsvOptions())
    rules = rules_for(first.path, layout, CsvOptions(), None)
    local: list[Input | Local] = [first, *files[1:]]
    jobs = [Job(file, number, folder, layout, first.name, rules) for number, file in enumerate(local)]
    reads = [read_part(job) for job in jobs]
    parts = [part_of(job, each) for job, each in zip(jobs, reads, strict=True)]
    return table_of("files", layout, parts, CsvOptions()), reads


def test_what_is_fetched_is_read_like_what_is_here(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / "first.csv").write_text(FIRST)
    with mirror({"first.csv": FIRST.encode(), "second.csv": SECOND.encode()}) as server:
        urls = expanded([f"{server.url('fine')}{name}.csv" for name in ("first", "second")], "--train")
        here = Input("first.csv", tmp_path / "first.csv")
        for files in ((here, urls[1]), (urls[0], urls[1])):
            table, (one, two) = read(kept, *files)
            assert table.class_names == ("0", "1", "2", "9")
            features, labels = rows_of(table)
            np.testing.assert_array_equal(features[-2:], [[7.5, 8], [7.5, 8]])
            np.testing.assert_array_equal(labels[-3:], [1, 1, 3])
            assert one.sha256 == sha256_of(tmp_path / "first.csv")
            assert two.notes == (f"{urls[1].name}: what stands at the top is passed over as comments (lines: 1)",)
            assert not list(kept.glob("*.csv")), "a copy goes as soon as it is read"
        assert server.asked == ["/fine/second.csv", "/fine/first.csv", "/fine/second.csv"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (SECOND.replace("8\n9", "x\n9"), r"/fine/second.csv, line 3, column 3 \('b'\): expected a number, found 'x'"),
        (SECOND.replace("b", "c", 2), r"/fine/second.csv, line 2: expected the columns of first.csv, found no column"),
        ("", r"/fine/second.csv: expected a table, found an empty file"),
    ],
)
def test_a_fault_is_told_of_the_address(tmp_path: Path, content: str, fault: str) -> None:
    (tmp_path / "first.csv").write_text(FIRST)
    with mirror({"second.csv": content.encode()}) as server, pytest.raises(DataError, match=fault) as raised:
        read(tmp_path, Input("first.csv", tmp_path / "first.csv"), *expanded([f"{server.url('fine')}second.csv"], ""))
    assert str(tmp_path) not in str(raised.value)


def test_where_nothing_can_be_written_the_folder_for_the_results_is_named(tmp_path: Path) -> None:
    (tmp_path / "first.csv").write_text(FIRST)
    with pytest.raises(OutputError, match=rf"^{tmp_path}: can't be written: No such file"):
        read(tmp_path / ".unfinished-1", Input("first.csv", tmp_path / "first.csv"))
