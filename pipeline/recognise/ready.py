"""All that answering for drawings compiles, compiled before the first of them."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from kernels.functions.losses import probabilities
from kernels.images.coverage import ink_coverage
from kernels.images.orientation import orientations
from kernels.layers.convolution import filter_outputs
from kernels.layers.packed import pack
from kernels.machine.blocks import padded
from kernels.network.inference import NARROW, infer
from kernels.types import ACTIVATIONS
from pipeline.compiling import Part, Progress, compile_parts
from pipeline.model.classify import classifier
from pipeline.recognise.number import image_shape_of, in_training_range
from pipeline.recognise.strokes.rasterize import render
from pipeline.types import Artifact, Bytes, Drawing

DOT = Drawing((np.zeros((1, 2), np.float32),))


def make_ready(artifact: Artifact, show: Callable[[Progress], None] = lambda _: None) -> float:
    """Compile (or load from disk) what a model of images answers with; return the seconds that it took.

    `show` is as for `compile_parts`. Raises ConfigError if the model's rows are no images.
    """
    one = artifact._replace(others=())  # they all go the same way
    uses = (infer, probabilities, *((orientations, filter_outputs) if artifact.config.filters else ()))
    leaves_out_zeros = not artifact.config.filters and padded(artifact.params[0].bias.size) > NARROW
    other_way = (f"{infer.__module__}.{'_some_dense' if leaves_out_zeros else '_some_sparse'}",)
    parts = [
        Part(_answer_one, (one,), uses, other_way),
        Part(_answer_two, (one,), (infer,), other_way),
        Part(render, (DOT, image_shape_of(artifact)), (ink_coverage,)),
    ]
    return compile_parts(parts, show)


def _answer_one(artifact: Artifact) -> None:
    """Answer for a black image."""
    classifier(artifact)(_black(1, artifact))


def _answer_two(artifact: Artifact) -> None:
    """Answer for two, which go another way than one: after the filters, which are another part's to compile."""
    layers, features = pack(artifact.params), _black(2, artifact)
    if artifact.config.filters:
        layers, features = layers[1:], np.zeros((2, layers[1].fan_in), np.float32)
    shift, scale = np.zeros(features.shape[1], np.float32), np.ones(features.shape[1], np.float32)
    infer(layers, features, shift, scale, ACTIVATIONS[artifact.config.activation])


def _black(count: int, artifact: Artifact) -> Bytes | npt.NDArray[np.float32]:
    """Return black images, (count, d), as the network is given drawings."""
    height, width = image_shape_of(artifact)
    return in_training_range(np.zeros((count, height * width), np.uint8), artifact)
