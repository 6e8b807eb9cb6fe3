"""Our reader beside two simpler ones on the labelled documents, in one run and the same folds.

A list of keywords with a negation near, and a linear model over word n-grams of the block and its lead-in. Both were written
here for the comparison; the second is trained without the services of the fold it is scored on, as ours is.
"""

from __future__ import annotations

import importlib.util
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from corpus import blocks_of, load, rows_of
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

import scrapeguard
from scrapeguard.terms.extract import Extractor
from scrapeguard.terms.model import parse_model
from scrapeguard.terms.rule import rules_for
from scrapeguard.terms.segment import Block

KEYWORDS = {
    "automated-access": r"robots?|bots?|spiders?|crawl\w*|scrap(?:e|ers?|ing)|automated|automatic|scripts?",
    "extraction": r"scrap(?:e|ing)|harvest\w*|data[ -]min\w*|extract\w*|systematic\w*",
    "ai-training": r"train\w*|machine[ -]learning|fine-?tun\w*",
    "ai-use": r"artificial intelligence|generative|\bAI\b",
    "tdm": r"text and data mining|2019/790",
    "identification": r"identif(?:y|ying) (?:people|persons?|individuals?|users?)|facial|biometric\w*|re-?identif\w*|stalk\w*|track\w*",
    "personal-data": r"personal (?:data|information)|e-?mail addresses|personally identif\w*|usernames?",
    "indexing": r"index(?:ing|ed)?|search engines?",
    "archiving": r"cach(?:e|ing)|mirror\w*|archiv\w*|fram(?:e|ing)",
    "commercial-use": r"commercial\w*|resell|resale|non-commercial",
    "redistribution": r"reproduc\w*|republish\w*|redistribut\w*|distribut\w*|derivative|publicly display|sublicens\w*",
    "competing-use": r"compet(?:e|es|ing|itive)",
    "circumvention": r"circumvent\w*|bypass\w*|disabl\w*|work around|defeat",
    "excessive-load": r"overload\w*|overburden\w*|unreasonabl\w* load|denial[ -]of[ -]service|disproportionate\w*",
}
"""What a crawler's author would look for."""

NEGATION = re.compile(
    r"\b(?:not|no|never|cannot|can't|don't|won't|prohibited|forbidden|without|refrain|unauthori[sz]ed|only)\b",
    re.IGNORECASE,
)
LEAD = 300
FEWEST = 3
UNSCORED = -1e9


class Claim(NamedTuple):
    """What the scorer asks of a clause."""

    start: int
    end: int
    quote: str
    activities: tuple[str, ...]
    effect: str = "forbid"
    exceptions: tuple[str, ...] = ()
    uncertain: bool = False


class Reading(NamedTuple):
    """What the scorer asks of a document."""

    text: str
    clauses: list[Claim] | tuple[Any, ...]

    def summary(self) -> dict[str, str]:
        return {}


Reader = Callable[[int, dict[str, Any], list[Block]], Iterator[Any]]


def lead_in(text: str, block: Block) -> str:
    return " ".join(text[s:e][-LEAD:] for s, e in block.lead_in[-2:])


def by_keywords() -> Reader:
    """A keyword of the activity, and a negation in the block or in what introduces it."""
    patterns = {a: re.compile(rf"\b(?:{p})\b", re.IGNORECASE) for a, p in KEYWORDS.items()}

    def read(_: int, record: dict[str, Any], blocks: list[Block]) -> Iterator[Claim]:
        text = record["text"]
        for b in blocks:
            own = text[b.start : b.end]
            found = tuple(a for a, p in patterns.items() if p.search(own))
            if found and (NEGATION.search(own) or NEGATION.search(lead_in(text, b))):
                yield Claim(b.start, b.end, own, found)

    return read


def by_ngrams(records: list[dict[str, Any]], blocks: list[list[Block]], fold: list[int]) -> Reader:
    """One logistic regression an activity over words and pairs of words; thresholds from the out-of-fold scores of other folds."""
    rows = [(i, row) for i, (r, bs) in enumerate(zip(records, blocks, strict=True)) for row in rows_of(i, r, bs)]
    words = [_words(records[i]["text"], row.block) for i, row in rows]
    of = np.array([fold[i] for i, _ in rows])
    models: dict[int, tuple[CountVectorizer, dict[str, tuple[LogisticRegression, float]]]] = {}
    scores: dict[str, np.ndarray] = {a: np.full(len(rows), UNSCORED) for a in KEYWORDS}
    truth = {a: np.array([any(g[0] == a and g[1] == "forbid" for g in r.labels) for _, r in rows]) for a in KEYWORDS}
    counts = {a: np.array([(a, "forbid") not in r.contested for _, r in rows]) for a in KEYWORDS}
    fitted: dict[int, dict[str, LogisticRegression]] = {}
    vectors = {}
    for k in range(max(fold) + 1):
        vectors[k] = CountVectorizer(ngram_range=(1, 2), min_df=FEWEST, binary=True, dtype=np.float32)
        own = np.flatnonzero(of != k)
        seen = vectors[k].fit_transform([words[j] for j in own])
        rest = np.flatnonzero(of == k)
        unseen = vectors[k].transform([words[j] for j in rest])
        fitted[k] = {}
        for a in KEYWORDS:
            use = counts[a][own]
            y = truth[a][own][use]
            if y.sum() >= FEWEST:
                fitted[k][a] = LogisticRegression(solver="liblinear").fit(seen[np.flatnonzero(use)], y)
                scores[a][rest] = fitted[k][a].decision_function(unseen)
    for k, heads in fitted.items():
        others = of != k
        chosen = {a: (m, _threshold(truth[a], scores[a], others & counts[a])) for a, m in heads.items()}
        models[k] = (vectors[k], chosen)

    def read(i: int, record: dict[str, Any], own: list[Block]) -> Iterator[Claim]:
        text = record["text"]
        vectorizer, heads = models[fold[i]]
        x = vectorizer.transform([_words(text, b) for b in own]) if own else None
        said = {a: m.decision_function(x) >= t for a, (m, t) in heads.items()} if x is not None else {}
        for j, b in enumerate(own):
            if found := tuple(a for a, yes in said.items() if yes[j]):
                yield Claim(b.start, b.end, text[b.start : b.end], found)

    return read


def _words(text: str, block: Block) -> str:
    lead = re.sub(r"\w+", lambda m: "lead_" + m[0], lead_in(text, block))
    return f"{lead} {text[block.start : block.end]}"


def _threshold(y: np.ndarray, s: np.ndarray, use: np.ndarray) -> float:
    """The threshold of the best F1; where nothing right was scored, one that nothing reaches."""
    use &= s > UNSCORED
    y, s = y[use], s[use]
    if not y.any():
        return float("inf")
    order = np.argsort(-s)
    f = 2 * np.cumsum(y[order]) / (np.arange(1, len(y) + 1) + y.sum())
    return float(s[order][int(np.argmax(f))])


def ours(folds: Path, fold: list[int]) -> Reader:
    """This library, each document by the model that never saw its services."""
    rules = rules_for("en")
    assert rules
    readers = [Extractor(rules, parse_model((folds / f"fold{k}.json").read_text())) for k in range(max(fold) + 1)]
    return lambda i, record, blocks: iter(readers[fold[i]].clauses(record["text"], blocks))


def table(data: Path, folds: Path, scorer_path: Path) -> str:
    """F1 of each reader over the core activities and over all, and its speed from blocks to clauses."""
    records = load(data)
    blocks = [blocks_of(r) for r in records]
    fold = json.loads((folds / "folds.json").read_text())
    scorer = _module(scorer_path)
    lines = [
        "| reader | core P | core R | core F1 | all P | all R | all F1 | whole: core F1 | whole: all F1 | MB/s |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, reader in (
        ("keyword with a negation near", by_keywords()),
        ("linear model over word n-grams", by_ngrams(records, blocks, fold)),
        ("scrapeguard", ours(folds, fold)),
    ):
        start = time.process_time()
        read = {
            r["text"]: Reading(r["text"], [*reader(i, r, b)])
            for i, (r, b) in enumerate(zip(records, blocks, strict=True))
        }
        speed = sum(len(r["text"]) for r in records) / (time.process_time() - start) / 1e6
        scrapeguard.read_terms = lambda text, read=read, **_: read[text]  # type: ignore[attr-defined] # the scorer calls it
        every = scorer.score(records)
        whole = scorer.score([r for r in records if r["reviewed"] == "all"])
        cells = [f"{every[k][x]:.2f}" for k in ("core", "all") for x in ("precision", "recall", "f1")]
        cells += [f"{whole[k]['f1']:.2f}" for k in ("core", "all")]
        lines.append(f"| {name} | {' | '.join(cells)} | {speed:.1f} |")
    return "\n".join(lines)


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_terms", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
