"""Train the model that languages without word weights share, over concepts alone; print its cross-validated figures by language.

    python benchmarks/terms/train_concepts.py --english ../shared/terms/dev_en.jsonl --multi ../shared/terms/dev_multi.jsonl \
        --out scrapeguard/terms/rules/concepts.weights.json [--folds 40]

A concept (``@robot``) and its force (``F@robot``) mean the same in every language; words do not. So the model is trained on the
English documents and the few of other languages together, on features that name concepts only. Each document of another language
is scored by a model that has seen no document of its service, at thresholds drawn without it.
"""

from __future__ import annotations

import argparse
import collections
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from augment_multi import made_up
from corpus import Row, blocks_of, folds, groups, load, rows_of
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from train import EXCEPT, FORBID, block_max, platt, weights_text

from scrapeguard.terms.extract import CERTAIN, Extractor
from scrapeguard.terms.model import parse_model
from scrapeguard.terms.neutral import neutral_features
from scrapeguard.terms.reading import BlockReader
from scrapeguard.terms.rule import rules_for
from scrapeguard.terms.segment import blocks_of_text
from scrapeguard.terms.verdict import summarise

GOVERNING = re.compile(r"[<^]@\w+|<[FPRCEN]")
STRENGTH = 0.15
ENGLISH_WEIGHT, MULTI_WEIGHT, MADE_WEIGHT = 1.0, 12.0, 0.3
MADE_EACH = 2
LANGUAGES = ("de", "es", "fr", "it", "nl", "pl", "pt")
FEWEST = 3
LIKELY = 0.3
"""The probability from which a claim is reported; half of it makes it uncertain. Few labels cannot set one a head."""


class Table:
    """Passages of all languages as rows of features, the blocks that hold them, and the blocks' labels."""

    def __init__(self, english: Path, multi: Path, k: int) -> None:
        self.records: list[dict[str, Any]] = load(english) + load(multi)
        n_english = len(load(english))
        self.rows: list[Row] = []
        self.ruled: dict[int, set[str]] = collections.defaultdict(set)
        features: list[list[str]] = []
        owner: list[int] = []
        for d, record in enumerate(self.records):
            rules = rules_for(record.get("lang") or "en")
            if rules is None:
                continue
            blocks = blocks_of(record)
            reader = BlockReader(rules.lexicon, record["text"], blocks)
            for row in rows_of(d, record, blocks):
                for read in reader.read(row.block):
                    governing = {f for f in read.context.features if GOVERNING.fullmatch(f)}
                    own = neutral_features(read.concepts, read.hits)
                    features.append(sorted(own | governing))
                    owner.append(len(self.rows))
                    if d >= n_english:
                        self.ruled[len(self.rows)].update(
                            f"{r.effect}:{a}"
                            for r in rules.rules
                            if r.confidence >= CERTAIN and r.fires(own, read.context.features)
                            for a in r.activities
                        )
                self.rows.append(row)
        for code in LANGUAGES:
            rules = rules_for(code)
            assert rules
            for text, labels in made_up(code, each=MADE_EACH):
                blocks = blocks_of_text(text, markdown=True)
                bans = [(x, "forbid", frozenset[str](), frozenset[str]()) for x in sorted(labels)]
                for read in BlockReader(rules.lexicon, text, blocks).read(blocks[-1]):
                    governing = {f for f in read.context.features if GOVERNING.fullmatch(f)}
                    features.append(sorted(neutral_features(read.concepts, read.hits) | governing))
                    owner.append(len(self.rows))
                self.rows.append(Row(-1, blocks[-1], bans, set()))
        count = collections.Counter(f for fs in features for f in fs)
        self.names = sorted(f for f, n in count.items() if n >= FEWEST)
        index = {f: i for i, f in enumerate(self.names)}
        cols = [[index[f] for f in fs if f in index] for fs in features]
        ptr = np.cumsum([0, *map(len, cols)])
        self.x = csr_matrix(
            (np.ones(ptr[-1], np.float32), np.concatenate([np.array(c, int) for c in cols]), ptr),
            shape=(len(cols), len(self.names)),
        )
        self.owner = np.array(owner)
        member = csr_matrix(
            (np.ones(len(owner), np.float32), (self.owner, np.arange(len(owner)))), shape=(len(self.rows), len(owner))
        )
        self.xb = (member @ self.x).tocsr()
        self.xb.data[:] = 1
        self.document = np.array([r.document for r in self.rows])
        self.multi = self.document >= n_english
        self.made = self.document < 0
        self.weight = np.where(self.multi, MULTI_WEIGHT, np.where(self.made, MADE_WEIGHT, ENGLISH_WEIGHT))
        family = groups(self.records)
        per_doc = collections.Counter(int(d) for d in self.document)
        own = list(range(n_english, len(self.records)))
        fold = dict(zip(own, folds([family[d] for d in own], [per_doc[d] for d in own], k), strict=True))
        english_fold = folds(family[:n_english], [per_doc[d] for d in range(n_english)], 5)
        self.fold = np.array([fold.get(int(d), -1) for d in self.document])
        self.english_fold = np.array([english_fold[d] if 0 <= d < n_english else -1 for d in self.document])
        self.language = np.array([self.records[d].get("lang") or "en" if d >= 0 else "" for d in self.document])
        self.gated = np.zeros(len(self.rows), bool)
        self.gated[self.owner] = True

    def label(self, activity: str, effect: str) -> tuple[np.ndarray, np.ndarray]:
        """Per block: labelled so, and whether the label counts (it was not contested)."""
        y = np.array([any(g[0] == activity and g[1] == effect for g in r.labels) for r in self.rows])
        return y, np.array([(activity, effect) not in r.contested for r in self.rows])


def fit(t: Table, y: np.ndarray, use_rows: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Coefficients and bias of the passage model trained on the blocks ``use_rows``, and its scores for all passages."""
    use, yi, wi = use_rows[t.owner], y[t.owner], t.weight[t.owner]
    rows = use_rows & t.gated

    def model() -> LogisticRegression:
        return LogisticRegression(C=STRENGTH, solver="liblinear", tol=1e-3)

    s = model().fit(t.xb[rows], y[rows], t.weight[rows]).decision_function(t.x)
    for _ in range(2):
        best = block_max(t, s)
        pos = yi & ((s >= best[t.owner] - 1e-9) | (s > 0.5))
        keep = use & (~yi | pos)
        m = model().fit(t.x[keep], pos[keep], wi[keep])
        s = m.decision_function(t.x)
    return m.coef_[0], float(m.intercept_[0]), s


class Head(NamedTuple):
    """What cross-validation says of one head."""

    name: str
    y: np.ndarray
    counts: np.ndarray
    scores: np.ndarray
    """Out-of-fold scores of the blocks."""
    passages: np.ndarray
    """Out-of-fold scores of the passages."""
    chosen: np.ndarray
    """Blocks at or above a threshold that was drawn without their service, or of which a rule says so."""
    folds: list[tuple[np.ndarray, list[Any]]]
    """For each fold the coefficients and the head drawn without it."""


def threshold(
    t: Table, y: np.ndarray, scores: np.ndarray, m: np.ndarray, part: float = 1.0
) -> tuple[float, float, float]:
    """The score at which a head speaks, and the slope and offset of its probability, drawn on the blocks ``m``."""
    slope, offset = platt(y[m], scores[m], t.weight[m])
    likely = LIKELY * part
    return float((np.log(likely / (1 - likely)) - offset) / slope), slope, offset


def cross_validated(t: Table, name: str, k: int) -> Head:
    effect, activity = name.split(":")
    y, counts = t.label(activity, effect)
    passages = np.full(len(t.owner), -20.0)
    for i in range(5):
        _, _, s = fit(t, y, counts & (t.english_fold != i))
        here = t.english_fold[t.owner] == i
        passages[here] = s[here]
    fitted = []
    for i in range(k):
        coef, bias, s = fit(t, y, counts & (t.fold != i))
        fitted.append((coef, bias))
        here = t.fold[t.owner] == i
        passages[here] = s[here]
    scores = block_max(t, passages)
    chosen = np.array([name in t.ruled.get(r, ()) for r in range(len(t.rows))])
    kept = []
    for i, (coef, bias) in enumerate(fitted):
        head = spec(t, name, bias, y, scores, counts & (t.fold != i))
        chosen |= (t.fold == i) & (scores >= head[3])
        kept.append((coef, head))
    return Head(name, y, counts, scores, passages, chosen, kept)


def by_rules(t: Table, name: str) -> Head:
    """A head of which rules alone speak."""
    effect, _, activity = name.partition(":")
    said = np.array([any(c.startswith(name) for c in t.ruled.get(r, ())) for r in range(len(t.rows))])
    if activity:
        y, counts = t.label(activity, effect)
    else:
        y = np.array([any(g[1] == effect for g in r.labels) for r in t.rows])
        counts = np.ones(len(t.rows), bool)
    return Head(name, y, counts, np.zeros(0), np.zeros(0), said, [])


def spec(t: Table, name: str, bias: float, y: np.ndarray, scores: np.ndarray, use: np.ndarray) -> list[Any]:
    """A head's bias, thresholds and calibration, drawn on the blocks ``use`` of real documents."""
    m = use & t.gated & ~t.made
    upper, slope, offset = threshold(t, y, scores, m)
    lower, _, _ = threshold(t, y, scores, m, 0.5)
    return [name, bias, lower, upper, slope, offset]


def with_exceptions(t: Table, heads: list[Head], found: list[tuple[np.ndarray, list[Any]]], without: int = -2) -> str:
    """The weights of claims and exceptions as they ship; the fold ``without`` is left out."""
    index, sets = exceptions(t, heads)
    use = t.fold[t.owner[index]] != without
    coefs, specs = [c for c, _ in found], [s for _, s in found]
    for name in EXCEPT:
        y = np.array([name in s for s in sets])[use]
        m = LogisticRegression(C=1, solver="liblinear").fit(t.x[index[use]], y, t.weight[t.owner[index[use]]])
        coefs.append(m.coef_[0])
        specs.append([f"except:{name}", float(m.intercept_[0]), 0.0, 0.0, 1.0, 0.0])
    return weights_text(t.names, np.array(coefs), specs)


def verdicts(t: Table, heads: list[Head], k: int) -> None:
    """The verdicts on whole documents, each drawn with a model that has not seen its service."""
    right: collections.Counter[str] = collections.Counter()
    per: collections.Counter[tuple[str, str]] = collections.Counter()
    fold_of = {int(d): int(f) for d, f in zip(t.document, t.fold, strict=True) if f >= 0}
    for i in range(k):
        model = parse_model(with_exceptions(t, heads, [h.folds[i] for h in heads], i))
        for d in (d for d, f in fold_of.items() if f == i):
            record = t.records[d]
            rules = rules_for(record["lang"])
            assert rules
            blocks = blocks_of(record)
            said = summarise(Extractor(rules, model).clauses(record["text"], blocks))
            for name, value in record["document"].items():
                right[name] += said[name] == value
                per[record["lang"], name] += said[name] == value
                if said[name] != value:
                    print(f"  {record['id']} {record['lang']} {name}: {value} answered {said[name]}")
    n = collections.Counter(t.records[d]["lang"] for d in fold_of)
    print("verdicts", {name: f"{c / len(fold_of):.3f}" for name, c in right.items()})
    print({f"{lang} {name}": f"{c}/{n[lang]}" for (lang, name), c in sorted(per.items())})


def report(t: Table, heads: list[Head]) -> None:
    """Figures over the bans: by activity, and by language."""
    for head in heads:
        m = t.multi & head.counts
        print(f"{head.name:26s} {_figures(head.y[m], head.chosen[m])}")
    bans = [h for h in heads if h.name.startswith("forbid")]
    titles = {c: {c} for c in sorted(set(t.language[t.multi]))}
    for title, codes in (titles | {"fr de": {"fr", "de"}, "es it nl pl pt": {"es", "it", "nl", "pl", "pt"}}).items():
        own = np.isin(t.language, list(codes))
        y, chosen = (
            np.concatenate([of(h)[own & h.counts] for h in bans]) for of in (lambda h: h.y, lambda h: h.chosen)
        )
        print(f"{title:26s} {_figures(y, chosen)}")


def _figures(y: np.ndarray, chosen: np.ndarray) -> str:
    tp, fp, fn = int((y & chosen).sum()), int((~y & chosen).sum()), int((y & ~chosen).sum())
    return f"n={tp + fn:4d} P {tp / max(1, tp + fp):.3f} R {tp / max(1, tp + fn):.3f} F1 {2 * tp / max(1, 2 * tp + fp + fn):.3f}"


def exceptions(t: Table, heads: list[Head]) -> tuple[np.ndarray, list[set[str]]]:
    """The passage that carries each labelled ban, with its exceptions."""
    best: dict[int, set[str]] = {}
    by_row: dict[int, list[int]] = collections.defaultdict(list)
    for i, o in enumerate(t.owner):
        by_row[int(o)].append(i)
    scores = {h.name: h.passages for h in heads}
    for r, row in enumerate(t.rows):
        for activity, effect, found, _ in row.labels:
            if effect == "forbid" and activity in FORBID and by_row[r]:
                i = max(by_row[r], key=lambda j: scores[f"forbid:{activity}"][j])
                best.setdefault(i, set()).update(found)
    index = np.array(sorted(best))
    return index, [best[i] for i in index]


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--english", type=Path, required=True)
    ap.add_argument("--multi", type=Path, required=True)
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--folds", type=int, default=10)
    a = ap.parse_args()
    t = Table(a.english, a.multi, a.folds)
    print(f"{len(t.rows)} blocks, {t.x.shape} passages x features")
    heads, found = [], []
    for name in [f"forbid:{x}" for x in FORBID]:
        head = cross_validated(t, name, a.folds)
        heads.append(head)
        coef, bias, _ = fit(t, head.y, head.counts)
        found.append((coef, spec(t, name, bias, head.y, head.scores, head.counts)))
    report(t, [*heads, *(by_rules(t, name) for name in ("forbid:tdm", "permit", "require"))])
    verdicts(t, heads, a.folds)
    a.out.write_text(with_exceptions(t, heads, found), encoding="utf-8")
    print(a.out, a.out.stat().st_size)


if __name__ == "__main__":
    main()
