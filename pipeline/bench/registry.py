"""Which systems there are, and where each one's module and package are to be found."""

from typing import NamedTuple


class Entry(NamedTuple):
    """A system that can be measured.

    Attributes
    ----------
    module : str
        Where its `limited` and `open_system` are.
    packages : tuple of str
        What to install for it.
    trains : bool
        False for a library that only predicts.
    """

    module: str
    packages: tuple[str, ...]
    trains: bool = True


SCRAWL, NUMPY = "scrawl", "numpy"
SYSTEMS = {
    SCRAWL: Entry("pipeline.bench.scrawl_system", ("numba",)),
    NUMPY: Entry("pipeline.bench.numpy_system", ("numpy",)),
    "scikit-learn": Entry("pipeline.bench.peers.scikit_learn", ("scikit-learn",)),
    "torch": Entry("pipeline.bench.peers.torch_eager", ("torch",)),
    "jax": Entry("pipeline.bench.peers.jax_scan", ("jax",)),
    "onnxruntime": Entry("pipeline.bench.peers.onnx_runtime", ("onnxruntime", "onnx"), trains=False),
}
