"""An archive of the platforms' real robots.txt files and terms, written from the shared folder for one test run."""

from __future__ import annotations

import io
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

TERMS = {
    "youtube": "https://www.youtube.com/t/terms",
    "facebook": "https://www.facebook.com/terms",
    "instagram": "https://help.instagram.com/581066165581870",
    "linkedin": "https://www.linkedin.com/legal/user-agreement",
    "twitter": "https://x.com/en/tos",
}
"""Each platform and the address of its terms."""

DATE = "2026-11-20T12:00:00Z"


def write_sites(shared: Path, path: Path, *, terms: bool = True) -> Path:
    """robots.txt, terms and a home page that links to them, of all five; only robots.txt where ``terms`` is False."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)

        def add(url: str, kind: str, body: bytes) -> None:
            http = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    url, "response", payload=io.BytesIO(body), http_headers=http, warc_headers_dict={"WARC-Date": DATE}
                )
            )

        for name, address in TERMS.items():
            folder = shared / "sites" / f"{name}.com"
            add(f"https://www.{name}.com/robots.txt", "text/plain", (folder / "robots.txt").read_bytes())
            if terms:
                home = f'<p>Welcome to the home page.</p><footer><a href="{address}">Terms</a></footer>'
                add(address, "text/markdown; charset=utf-8", (folder / "terms.md").read_bytes())
                add(f"https://www.{name}.com/", "text/html; charset=utf-8", home.encode())
    return path
