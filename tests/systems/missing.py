"""A system whose library nobody can have."""

import nonexistent_library  # type: ignore[import-not-found] # noqa: F401 -- that is the point
