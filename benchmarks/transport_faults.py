"""What misbehaving servers cost: time, memory and bytes until the answer stands, as a Markdown table.

    python benchmarks/transport_faults.py

The servers are those of the tests, on loopback; the budget of a document is 3 s instead of 30.
"""

from __future__ import annotations

import platform
import sys
import time
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scrapeguard.model.exchange import Exchange, FetchFailure, Request, RequestKind
from scrapeguard.transport.requests import RequestsTransport
from tests import faults
from tests.serving import serving

BUDGET = 3.0


def measured(behaviour: faults.Fault) -> tuple[Exchange, float, float]:
    """The answer, seconds, and the peak of memory in MB."""
    transport = RequestsTransport("examplebot/1.0", allow_private=True, budget=BUDGET, read_timeout=1.0)
    with serving({"/x": behaviour}) as site:
        tracemalloc.start()
        start = time.perf_counter()
        found = transport.send(Request(site.origin + "/x", RequestKind.TERMS))
        took = time.perf_counter() - start
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    transport.close()
    return found, took, peak


def outcome(found: Exchange) -> str:
    """What came back, in words."""
    if isinstance(found, FetchFailure):
        return f"`{found.reason.value}`: {found.detail}"
    return f"status {found.status}, {len(found.body):,} bytes" + (", cut" if found.truncated else "")


def main() -> None:
    """Print the table."""
    rows = {
        **faults.SLOW,
        **faults.FLOODS,
        **faults.BROKEN_OFF,
        "endless body": faults.ENDLESS_BODY,
        "gzip bomb (300 MB of 0.3)": faults.GZIP_BOMB,
        "brotli bomb (300 MB)": faults.BROTLI_BOMB,
        "gzip bomb in a redirect": faults.BOMB_IN_A_REDIRECT,
        "20 codings": faults.CHAIN_OF_CODINGS,
    }
    print(f"Python {platform.python_version()}, {platform.machine()}, budget {BUDGET:g} s a document\n")
    print("| server | comes back as | seconds | peak MB |\n|---|---|---:|---:|")
    for name, behaviour in rows.items():
        found, took, peak = measured(behaviour)
        print(f"| {name} | {outcome(found)} | {took:.2f} | {peak:.1f} |", flush=True)


if __name__ == "__main__":
    main()
