"""How long `import scrapeguard` and its first uses take in a fresh interpreter: medians of 15 runs, less its own start.

python benchmarks/import_time.py
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import time

USES = {
    "import scrapeguard": "import scrapeguard",
    "… and every public name": "import scrapeguard; [getattr(scrapeguard, n) for n in scrapeguard.__all__]",
    "… and parse a robots.txt": "import scrapeguard; scrapeguard.parse_robots('User-agent: *').allowed('/', 'examplebot')",
}


def milliseconds(code: str) -> float:
    """Median wall time of a fresh interpreter that runs ``code``."""
    rounds = []
    for _ in range(15):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        rounds.append(time.perf_counter() - start)
    return statistics.median(rounds) * 1000


def main() -> None:
    """Print one line a use."""
    print(f"Python {platform.python_version()}, {platform.machine()}")
    bare = milliseconds("pass")
    for name, code in USES.items():
        print(f"{name:28s} {milliseconds(code) - bare:7.1f} ms")


if __name__ == "__main__":
    main()
