"""The labelled documents without their text, and how to get the text back from its public source.

    python benchmarks/terms/rebuild.py strip --data ../shared/terms/dev_en.jsonl --out benchmarks/terms/labels.jsonl
    python benchmarks/terms/rebuild.py fetch --labels benchmarks/terms/labels.jsonl --out data.jsonl [--cache DIR]

`strip` keeps spans, digests, source path and commit. `fetch` reads each file from GitHub at its commit, checks its digest and
the digest of every labelled span, and writes the records that train.py, evaluate.py and score_terms.py read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from corpus import load

RAW = "https://raw.githubusercontent.com"
_PAUSE = 0.5
_DIGEST = 16


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def stripped(record: dict[str, Any]) -> dict[str, Any]:
    """The record without its text; every labelled span with the first 16 hex digits of its digest."""
    text = record["text"]
    kept = {k: v for k, v in record.items() if k != "text"}
    kept["text_sha256"] = digest(text)
    kept["characters"] = len(text)
    for key in ("labels", "contested"):
        kept[key] = [{**g, "digest": digest(text[g["start"] : g["end"]])[:_DIGEST]} for g in record.get(key) or ()]
    return kept


def restored(record: dict[str, Any], text: str) -> dict[str, Any]:
    """The record with its text back. Raises ValueError when the text is not the one that was labelled."""
    if digest(text) != record["text_sha256"]:
        raise ValueError(f"{record['id']}: the text differs from the labelled one")
    full = {**record, "text": text}
    for key in ("labels", "contested"):
        for g in record[key]:
            if digest(text[g["start"] : g["end"]])[:_DIGEST] != g["digest"]:
                raise ValueError(f"{record['id']}: the span {g['start']}-{g['end']} differs")
    return full


def fetched(record: dict[str, Any], cache: Path | None) -> str:
    import requests

    held = cache / f"{record['sha1']}.md" if cache else None
    if held and held.is_file():
        return held.read_bytes().decode("utf-8")
    answer = requests.get(f"{RAW}/{record['source']}/{record['commit']}/{quote(record['path'])}", timeout=30)
    answer.raise_for_status()
    if held:
        held.parent.mkdir(parents=True, exist_ok=True)
        held.write_bytes(answer.content)
    time.sleep(_PAUSE)
    return answer.content.decode("utf-8")


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    sub = ap.add_subparsers(dest="command", required=True)
    strip = sub.add_parser("strip")
    strip.add_argument("--data", type=Path, required=True)
    fetch = sub.add_parser("fetch")
    fetch.add_argument("--labels", type=Path, required=True)
    fetch.add_argument("--cache", type=Path)
    for p in (strip, fetch):
        p.add_argument("--out", type=Path, required=True)
    a = ap.parse_args()
    lines = []
    if a.command == "strip":
        lines = [json.dumps(stripped(r), ensure_ascii=False) for r in load(a.data)]
    else:
        for r in load(a.labels):
            try:
                lines.append(json.dumps(restored(r, fetched(r, a.cache)), ensure_ascii=False))
            except (OSError, ValueError) as error:
                print(error, file=sys.stderr)
    a.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} documents in {a.out}")


if __name__ == "__main__":
    main()
