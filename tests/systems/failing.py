"""A system that prints where it should not, and can't open any job."""

from pipeline.bench.numpy_network import limited
from pipeline.bench.system import Job, System

__all__ = ["limited", "open_system"]


def open_system(_job: Job) -> System:
    print("hello from a chatty library")  # noqa: T201 -- as libraries do
    raise ValueError("no such activation")
