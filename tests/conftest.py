"""What every test shares: hypothesis profiles, real digits, and no silent skips."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import coverage
import hypothesis
import pytest

from tests.untraced import import_untraced, uncounted

if TYPE_CHECKING:
    from pipeline.types import Artifact

TESTS = Path(__file__).parent
ROOT = TESTS.parent
MNIST_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
# What calls no kernel does the same with the JIT and without: it is tested in the run without, which counts branches.
# Counting takes half of the time: tests of the whole program, which lie at the top, are left to the run with the JIT.
PLAIN = (
    "gui/test_board.py", "gui/test_shapes.py", "gui/test_words.py", "gui/test_worker.py",
    "pipeline/bench/test_agreement.py", "pipeline/bench/test_document.py", "pipeline/bench/test_pictures.py",
    "pipeline/bench/test_tables.py", "pipeline/model/test_shapes.py", "pipeline/model/test_storage.py",
    "pipeline/prepare", "pipeline/recognise/pictures/test_background.py",
    "pipeline/recognise/pictures/test_binarize.py", "pipeline/recognise/pictures/test_decode.py",
    "pipeline/recognise/pictures/test_pieces.py", "pipeline/recognise/pictures/test_rulings.py",
    "pipeline/recognise/sketches/test_digits.py", "pipeline/recognise/sketches/test_hand.py",
    "pipeline/recognise/sketches/test_letters.py", "pipeline/recognise/sketches/test_mixed.py",
    "pipeline/recognise/sketches/test_outlines.py", "pipeline/recognise/sketches/test_scribbles.py",
    "pipeline/recognise/sketches/test_write.py",
    "pipeline/recognise/strokes/test_curves.py",
    "pipeline/recognise/strokes/test_entries.py", "pipeline/recognise/strokes/test_inkml",
    "pipeline/recognise/strokes/test_json_lines.py", "pipeline/recognise/strokes/test_lessons.py",
    "pipeline/recognise/strokes/test_segment.py", "pipeline/recognise/strokes/test_stroke_files.py",
    "pipeline/recognise/strokes/test_unipen", "pipeline/report", "pipeline/sweep",
    "pipeline/test_archive.py", "pipeline/test_config.py", "pipeline/test_endings.py", "pipeline/test_environment.py",
    "pipeline/test_errors.py", "pipeline/test_files.py", "pipeline/test_locks.py", "pipeline/test_memory.py",
    "pipeline/test_rows.py", "pipeline/test_signals.py", "pipeline/test_staging.py", "pipeline/test_stratify.py",
    "pipeline/train/test_request.py",
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Say how hypothesis draws; import for it what tests need, unless this process only hands them to others."""
    if config.getoption("dist", "no") != "no":
        return
    import_untraced()
    from tests.strategies import OFTEN, draws  # noqa: PLC0415 -- what it imports is counted

    # Compilation counts towards hypothesis's deadline, so there is none.
    hypothesis.settings.register_profile("default", deadline=None, max_examples=draws(OFTEN), derandomize=True)
    hypothesis.settings.register_profile("thorough", deadline=None, max_examples=1000)
    hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def mnist_folder() -> Path | None:
    """Return the folder of the four original MNIST files, or None where they are not to be had."""
    named = os.environ.get("SCRAWL_MNIST")
    candidates = [Path(named)] if named else [ROOT.parent / "shared" / "mnist", ROOT / "data"]
    return next((folder for folder in candidates if all((folder / name).is_file() for name in MNIST_FILES)), None)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name bytes by how many they are: what archives are packed with holds the time, and names must not."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files unread in a run that leaves them out: a third of the collection is importing them."""
    is_left_out = {"not plain": _is_plain, "not jit": _is_of_the_whole}.get(config.option.markexpr)
    return True if is_left_out and is_left_out(collection_path) else None


def _is_plain(path: Path) -> bool:
    """Tell whether nothing in a file or folder of tests calls a kernel."""
    return path.is_relative_to(TESTS) and path.relative_to(TESTS).as_posix().startswith(PLAIN)


def _is_of_the_whole(path: Path) -> bool:
    """Tell whether a file of tests is of the whole program, or of all its files."""
    return path.parent == TESTS and path.name.startswith("test_")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Put tests in order, and let hypothesis go through all sources and all of Unicode, as it does once, uncounted."""
    _in_order(items)
    is_counting = coverage.Coverage.current() is not None
    with uncounted():
        yield
        if is_counting:
            hypothesis.find(hypothesis.strategies.text(), lambda _: True)


def _in_order(items: list[pytest.Item]) -> None:
    """Mark what calls no kernel, and begin with what takes long: two processes end at about the same time then."""
    for item in items:
        if _is_plain(item.path):
            item.add_marker("plain")
        if _is_of_the_whole(item.path):
            item.add_marker("jit")
        marks = {mark.name for mark in item.iter_markers()}
        assert not {"jit", "plain"} <= marks, f"{item.nodeid} would run neither with the JIT nor without"
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    epoch = sys.modules.get("kernels.network.epoch")
    loop = getattr(getattr(epoch, "_train_batches", None), "entry", None)  # None if the JIT is switched off
    assert loop is None or not loop.signatures, (
        "a test module trains as it is imported: every test process would compile that at once"
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which anything was skipped: a test that should run and does not is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run the test in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCRAWL_MNIST", raising=False)
    return tmp_path


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile in this process alone: there are as many test processes as cores."""
    monkeypatch.setattr("pipeline.compiling._cores", lambda: 1)


@pytest.fixture(autouse=True)
def _uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count no branches in processes that a test starts: they would take twice as long."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture
def attentive() -> Iterator[None]:
    """Let what the test starts hear Ctrl-C, which a shell has all those ignore that it starts in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a working folder with real digits in it, and a small network that has learned them."""
    from pipeline.model.artifact import save_model  # noqa: PLC0415 -- few tests need it, and it imports the kernels
    from pipeline.prepare.run import prepare  # noqa: PLC0415
    from pipeline.prepare.sources.find import PrepareRequest  # noqa: PLC0415
    from pipeline.prepare.store.arrays import load_arrays  # noqa: PLC0415
    from pipeline.types import TrainConfig  # noqa: PLC0415
    from tests.digits import trained  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("home")
    data, model = folder / "artifacts" / "data", folder / "artifacts" / "model" / "model.npz"
    prepare(PrepareRequest(out=data, data=folder / "none"), {"SCRAWL_MIRRORS": ""})
    config = TrainConfig(hidden=(64,), epochs=8, batch_size=64, validation_fraction=0.1)
    save_model(model, trained(load_arrays(data).train, config))
    return folder


@pytest.fixture(scope="session")
def images() -> "Artifact":
    """Return a small network of images."""
    from tests.digits import blobs, trained  # noqa: PLC0415 -- as above

    return trained(blobs(rows=60))


@pytest.fixture(scope="session")
def table() -> "Artifact":
    """Return a small network of a table's rows."""
    from tests.digits import blobs, trained  # noqa: PLC0415 -- as above

    return trained(blobs(rows=60, image_shape=None))
