"""What a person is told of an error, whoever raised it."""

import errno

import pytest

from pipeline.errors import DataError, is_full, told


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (DataError("rows.csv: no rows."), "rows.csv: no rows."),
        (MemoryError("Unable to allocate 9 GiB"), "not enough memory: Unable to allocate 9 GiB. Close other programs"),
        (MemoryError(), "not enough memory: none is left. Close"),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "standard output: can't be written: No space left on device.",
        ),
        (OSError(errno.ENOENT, "No such file"), "FileNotFoundError: [Errno 2] No such file. This is a fault of Scrawl"),
        (
            OSError(errno.ENAMETOOLONG, "File name too long", "a.csv"),
            "a.csv: can't be used: File name too long. Check its name and its permissions.",
        ),
        (KeyError("x"), "KeyError: 'x'. This is a fault of Scrawl, not of yours; with --debug"),
    ],
    ids=lambda case: type(case).__name__ if isinstance(case, Exception) else "",
)
def test_an_error_is_told_in_a_sentence(error: Exception, text: str) -> None:
    assert told(error).startswith(text)
    assert is_full(error) == text.startswith("standard output")
