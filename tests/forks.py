"""Processes that start at once: forked from one that has imported everything and run nothing."""

import multiprocessing

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "tests.test_kill",
        "tests.test_all_or_nothing",
        "pipeline.train.narrate",
        "pipeline.report.tables",
        "filelock",
        "pandas",  # which pyarrow imports if it is there
        "matplotlib.backends.backend_agg",  # the curves of a run that has ended: importing took as long as all the rest
        "matplotlib.figure",
    ]
)
