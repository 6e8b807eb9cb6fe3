"""Train the clause model, write its weights, and print the cross-validated figures.

    python benchmarks/terms/train.py --data ../shared/terms/dev_en.jsonl --out scrapeguard/terms/rules/en.weights.json --folds DIR

Passages are the instances, blocks carry the labels: a block's label is given to its best passages, twice over
(multiple-instance learning with the maximum rule; Andrews, Tsochantaridis and Hofmann 2003). Groups of services that share
text are never split between folds. ``--folds`` keeps the five fold models for evaluate.py.
"""

from __future__ import annotations

import argparse
import collections
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from augment import made_up
from corpus import Row, blocks_of, folds, groups, load, rows_of
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.linear_model import LogisticRegression

from scrapeguard.terms.reading import BlockReader
from scrapeguard.terms.rule import rules_for
from scrapeguard.terms.segment import blocks_of_text

CORE = ("automated-access", "extraction", "ai-training", "identification", "personal-data")
FORBID = (
    "ai-training",
    "ai-use",
    "archiving",
    "automated-access",
    "circumvention",
    "commercial-use",
    "competing-use",
    "excessive-load",
    "extraction",
    "identification",
    "indexing",
    "personal-data",
    "redistribution",
)
EXCEPT = ("permission", "law", "api", "consent", "search-engine", "robots-txt", "personal", "research", "other")
STRENGTH = 1.0
EXCEPT_STRENGTH = 4.0
FEWEST = 3
SCALE = 256
FAINT = 0.03
MADE_EACH, MADE_WEIGHT = 160, 0.4
WHOLE_WEIGHT = 2.0
"""Blocks of documents labelled whole count so much more when thresholds are chosen: the others were picked, not drawn."""
PENALTY = {"concept": 0.6, "word": 0.6, "pair": 0.3, "context": 0.3}
"""Factor on a feature's column by kind: the smaller, the more the L2 penalty holds its weight down."""
NEAR = -4.0
"""Scores below are surely negative; they would bend the calibration where it matters."""
K = 5


def kind_of(feature: str) -> str:
    return "context" if feature[0] in "<^" else "concept" if "@" in feature else "pair" if " " in feature else "word"


class Table:
    """Instances (passages) and blocks, with labels."""

    def __init__(self, data: Path, language: str = "en") -> None:
        rules = rules_for(language)
        assert rules
        self.records = load(data)
        self.rows: list[Row] = []
        self.features: list[list[str]] = []
        owner: list[int] = []
        for d, record in enumerate(self.records):
            reader = BlockReader(rules.lexicon, record["text"])
            for row in rows_of(d, record, blocks_of(record)):
                self._take(row, reader, owner)
        for text, labels in made_up(each=MADE_EACH):
            *_, block = blocks_of_text(text, markdown=True)
            bans = [(x, "forbid", frozenset[str](), frozenset[str]()) for x in sorted(labels)]
            self._take(Row(-1, block, bans, set()), BlockReader(rules.lexicon, text), owner)
        self.owner = np.array(owner)
        self.document = np.array([r.document for r in self.rows])
        self._matrices()
        self.weight = np.where(self.document >= 0, 1.0, MADE_WEIGHT)
        per_doc = collections.Counter(self.document.tolist())
        self.fold_of_document = folds(groups(self.records), [per_doc[i] for i in range(len(self.records))], K)
        self.fold = np.array([self.fold_of_document[d] if d >= 0 else -1 for d in self.document])
        self.real = self.document >= 0
        self.whole = np.array([d >= 0 and self.records[d]["reviewed"] == "all" for d in self.document])
        self.gated = np.zeros(len(self.rows), bool)
        self.gated[self.owner] = True

    def _take(self, row: Row, reader: BlockReader, owner: list[int]) -> None:
        for read in reader.read(row.block):
            self.features.append(sorted(read.features() | read.context.features))
            owner.append(len(self.rows))
        self.rows.append(row)

    def _matrices(self) -> None:
        count = collections.Counter(f for fs in self.features for f in fs)
        self.names = sorted(f for f, n in count.items() if n >= FEWEST)
        index = {f: i for i, f in enumerate(self.names)}
        cols = [[index[f] for f in fs if f in index] for fs in self.features]
        ptr = np.cumsum([0, *map(len, cols)])
        x = csr_matrix(
            (np.ones(ptr[-1], np.float32), np.concatenate([np.array(c, int) for c in cols]), ptr),
            shape=(len(cols), len(self.names)),
        )
        member = csr_matrix(
            (np.ones(len(self.owner), np.float32), (self.owner, np.arange(len(self.owner)))),
            shape=(len(self.rows), len(self.owner)),
        )
        xb = (member @ x).tocsr()
        xb.data[:] = 1
        self.penalty = np.array([PENALTY[kind_of(n)] for n in self.names], np.float32)
        self.x, self.xb = (x @ diags(self.penalty)).tocsr(), (xb @ diags(self.penalty)).tocsr()

    def label(self, activity: str, effect: str) -> tuple[np.ndarray, np.ndarray]:
        """Per block: labelled so, and whether the label counts (it was not contested)."""
        y = np.array([any(g[0] == activity and g[1] == effect for g in r.labels) for r in self.rows])
        counts = np.array([(activity, effect) not in r.contested for r in self.rows])
        return y, counts


def block_max(t: Table, s: np.ndarray) -> np.ndarray:
    out = np.full(len(t.rows), -20.0)
    np.maximum.at(out, t.owner, s)
    return out


def logistic(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, solver="liblinear", tol=1e-3)


def fit_passages(t: Table, y: np.ndarray, use_rows: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Weights and bias of the passage model trained on the blocks ``use_rows``, and its scores for all passages."""
    rows = use_rows & t.gated
    s = logistic(STRENGTH).fit(t.xb[rows], y[rows], t.weight[rows]).decision_function(t.x)
    yi, wi = y[t.owner], t.weight[t.owner]
    for _ in range(2):
        positive = yi & ((s >= block_max(t, s)[t.owner] - 1e-9) | (s > 0.5))
        keep = use_rows[t.owner] & (~yi | positive)
        m = logistic(STRENGTH).fit(t.x[keep], positive[keep], wi[keep])
        s = m.decision_function(t.x)
    return m.coef_[0] * t.penalty, float(m.intercept_[0]), s


def best_threshold(y: np.ndarray, p: np.ndarray, w: np.ndarray | None = None) -> float:
    """The threshold of the best F1."""
    w = np.ones(len(y)) if w is None else w
    o = np.argsort(-p)
    tp = np.cumsum((y * w)[o])
    f = 2 * tp / (np.cumsum(w[o]) + max(1, (y * w).sum()))
    k = int(np.argmax(f))
    return float(p[o][k] + p[o][min(k + 1, len(o) - 1)]) / 2


def platt(y: np.ndarray, p: np.ndarray, w: np.ndarray) -> tuple[float, float]:
    m = LogisticRegression(C=1e3, solver="liblinear").fit(p.reshape(-1, 1), y, w)
    return float(m.coef_[0][0]), float(m.intercept_[0])


def head_spec(name: str, bias: float, y: np.ndarray, p: np.ndarray, w: np.ndarray) -> list[Any]:
    """Name, bias, thresholds and calibration; the thresholds are those of the out-of-fold scores."""
    near = p > NEAR
    slope, offset = platt(y[near], p[near], np.ones(near.sum()))

    def at(probability: float) -> float:
        return float(np.log(probability / (1 - probability)) - offset) / slope

    upper = min(max(best_threshold(y, p, w), at(0.35)), at(0.6))
    return [name, bias, min(upper, at(0.2)), upper, slope, offset]


def exception_rows(t: Table, oof: dict[str, np.ndarray]) -> tuple[np.ndarray, list[str], list[frozenset[str]]]:
    """For each labelled ban: the passage that carries it, its activity, its exceptions."""
    by_row: dict[int, list[int]] = collections.defaultdict(list)
    for i, o in enumerate(t.owner):
        by_row[int(o)].append(i)
    found = []
    for r, row in enumerate(t.rows):
        for activity, effect, exceptions, _ in row.labels:
            if row.document >= 0 and effect == "forbid" and activity in FORBID and by_row[r]:
                found.append((max(by_row[r], key=lambda j: oof[activity][j]), activity, exceptions))
    return np.array([f[0] for f in found]), [f[1] for f in found], [f[2] for f in found]


def weights_text(names: list[str], coefs: np.ndarray, specs: list[list[Any]]) -> str:
    weights = {}
    for j, name in enumerate(names):
        flat = [
            v for h in np.where(np.abs(coefs[:, j]) >= FAINT)[0] for v in (int(h), round(float(coefs[h, j]) * SCALE))
        ]
        if flat:
            weights[name] = flat
    rounded = [[s[0], *(round(float(v), 4) for v in s[1:])] for s in specs]
    lines = [f"{json.dumps(k, ensure_ascii=False)}:{json.dumps(v, separators=(',', ':'))}" for k, v in weights.items()]
    return f'{{"scale":{SCALE},\n"heads":{json.dumps(rounded)},\n"weights":{{\n' + ",\n".join(lines) + "}}\n"


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--data", type=Path, required=True)
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--folds", type=Path, required=True)
    a = ap.parse_args()
    start = time.perf_counter()
    t = Table(a.data)
    print(
        f"{len(t.rows)} blocks, {t.gated.sum()} telling, {t.x.shape} passages x features, {time.perf_counter() - start:.0f} s",
        flush=True,
    )
    passage_fold = t.fold[t.owner]
    coefs: list[list[np.ndarray]] = [[] for _ in range(K + 1)]
    specs: list[list[list[Any]]] = [[] for _ in range(K + 1)]
    oof = {}
    w = np.where(t.whole, WHOLE_WEIGHT, 1.0)
    for activity in FORBID:
        y, counts = t.label(activity, "forbid")
        oof[activity] = np.full(len(t.owner), -20.0)
        biases = []
        for k in range(K):
            c, bias, s = fit_passages(t, y, counts & (t.fold != k))
            oof[activity][passage_fold == k] = s[passage_fold == k]
            coefs[k].append(c)
            biases.append(bias)
        c, bias, _ = fit_passages(t, y, counts)
        coefs[K].append(c)
        p = block_max(t, oof[activity])
        m = counts & t.gated & t.real
        for k, b in enumerate([*biases, bias]):
            o = m & (t.fold != k)
            specs[k].append(head_spec(f"forbid:{activity}", b, y[o], p[o], w[o]))
        d = p >= specs[K][-1][3]
        print(
            f"{activity:18s} n={y[m].sum():4d} P {(y & d)[m].sum() / max(1, d[m].sum()):.3f} R"
            f" {(y & d)[m].sum() / y[m].sum():.3f} upper {specs[K][-1][3]:.2f}  {time.perf_counter() - start:.0f} s",
            flush=True,
        )
    index, acts, sets = exception_rows(t, oof)
    about = csr_matrix(np.array([[1.0 if x == b else 0.0 for b in FORBID] for x in acts], np.float32))
    x = hstack([t.x[index], about]).tocsr()
    factor = np.concatenate([t.penalty, np.ones(len(FORBID), np.float32)])
    for name in EXCEPT:
        y = np.array([name in s for s in sets])
        for k in range(K + 1):
            use = passage_fold[index] != k
            m = logistic(EXCEPT_STRENGTH).fit(x[use], y[use])
            coefs[k].append(m.coef_[0] * factor)
            specs[k].append([f"except:{name}", float(m.intercept_[0]), 0.0, 0.0, 1.0, 0.0])
    names = [*t.names, *(f"={b}" for b in FORBID)]
    a.folds.mkdir(parents=True, exist_ok=True)
    for k in range(K + 1):
        full = np.array([np.pad(c, (0, len(names) - len(c))) for c in coefs[k]])
        (a.out if k == K else a.folds / f"fold{k}.json").write_text(
            weights_text(names, full, specs[k]), encoding="utf-8"
        )
    (a.folds / "folds.json").write_text(json.dumps(t.fold_of_document))
    print(a.out, a.out.stat().st_size, f"bytes, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
