"""`prepare` from end to end: four outputs together or none, the same bytes each time, and memory that does not grow."""

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import DataError, OutputError
from pipeline.files import STAGE, sha256_of
from pipeline.prepare.run import prepare, report_to_json
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.prepare.sources.sample import find_sample
from pipeline.prepare.store.arrays import load_arrays
from pipeline.prepare.store.columnar import read_parquet
from pipeline.staging import LOCK
from tests.conftest import ROOT, mnist_folder
from tests.mirror import refusing
from tests.places import run_with_room, unwritable
from tests.s3_server import s3_server
from tests.tables import digits, idx_files, rows_of, write_csv, write_files

OUTPUTS = {"arrays.npz", "manifest.json", "test.parquet", "train.parquet"}
IMAGES, LABELS = digits(30)
ROWS = IMAGES.reshape(30, 784)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("[!.]*")}


@pytest.fixture(name="request_")
def request_for_small_idx_files(in_tmp_path: Path) -> PrepareRequest:
    return PrepareRequest(out=in_tmp_path / "out", data=write_files(in_tmp_path / "data", idx_files()))


def test_what_is_written_and_told(request_: PrepareRequest) -> None:
    report = prepare(request_, {})
    assert set(contents(request_.out)) == OUTPUTS
    told = report_to_json(report)
    images = sha256_of(request_.data / "train-images-idx3-ubyte.gz")
    assert told["train"] == {"rows": 50, "features": 784, "classes": 10, "sha256": images}
    assert told["test"]["rows"] == 20
    assert told["out"] == str(request_.out)
    assert told["source"] == f"IDX files in {request_.data}"
    assert told["notes"] == []
    assert 0 < told["seconds"] < 60
    assert json.loads(json.dumps(told)) == told


def test_the_manifest_has_it_all(request_: PrepareRequest) -> None:
    prepare(request_._replace(seed=3), {})
    manifest = json.loads((request_.out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["outputs"] == {name: sha256_of(request_.out / name) for name in OUTPUTS - {"manifest.json"}}
    inputs = {**manifest["train"]["inputs"], **manifest["test"]["inputs"]}
    assert inputs == {path.name: sha256_of(path) for path in request_.data.iterdir()}
    assert manifest["class_names"] == list("0123456789")
    assert manifest["image_shape"] == [28, 28]
    assert manifest["dtype"] == "uint8"
    assert manifest["transposed"] is False
    assert manifest["seed"] == 3
    assert manifest["versions"]["numpy"] == np.__version__


def test_parquet_and_arrays_hold_the_rows_of_the_input(request_: PrepareRequest) -> None:
    prepare(request_, {})
    data = load_arrays(request_.out)
    for name, split, made in (("train", data.train, digits(50)), ("test", data.test, digits(20, seed=1))):
        features, labels = rows_of(read_parquet(request_.out / f"{name}.parquet"))
        for found in (features, split.features):
            np.testing.assert_array_equal(found.reshape(-1, 28, 28), made[0])
        for indices in (labels, split.labels):
            np.testing.assert_array_equal(indices, made[1])


def test_real_digits(in_tmp_path: Path) -> None:
    folder = mnist_folder()
    environ = {"SCRAWL_MNIST": str(folder)} if folder else {"SCRAWL_MIRRORS": refusing()}
    report = prepare(PrepareRequest(out=in_tmp_path / "out", data=in_tmp_path / "data"), environ)
    data = load_arrays(report.out)
    assert (len(data.train.labels), len(data.test.labels)) == ((60_000, 10_000) if folder else (4_000, 1_000))
    mean = data.train.features.mean() / 255
    assert mean == pytest.approx(0.1307, abs=1e-4 if folder else 5e-3)
    assert "sample" in report.source or folder == Path(report.source.removeprefix("IDX files in "))
    assert find_sample() is not None


def test_the_same_bytes_each_time_and_from_csv_too(request_: PrepareRequest, tmp_path: Path) -> None:
    prepare(request_, {})
    first = contents(request_.out)
    prepare(request_, {})
    assert contents(request_.out) == first
    train, test = digits(50), digits(20, seed=1)
    named = request_._replace(
        out=tmp_path / "csv",
        train=write_csv(tmp_path / "a.csv", train[0].reshape(50, 784), train[1]),
        test=write_csv(tmp_path / "b.csv", test[0].reshape(20, 784), test[1]),
    )
    prepare(named, {})
    assert (named.out / "arrays.npz").read_bytes() == first["arrays.npz"]


def test_numbers_that_are_no_images(in_tmp_path: Path) -> None:
    features = np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32)
    path = write_csv(in_tmp_path / "flowers.csv", features, LABELS % 2, "abc".__getitem__)
    report = prepare(PrepareRequest(out=in_tmp_path / "out", train=path), {})
    data = load_arrays(report.out)
    assert (report.train.features, report.train.classes) == (3, 2)
    assert data.train.features.dtype == np.float32
    assert data.train.image_shape is None
    assert len(data.train.labels) + len(data.test.labels) == 30


def test_one_class_is_no_choice(in_tmp_path: Path) -> None:
    path = write_csv(in_tmp_path / "a.csv", ROWS, LABELS * 0)
    with pytest.raises(DataError, match="expected labels of two classes or more, found only '0'"):
        prepare(PrepareRequest(out=in_tmp_path / "out", train=path), {})


def test_a_fault_that_shows_late_leaves_the_earlier_outputs(request_: PrepareRequest) -> None:
    prepare(request_, {})
    before = contents(request_.out)
    images = request_.data / "t10k-images-idx3-ubyte.gz"
    images.write_bytes(images.read_bytes()[:-20])
    with pytest.raises(DataError, match="truncated"):
        prepare(request_, {})
    assert contents(request_.out) == before


def test_a_fault_at_the_first_run_leaves_nothing(request_: PrepareRequest) -> None:
    images = request_.data / "t10k-images-idx3-ubyte.gz"
    images.write_bytes(images.read_bytes()[:-20])
    with pytest.raises(DataError, match="truncated"):
        prepare(request_, {})
    assert not request_.out.exists()


def test_a_file_in_the_way(request_: PrepareRequest) -> None:
    request_.out.write_text("mine")
    with pytest.raises(OutputError, match=r"out: can't be written: (File exists|Not a directory)"):
        prepare(request_, {})
    assert request_.out.read_text() == "mine"


def test_no_permission(request_: PrepareRequest) -> None:
    with unwritable() as folder, pytest.raises(OutputError, match="can't be written"):
        prepare(request_._replace(out=folder / "out"), {})


FULL = """
import sys
from pathlib import Path
from pipeline.errors import OutputError
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest

small, large, out = (Path(name) for name in {names!r})
contents = lambda: {{path.name: path.read_bytes() for path in out.glob("[!.]*")}}
prepare(PrepareRequest(out=out, data=small), {{}})
before = contents()
try:
    prepare(PrepareRequest(out=out, data=large, overwrite=True), {{}})
except OutputError as error:
    print(error)
else:
    sys.exit("there was room")
assert contents() == before, sorted(contents())
"""


@pytest.mark.parametrize("kilobytes", [300, 1000, 1500])
def test_a_full_disk_leaves_the_earlier_outputs(tmp_path: Path, kilobytes: int) -> None:
    small = write_files(tmp_path / "small", idx_files(20, 10))
    large = write_files(tmp_path / "large", idx_files(1000, 200))
    names = [str(small), str(large), str(tmp_path / "full" / "out")]
    ended = run_with_room(
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{FULL.format(names=names)}", tmp_path / "full", kilobytes
    )
    assert ended.returncode == 0, ended.stderr
    assert "can't be written: " in ended.stdout


def test_several_files_give_the_same_bytes_whatever_the_number_of_workers(in_tmp_path: Path) -> None:
    whole = write_csv(in_tmp_path / "whole.csv", ROWS, LABELS)
    for i, start in enumerate(range(0, 30, 10)):
        write_csv(in_tmp_path / f"part-{i + 9}.csv", ROWS[start : start + 10], LABELS[start : start + 10])
    requests = {
        "one": PrepareRequest(Path("one"), ["part-*.csv"], ["whole.csv"], workers=1),
        "two": PrepareRequest(Path("two"), ["part-*.csv"], ["whole.csv"], workers=2),
        "whole": PrepareRequest(Path("whole"), whole, whole),
    }
    for request in requests.values():
        prepare(request, {})
    first, second, together = (contents(request.out) for request in requests.values())
    assert first == second
    assert set(first) == OUTPUTS
    assert {name for name in first if first[name] != together[name]} == {"manifest.json"}
    train = json.loads(first["manifest.json"])["train"]
    assert train["inputs"] == {f"part-{i}.csv": sha256_of(Path(f"part-{i}.csv")) for i in (9, 10, 11)}
    assert train["sha256"] == sha256_of(Path("part-9.csv"))
    assert sorted(path.name for path in Path("two").glob(".*")) == [LOCK]


@pytest.mark.xdist_group("bucket")
def test_files_in_a_bucket_give_the_bytes_of_those_here(in_tmp_path: Path) -> None:
    parts = [write_csv(in_tmp_path / f"part-{i}.csv", ROWS[i::2], LABELS[i::2]).read_bytes() for i in range(2)]
    prepare(PrepareRequest(Path("here"), ["part-*.csv"]), {})
    with s3_server("bucket", {f"rows/part-{i}.csv": content for i, content in enumerate(parts)}):
        prepare(PrepareRequest(Path("there"), ["s3://bucket/rows/part-*.csv"], workers=2), {})
    here, there = contents(Path("here")), contents(Path("there"))
    assert {name for name in here if here[name] != there[name]} == {"manifest.json"}
    mine, theirs = (json.loads(each["manifest.json"]) for each in (here, there))
    assert mine["train"] == theirs["train"]
    assert theirs["source"] == "CSV files s3://bucket/rows/part-0.csv to s3://bucket/rows/part-1.csv (2 files)"


@pytest.fixture(name="stalled")
def server_that_is_asked_and_never_answers() -> Iterator[tuple[str, threading.Semaphore]]:
    asked, ended = threading.Semaphore(0), threading.Event()

    class Stalled(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.release()
            ended.wait()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stalled) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        ended.set()
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("attentive")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_workers_end_with_the_command_and_leave_nothing(
    in_tmp_path: Path, stalled: tuple[str, threading.Semaphore], number: signal.Signals, code: int
) -> None:
    write_csv(in_tmp_path / "a.csv", ROWS, LABELS)
    address, asked = stalled
    files = ("a.csv", f"{address}/b.csv", f"{address}/c.csv")
    options = [part for file in files for part in ("--train", file)]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), "prepare", *options, "--workers=2", "--out=out"],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    for _ in files[1:]:
        assert asked.acquire(timeout=60)  # by each of the workers
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does
    else:
        process.send_signal(number)
    _, errors = process.communicate(timeout=60)  # workers have both ends, too: this waits for them
    assert process.returncode == code
    if number == signal.SIGKILL:
        assert [path.name.startswith(STAGE) for path in Path("out").iterdir() if path.name != LOCK] == [True]
        prepare(PrepareRequest(Path("out"), Path("a.csv")), {})
        assert {path.name for path in Path("out").iterdir()} == {*OUTPUTS, LOCK}
    else:
        assert errors == {130: "interrupted\n", 143: "terminated\n"}[code]
        assert not Path("out").exists()
