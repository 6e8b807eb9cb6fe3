"""Terms of service: how fast pages are drawn and cut, how well terms are found, their language named and their clauses read.

    python benchmarks/terms.py [drawing] [discovery] [documents] [urls] [languages] [segmentation] [clauses]

Without arguments all tables. ``clauses`` compares with simpler readers over the folds that ``benchmarks/terms/train.py --folds DIR``
left in SCRAPEGUARD_FOLDS; without that variable it is left out, since training takes minutes. Real pages are read from
SCRAPEGUARD_SHARED or ``../shared``. The readers of pages compared are left out when they are not installed
(``pip install trafilatura inscriptis``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SCRAPEGUARD_SHARED", ROOT.parent / "shared"))
FOLDS = os.environ.get("SCRAPEGUARD_FOLDS")
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "benchmarks" / "terms")]

import terms_discovery  # noqa: E402 - the folders above come first
import terms_drawing  # noqa: E402 - the folders above come first


def clauses() -> str:
    """Clauses beside simpler readers."""
    if not FOLDS:
        return "left out: SCRAPEGUARD_FOLDS names no folds of benchmarks/terms/train.py"
    import simpler

    return simpler.table(SHARED / "terms" / "dev_en.jsonl", Path(FOLDS), SHARED / "tools" / "score_terms.py")


TABLES: dict[str, Callable[[], str]] = {
    "drawing": lambda: terms_drawing.table(SHARED / "pages"),
    "discovery": lambda: terms_discovery.table(SHARED / "pages"),
    "documents": lambda: terms_discovery.documents_table(SHARED),
    "urls": lambda: terms_discovery.urls_table(SHARED / "research" / "terms_urls.jsonl"),
    "languages": lambda: terms_discovery.languages_table(SHARED / "terms"),
    "segmentation": lambda: terms_discovery.segmentation_speed(SHARED / "terms"),
    "clauses": clauses,
}


def main() -> None:
    """Print the tables asked for."""
    wanted = sys.argv[1:] or list(TABLES)
    if unknown := [name for name in wanted if name not in TABLES]:
        sys.exit(f"no table {unknown[0]!r}; there are {', '.join(TABLES)}")
    if hasattr(os, "getloadavg"):
        print(f"load of the machine at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors\n")
    for name in wanted:
        print(f"{name}\n{'-' * len(name)}\n{TABLES[name]()}\n")


if __name__ == "__main__":
    main()
