"""Write the tables of the newest figures into docs/results.md: `python -m tests.results`."""

import json
import re

from pipeline.bench.tables import bench_markdown
from tests.markdown import ROOT

RESULTS = ROOT / "docs" / "results.md"
FIGURES = ROOT / "artifacts" / "bench"
_PLACE = re.compile(r"(<!-- bench: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def updated(text: str) -> str:
    """Return a document with the tables that belong between its marks."""

    def tables(place: re.Match[str]) -> str:
        newest = max(FIGURES.glob(f"*-{place[2]}.json"))  # their names begin with the date
        made = bench_markdown(json.loads(newest.read_text(encoding="utf-8")))
        return f"{place[1]}{made}\n\nFigures: [{newest.name}](../artifacts/bench/{newest.name}).\n{place[3]}"

    return _PLACE.sub(tables, text)


if __name__ == "__main__":
    RESULTS.write_text(updated(RESULTS.read_text(encoding="utf-8")), encoding="utf-8")
