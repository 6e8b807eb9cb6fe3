"""Readings say what the documents say, whatever was passed over on the way."""

from __future__ import annotations

import tarfile
from pathlib import Path

from scrapeguard import signals
from scrapeguard.model.exchange import Request, RequestKind, Response
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.query import Query
from scrapeguard.read import read_robots, site_signals

AUTHORITY = "https://www.example.com"


def test_usage_signals_need_no_other_records_of_robots_txt_than_they_name(shared: Path) -> None:
    query = Query(f"{AUTHORITY}/a", "/a", Purpose.AI_TRAIN, "examplebot")
    request = Request(f"{AUTHORITY}/robots.txt", RequestKind.ROBOTS)
    speaking = 0
    with tarfile.open(shared / "robots" / "real.tar.xz") as archive:
        bodies = [file.read() for member in archive if (file := archive.extractfile(member)) is not None]
    for body in bodies:
        reading = read_robots(request, Response(request.url, body=body), "examplebot")
        assert reading.document is not None
        extensions = reading.document.extensions
        group = reading.document.extensions_for("examplebot")
        every = signals.site(group, extensions, reading.source, {}, authority=AUTHORITY)
        found = site_signals(reading, {}, authority=AUTHORITY)
        assert (found.notes, found.wanted, found.sources) == (every.notes, every.wanted, every.sources)
        said = [statement for voice in found.voices for statement in voice.says(query)]
        assert said == [statement for voice in every.voices for statement in voice.says(query)]
        speaking += bool(said)
    assert speaking
