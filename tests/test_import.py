"""`import scrapeguard` is cheap: heavy libraries load when something needs them."""

from __future__ import annotations

import subprocess
import sys

import scrapeguard

HEAVY = ("requests", "urllib3", "bs4", "lxml", "click", "rich", "sqlalchemy", "tldextract", "warcio", "idna", "asyncio")


def _loaded(code: str) -> set[str]:
    probe = f"import sys; {code}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(out.stdout.split())


def test_design_6_import_loads_no_heavy_library() -> None:
    assert _loaded("import scrapeguard") == set()


def test_design_6_reading_a_robots_txt_loads_none_either() -> None:
    assert _loaded("import scrapeguard; scrapeguard.parse_robots('User-agent: *').allowed('/', 'examplebot')") == set()


def test_design_7_every_public_name_can_be_had_and_listed() -> None:
    for name in scrapeguard.__all__:
        assert getattr(scrapeguard, name) is not None
    assert set(scrapeguard.__all__) <= set(dir(scrapeguard))


def test_design_6_the_front_door_loads_neither_database_nor_archive_code() -> None:
    code = (
        "import scrapeguard; s = scrapeguard.MemoryTransport({}); "
        "scrapeguard.Guard('examplebot', transport=s).allowed('https://example.com/', 'search')"
    )
    assert _loaded(code) & {"sqlalchemy", "warcio"} == set()
