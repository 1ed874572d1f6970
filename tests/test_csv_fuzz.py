"""Damaged tables are read as Python reads them, or refused in words."""

from tests.csv_fuzz import campaign
from tests.strategies import draws


def test_damaged_tables_are_read_right_or_refused() -> None:
    count = draws(400)
    assert count / 5 < campaign(count) < count
