"""ONNX Runtime, which predicts and does not train."""

from contextlib import nullcontext

import numpy as np
import onnxruntime
from onnx import ModelProto, TensorProto, helper, numpy_helper

from pipeline.bench.system import Array, Job, Labels, System, scaled

OPSET, IR_VERSION = 17, 8
"""Old enough for any ONNX Runtime in use."""

limited = nullcontext
"""The threads are an option of each session."""


def open_system(job: Job) -> System:
    """Return the network in ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = job.threads, 1
    session = onnxruntime.InferenceSession(_model(job).SerializeToString(), options, providers=["CPUExecutionProvider"])

    def predict(x: Array) -> Labels:
        return np.asarray(session.run(None, {"x": x})[0].argmax(axis=1))

    return System(scaled, predict)


def _model(job: Job) -> ModelProto:
    """Return the network as a graph: `Gemm` and the activation, layer by layer."""
    nodes, constants, value = [], [], "x"
    for i, (weight, bias) in enumerate(job.weights):
        constants += [numpy_helper.from_array(weight, f"weight{i}"), numpy_helper.from_array(bias, f"bias{i}")]
        nodes.append(helper.make_node("Gemm", [value, f"weight{i}", f"bias{i}"], [f"z{i}"]))
        nodes.append(helper.make_node("Relu" if job.setup.activation == "relu" else "Sigmoid", [f"z{i}"], [f"a{i}"]))
        value = f"a{i}"
    sizes = job.setup.sizes
    ends = [("x", sizes[0]), (f"z{len(sizes) - 2}", sizes[-1])]
    x, logits = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", width]) for name, width in ends)
    graph = helper.make_graph(nodes[:-1], "network", [x], [logits], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
