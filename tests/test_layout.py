"""Tests lie where what they test lies: who changes a module knows which tests to run, and none is forgotten."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

WINDOW = "gui/window/test_app.py"  # widgets are tested together, in a real window
FILTERS = "kernels/layers/test_convolution.py"
LAYERS = "kernels/layers/test_dense.py"  # every way of computing a layer, against the layer written out
BENCH = "pipeline/bench/test_run.py"

# Libraries that the tests do without: `bench --peers` compares their answers before it times anything.
ELSEWHERE: dict[str, str | None] = {
    "gui/__main__.py": WINDOW,
    "gui/window/answer.py": WINDOW,
    "gui/window/canvas.py": WINDOW,
    "gui/window/dialogs.py": WINDOW,
    "gui/window/files.py": WINDOW,
    "gui/window/images.py": WINDOW,
    "gui/window/latency.py": WINDOW,
    "gui/window/layout.py": WINDOW,
    "kernels/functions/activations.py": "kernels/machine/test_elementary.py",
    "kernels/images/affine.py": "kernels/images/test_distort.py",
    "kernels/images/curves.py": "kernels/images/test_strokes.py",
    "kernels/images/drawings.py": "pipeline/recognise/test_mnist_form.py",
    "kernels/images/elastic.py": "kernels/images/test_distort.py",
    "kernels/images/hand.py": "kernels/images/test_strokes.py",
    "kernels/images/matrices.py": "kernels/images/test_distort.py",
    "kernels/images/thickness.py": "kernels/images/test_distort.py",
    "kernels/layers/first_layer.py": "kernels/network/test_epoch.py",
    "kernels/layers/microkernels.py": LAYERS,
    "kernels/layers/sparse.py": LAYERS,
    "kernels/layers/sparse_batch.py": LAYERS,
    "kernels/layers/standardize.py": "kernels/network/test_inference.py",
    "kernels/machine/blocks.py": "kernels/layers/test_packed.py",
    "kernels/machine/llvm.py": "kernels/machine/test_simd.py",
    "kernels/machine/llvm_arithmetic.py": "kernels/machine/test_simd.py",
    "kernels/machine/vectors.py": "kernels/machine/test_simd.py",
    "kernels/machine/threads.py": "kernels/network/test_inference.py",
    "kernels/params.py": "kernels/network/test_passes.py",
    "kernels/reference.py": "kernels/network/test_passes.py",  # it is what the others are held to
    "kernels/types.py": "kernels/network/test_passes.py",
    "pipeline/bench/data.py": BENCH,
    "pipeline/bench/kernels.py": BENCH,
    "pipeline/bench/machine.py": BENCH,
    "pipeline/bench/networks.py": BENCH,
    "pipeline/bench/peers/jax_scan.py": None,
    "pipeline/bench/peers/onnx_runtime.py": None,
    "pipeline/bench/peers/scikit_learn.py": None,
    "pipeline/bench/peers/torch_eager.py": None,
    "pipeline/bench/processes.py": "pipeline/bench/test_contest.py",
    "pipeline/bench/racer.py": "pipeline/bench/test_race.py",
    "pipeline/bench/rows.py": BENCH,
    "pipeline/bench/scrawl_system.py": "pipeline/bench/test_numpy_network.py",
    "pipeline/bench/system.py": "pipeline/bench/test_agreement.py",
    "pipeline/bench/timing.py": BENCH,
    "pipeline/contents.py": "pipeline/train/test_checkpoint.py",
    "pipeline/model/classify.py": "pipeline/model/test_answerable.py",
    "pipeline/prepare/csv/header.py": "pipeline/prepare/csv/test_layout.py",
    "pipeline/prepare/store/drawn.py": "pipeline/recognise/test_drawn.py",
    "pipeline/prepare/table.py": "pipeline/prepare/csv/test_table.py",
    "pipeline/recognise/sketches/constructed.py": "pipeline/recognise/sketches/test_digits.py",
    "pipeline/recognise/sketches/signs.py": "pipeline/recognise/sketches/test_letters.py",
    "pipeline/rules.py": "pipeline/test_config.py",
    "pipeline/threads.py": "pipeline/train/test_loop.py",
    "pipeline/train/preview.py": "pipeline/train/test_augment.py",
    "pipeline/train/reachable.py": "pipeline/train/test_checkpoint.py",
    "pipeline/train/streams.py": "pipeline/train/test_initial.py",
    "pipeline/types.py": "pipeline/test_config.py",
}
"""Modules without a test module of their own, and the one that tests them."""

LAYERS_OF_THE_HOUSE = ("kernels", "pipeline", "gui")


def modules() -> list[str]:
    found = [path for layer in LAYERS_OF_THE_HOUSE for path in sorted((ROOT / layer).rglob("*.py"))]
    return [path.relative_to(ROOT).as_posix() for path in found if path.name != "__init__.py"]


def own_tests_of(module: str) -> str:
    path = Path(module)
    return (path.parent / f"test_{path.name}").as_posix()


@pytest.mark.parametrize("module", modules())
def test_every_module_has_its_tests_or_is_named(module: str) -> None:
    has_its_own = (ROOT / "tests" / own_tests_of(module)).is_file()
    assert has_its_own != (module in ELSEWHERE), "either, and not both"
    if elsewhere := ELSEWHERE.get(module):
        assert (ROOT / "tests" / elsewhere).is_file()


def test_who_is_named_exists() -> None:
    assert not set(ELSEWHERE) - set(modules())


def test_every_test_in_a_folder_is_one_of_a_module_there() -> None:
    tests = [path for layer in LAYERS_OF_THE_HOUSE for path in (ROOT / "tests" / layer).rglob("test_*.py")]
    found = {path.relative_to(ROOT / "tests").as_posix() for path in tests}
    assert not found - set(map(own_tests_of, modules()))
