"""Cross-validated figures of the whole extraction, as score_terms.py counts them, with reliability and document verdicts.

    python benchmarks/terms/evaluate.py --data ../shared/terms/dev_en.jsonl --folds DIR --scorer ../shared/tools/score_terms.py

Each document is read with the model that was trained without its group of services (see train.py).
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

from corpus import load, overlaps

import scrapeguard
from scrapeguard.terms.document import TermsDocument, read_terms
from scrapeguard.terms.extract import Extractor
from scrapeguard.terms.model import parse_model
from scrapeguard.terms.rule import rules_for


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--data", type=Path, required=True)
    ap.add_argument("--folds", type=Path, help="without it the shipped model is measured: the fitted figures")
    ap.add_argument("--scorer", type=Path, required=True)
    ap.add_argument("--errors", type=int, default=0)
    ap.add_argument("--whole", action="store_true", help="only documents that are labelled whole")
    a = ap.parse_args()
    records = load(a.data)
    read: dict[str, TermsDocument] = {}
    rules = rules_for("en")
    assert rules
    if a.folds:
        fold = json.loads((a.folds / "folds.json").read_text())
        by_fold = [Extractor(rules, parse_model((a.folds / f"fold{k}.json").read_text())) for k in range(max(fold) + 1)]
    for i, r in enumerate(records):
        doc = read_terms(r["text"], content_type="text/markdown", language="en")
        if a.folds:
            clauses = by_fold[fold[i]].clauses(doc.text, doc.blocks)
            doc = TermsDocument(doc.text, "en", doc.blocks, tuple(clauses), reader=doc.reader)
        read[digest(r["text"])] = doc
    spec = importlib.util.spec_from_file_location("score_terms", a.scorer)
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    scrapeguard.read_terms = lambda text, **_: read[digest(text)]  # type: ignore[attr-defined]  # what the scorer calls; a lazy name of the package
    chosen = [r for r in records if not a.whole or r["reviewed"] == "all"]
    result = scorer.score(chosen, a.errors)
    for e in result["errors"]:
        print(e)
    for name, row in [*result["activities"].items(), *((k, result[k]) for k in ("core", "all", "permit", "require"))]:
        print(f"| {name} | {row['n']} | {row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f} |")
    print(
        "exceptions exact",
        result["exceptions"],
        "faults",
        len(result["faults"]),
        result["faults"][:3],
        "verdicts",
        result["document"],
    )
    reliability(chosen, read)
    verdicts(chosen, read)


def reliability(records: list[dict[str, Any]], read: dict[str, TermsDocument]) -> None:
    """Confidence deciles against precision, and the expected calibration error, over every ban reported or uncertain."""
    cells: dict[int, list[tuple[float, bool]]] = collections.defaultdict(list)
    for r in records:
        for c in read[digest(r["text"])].clauses:
            span = (c.start, c.end)
            if c.effect != "forbid" or (
                r["reviewed"] != "all" and not any(overlaps(span, tuple(x)) for x in r["reviewed"])
            ):
                continue
            blocks = [b for b in read[digest(r["text"])].blocks if overlaps((b.start, b.end), span)]
            for activity in c.activities:
                right = any(
                    g["activity"] == activity
                    and g["effect"] == "forbid"
                    and overlaps((g["start"], g["end"]), (b.start, b.end))
                    for g in r["labels"]
                    for b in blocks
                )
                cells[min(9, int(c.confidence * 10))].append((c.confidence, right))
    n = sum(map(len, cells.values()))
    error = 0.0
    for d in sorted(cells):
        said = sum(c for c, _ in cells[d]) / len(cells[d])
        was = sum(x for _, x in cells[d]) / len(cells[d])
        error += len(cells[d]) / n * abs(said - was)
        print(f"| {d / 10:.1f}-{(d + 1) / 10:.1f} | {len(cells[d])} | {said:.3f} | {was:.3f} |")
    print(f"expected calibration error {error:.4f} over {n}")


def verdicts(records: list[dict[str, Any]], read: dict[str, TermsDocument]) -> None:
    for key in ("scraping", "ai", "identify"):
        table: collections.Counter[tuple[str, str]] = collections.Counter()
        for r in records:
            if want := (r.get("document") or {}).get(key):
                table[want, read[digest(r["text"])].summary()[key]] += 1
        print(key, {f"{w}→{g}": n for (w, g), n in sorted(table.items())})


if __name__ == "__main__":
    main()
