"""Arrow's batches keep the order of the rows and hold any block size."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.prepare.csv import stream as csv_stream
from pipeline.prepare.csv.layout import sniff
from pipeline.prepare.csv.stream import arrow_batches, max_rows, to_array


@pytest.mark.parametrize("block", [8, 64, 1 << 20])
def test_batches_hold_the_columns_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(csv_stream, "BLOCK_BYTES", block)
    monkeypatch.setattr(csv_stream, "ROWS_A_BLOCK", 2)
    path = tmp_path / "a.csv"
    path.write_text("u,label,v\n" + "".join(f'{i},"two\nlines",{255 - i}\n' for i in range(200)))
    layout = sniff(path)
    batches = list(arrow_batches(path, layout, pa.uint8(), (2, 0, 1)))
    assert all(0 < batch.num_rows <= max_rows(layout) for batch in batches)
    assert {label for batch in batches for label in batch.column(2).to_pylist()} == {"two\nlines"}
    rows = np.concatenate([to_array(batch.select([0, 1])) for batch in batches])
    assert rows.flags.c_contiguous
    assert rows.dtype == np.uint8
    np.testing.assert_array_equal(rows, [[255 - i, i] for i in range(200)])


@pytest.mark.parametrize("bad", ["256,1", "1", ",1", "x,1"])
def test_every_block_before_a_fault_is_handed_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    monkeypatch.setattr(csv_stream, "BLOCK_BYTES", 64)
    monkeypatch.setattr(csv_stream, "ROWS_A_BLOCK", 1)
    path = tmp_path / "a.csv"
    path.write_text("1,2\n" * 1000 + bad + "\n" + "1,2\n" * 1000)
    found = 0
    with pytest.raises(pa.ArrowInvalid):  # noqa: PT012 -- what came before the error is what is tested
        for batch in arrow_batches(path, sniff(path)._replace(label=None), pa.uint8(), (0, 1)):
            found += batch.num_rows
    assert 1000 - max_rows(sniff(path)) <= found <= 1000
