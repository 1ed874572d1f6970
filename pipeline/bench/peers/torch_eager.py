"""PyTorch, eager: modules, autograd, and the optimizers fused as PyTorch offers them."""

import contextlib
from contextlib import AbstractContextManager

import numpy as np
import torch

from pipeline.bench.networks import Setup
from pipeline.bench.system import Job, Labels, Network, Order, System, batches_of, scaled
from pipeline.types import Bytes


def limited(threads: int) -> AbstractContextManager[object]:
    """Hold PyTorch to so many threads."""
    torch.set_num_threads(threads)
    return contextlib.nullcontext()


def open_system(job: Job) -> System:
    """Return the network in PyTorch."""
    setup = job.setup
    model = _model(job.weights, setup)
    optimizer = _optimizer(model, setup)
    x, y = ready(job.features), torch.from_numpy(job.labels.astype(np.int64))

    def epoch(order: Order) -> None:
        for chosen in batches_of(order, setup.batch):
            rows = torch.from_numpy(chosen)
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()

    def predict(rows: torch.Tensor) -> Labels:
        with torch.inference_mode():
            return np.asarray(model(rows).argmax(1))

    def gradients(features: Bytes, labels: Bytes) -> tuple[float, Network]:
        fresh = _model(job.weights, setup)
        truth = torch.from_numpy(labels.astype(np.int64))
        loss = torch.nn.functional.cross_entropy(fresh(ready(features)), truth)
        loss.backward()
        layers = [module for module in fresh if isinstance(module, torch.nn.Linear)]
        return loss.item(), [(layer.weight.grad.numpy().T, layer.bias.grad.numpy()) for layer in layers]

    return System(ready, predict, epoch, gradients)


def ready(features: Bytes) -> torch.Tensor:
    """Return rows as a float32 tensor."""
    return torch.from_numpy(scaled(features))


def _model(weights: Network, setup: Setup) -> torch.nn.Sequential:
    """Return a module that starts from the given weights."""
    layers: list[torch.nn.Module] = []
    for weight, bias in weights:
        linear = torch.nn.Linear(*weight.shape)
        linear.weight.data = torch.from_numpy(weight.T.copy())
        linear.bias.data = torch.from_numpy(bias.copy())
        layers += [linear, torch.nn.ReLU() if setup.activation == "relu" else torch.nn.Sigmoid()]
    return torch.nn.Sequential(*layers[:-1])


def _optimizer(model: torch.nn.Module, setup: Setup) -> torch.optim.Optimizer:
    """Return the setup's optimizer."""
    if setup.optimizer == "adamw":
        return torch.optim.AdamW(model.parameters(), setup.learning_rate, weight_decay=0.0, fused=True)
    return torch.optim.SGD(model.parameters(), setup.learning_rate, fused=True)
