"""Train the clause model, write its weights, and print the cross-validated figures.

    python benchmarks/terms/train.py --data ../shared/terms/dev_en.jsonl --out scrapeguard/terms/rules/en.weights.json --folds DIR

Passages are the instances, annotated units carry the labels: a unit's label is given to its best passages, twice over
(multiple-instance learning with the maximum rule; Andrews, Tsochantaridis and Hofmann 2003). A second model judges whole
blocks by their words; the score of a passage is the mean of both, weighted. Features are weighed by how rare they are, and
the vectors have length 1. Groups of services that share text are never split between folds. ``--folds`` keeps the five fold
models for evaluate.py.
"""

from __future__ import annotations

import argparse
import bisect
import collections
import functools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from augment import made_up
from corpus import Row, blocks_of, folds, groups, load, rows_of, units_of
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from scrapeguard.terms.reading import BlockReader
from scrapeguard.terms.rule import rules_for
from scrapeguard.terms.segment import Block, blocks_of_text

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
BAG_STRENGTH, STRENGTH, BLOCK_STRENGTH, EXCEPT_STRENGTH = 30.0, 15.0, 10.0, 4.0
FEWEST, BLOCK_FEWEST = 3, 6
SMOOTH = 1.0
"""Added to each count before their ratio is taken."""
BLOCK_SHARE = 0.7
"""Weight of the block's score beside that of the passage, which weighs 1."""
SCALE = 256
FAINT, FAINT_IN_VECTOR = 0.03, 0.05
LENGTH_UNIT = 8.0
"""Weights and lengths of vectors are written in this unit; their ratio is what counts."""
MADE_EACH, MADE_WEIGHT = 160, 0.4
CONTEXT = 0.5
"""Factor on features of the context: the smaller, the more the L2 penalty holds their weights down."""
EXCEPT_PENALTY = {"concept": 0.6, "word": 0.6, "pair": 0.3, "context": 0.3}
NEAR = 5
"""Calibration looks at so many times as many rows as are positive, the best; the surely negative would bend it where it matters."""
LEAST, MOST = 0.35, 0.5
"""A threshold never lies at a lower or higher probability."""
K = 5


def kind_of(feature: str) -> str:
    return "context" if feature[0] in "<^" else "concept" if "@" in feature else "pair" if " " in feature else "word"


class Vectors:
    """Rows of features as vectors of length 1, each feature weighed by its rarity."""

    def __init__(self, rows: list[list[str]], fewest: int) -> None:
        count = collections.Counter(f for fs in rows for f in fs)
        self.names = sorted(f for f, n in count.items() if n >= fewest)
        self._index = {f: i for i, f in enumerate(self.names)}
        rarity = np.log(len(rows) / (np.array([count[n] for n in self.names]) + 1)) + 1
        self.factor = rarity * np.array([CONTEXT if kind_of(n) == "context" else 1.0 for n in self.names])
        self.binary = self._binary(rows)
        self.x = self._scaled(self.binary)

    def _binary(self, rows: list[list[str]]) -> csr_matrix:
        cols = [[self._index[f] for f in fs if f in self._index] for fs in rows]
        ptr = np.cumsum([0, *map(len, cols)])
        ones = np.ones(ptr[-1], np.float32)
        return csr_matrix(
            (ones, np.concatenate([np.array(c, int) for c in cols]), ptr), shape=(len(cols), len(self.names))
        )

    def _scaled(self, binary: csr_matrix) -> csr_matrix:
        return normalize((binary @ diags(self.factor.astype(np.float32))).tocsr())

    def united(self, owner: np.ndarray, n: int) -> csr_matrix:
        """The vectors of ``n`` bags, each with the features of all its rows."""
        member = csr_matrix((np.ones(len(owner), np.float32), (owner, np.arange(len(owner)))), shape=(n, len(owner)))
        bags = (member @ self.binary).tocsr()
        bags.data[:] = 1
        return self._scaled(bags)


class Table:
    """Passages, the blocks they stand in, and the annotated units (rows), with labels."""

    def __init__(self, data: Path, language: str = "en") -> None:
        rules = rules_for(language)
        assert rules
        self.records = load(data)
        self.rows: list[Row] = []
        passages: list[list[str]] = []
        blocks: list[list[str]] = []
        owner: list[int] = []
        block_of: list[int] = []

        def take(reader: BlockReader, block: Block, row_at: Callable[[int], int | None]) -> None:
            held = [(read, row) for read in reader.read(block) if (row := row_at(read.passage.start)) is not None]
            for read, row in held:
                passages.append(sorted(read.features() | read.context.features))
                owner.append(row)
                block_of.append(len(blocks))
            if held:
                blocks.append(sorted(reader.whole(block)))

        per_doc = []
        for d, record in enumerate(self.records):
            found = blocks_of(record)
            reader = BlockReader(rules.lexicon, record["text"], found)
            per_doc.append(len(rows_of(d, record, found)))
            rows = rows_of(d, record, units_of(record["text"]))
            starts, first = [r.block.start for r in rows], len(self.rows)

            def row_at(at: int, rows: list[Row] = rows, starts: list[int] = starts, first: int = first) -> int | None:
                i = bisect.bisect_right(starts, at) - 1
                return first + i if i >= 0 and at < rows[i].block.end else None

            for block in found:
                take(reader, block, row_at)
            self.rows += rows
        for text, labels in made_up(each=MADE_EACH):
            *_, block = blocks_of_text(text, markdown=True)
            bans = [(x, "forbid", frozenset[str](), frozenset[str]()) for x in sorted(labels)]
            take(BlockReader(rules.lexicon, text), block, functools.partial(lambda row, _: row, len(self.rows)))
            self.rows.append(Row(-1, block, bans, set()))
        self.owner, self.block_of = np.array(owner), np.array(block_of)
        self.passages, self.blocks = Vectors(passages, FEWEST), Vectors(blocks, BLOCK_FEWEST)
        self.bags = self.passages.united(self.owner, len(self.rows))
        self.document = np.array([r.document for r in self.rows])
        self.weight = np.where(self.document >= 0, 1.0, MADE_WEIGHT)
        self.fold_of_document = folds(groups(self.records), per_doc, K)
        self.fold = np.array([self.fold_of_document[d] if d >= 0 else -1 for d in self.document])
        self.real = self.document >= 0
        self.gated = np.zeros(len(self.rows), bool)
        self.gated[self.owner] = True

    def label(self, activity: str, effect: str) -> tuple[np.ndarray, np.ndarray]:
        """Per row: labelled so, and whether the label counts (it was not contested)."""
        y = np.array([any(g[0] == activity and g[1] == effect for g in r.labels) for r in self.rows])
        counts = np.array([(activity, effect) not in r.contested for r in self.rows])
        return y, counts


def block_max(t: Table, s: np.ndarray) -> np.ndarray:
    out = np.full(len(t.rows), -20.0)
    np.maximum.at(out, t.owner, s)
    return out


def logistic(strength: float, tol: float = 1e-2) -> LogisticRegression:
    return LogisticRegression(C=strength, solver="liblinear", tol=tol)


def telling(x: csr_matrix, y: np.ndarray) -> np.ndarray:
    """How freely each feature may weigh, by what it tells alone: the root of the log ratio of its shares among right and wrong.

    Naive Bayes as the prior of a linear model: Wang and Manning 2012.
    """
    right, wrong = (SMOOTH + np.asarray((x[rows] > 0).sum(0)).ravel() for rows in (y, ~y))
    r = np.sqrt(np.abs(np.log(right / right.sum() * wrong.sum() / wrong)))
    seen = x @ diags(r)
    return r / np.sqrt(seen.multiply(seen).sum(1).mean())


def fit_passages(t: Table, y: np.ndarray, use_rows: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and bias of the passage model trained on the rows ``use_rows``."""
    rows = use_rows & t.gated
    x = t.passages.x
    s = logistic(BAG_STRENGTH).fit(t.bags[rows], y[rows], t.weight[rows]).decision_function(x)
    yi, wi = y[t.owner], t.weight[t.owner]
    for _ in range(2):
        positive = yi & ((s >= block_max(t, s)[t.owner] - 1e-9) | (s > 0.5))
        keep = use_rows[t.owner] & (~yi | positive)
        free = telling(x[keep], positive[keep])
        m = logistic(STRENGTH).fit(x[keep] @ diags(free), positive[keep], wi[keep])
        weights, bias = m.coef_[0] * free, float(m.intercept_[0])
        s = x @ weights + bias
    return weights, bias


def fit_blocks(t: Table, y: np.ndarray, use_rows: np.ndarray) -> LogisticRegression:
    """The block model trained on the blocks of the rows ``use_rows``."""
    n = t.blocks.x.shape[0]
    label, use = np.zeros(n, bool), np.ones(n, bool)
    np.logical_or.at(label, t.block_of, y[t.owner])
    np.logical_and.at(use, t.block_of, use_rows[t.owner])
    weight = np.ones(n)
    weight[t.block_of] = t.weight[t.owner]
    return logistic(BLOCK_STRENGTH).fit(t.blocks.x[use], label[use], weight[use])


def fit(t: Table, y: np.ndarray, use_rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    """Weights of passages and of blocks as they are written, their common bias, and the scores of all passages by them."""
    (weights, bias), b = fit_passages(t, y, use_rows), fit_blocks(t, y, use_rows)
    own, beside = 1 / (1 + BLOCK_SHARE), BLOCK_SHARE / (1 + BLOCK_SHARE)
    mine = without_faint(own * weights * t.passages.factor)
    whole = without_faint(beside * b.coef_[0] * t.blocks.factor)
    common = own * bias + beside * float(b.intercept_[0])
    s = t.passages.x @ (mine / t.passages.factor) + (t.blocks.x @ (whole / t.blocks.factor))[t.block_of] + common
    return mine, whole, common, s


def without_faint(weights: np.ndarray) -> np.ndarray:
    return np.where(np.abs(weights) >= FAINT_IN_VECTOR * LENGTH_UNIT, weights, 0.0)


def best_threshold(y: np.ndarray, p: np.ndarray) -> float:
    """The threshold of the best F1."""
    o = np.argsort(-p)
    f = 2 * np.cumsum(y[o]) / (np.arange(1, len(y) + 1) + max(1, y.sum()))
    k = int(np.argmax(f))
    return float(p[o][k] + p[o][min(k + 1, len(o) - 1)]) / 2


def platt(y: np.ndarray, p: np.ndarray, w: np.ndarray) -> tuple[float, float]:
    m = LogisticRegression(C=1e3, solver="liblinear").fit(p.reshape(-1, 1), y, w)
    return float(m.coef_[0][0]), float(m.intercept_[0])


def near(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """The indices on which calibration looks."""
    return np.argsort(-p)[: NEAR * int(y.sum()) + 20]


def head_spec(t: Table, name: str, bias: float, y: np.ndarray, s: np.ndarray, use: np.ndarray) -> list[Any]:
    """Name, bias, thresholds and calibration, drawn from the out-of-fold scores ``s`` of the passages of the rows ``use``.

    The probability is that of a passage which would be reported: a doubtful one beside a sure one of its unit is not.
    """
    best = block_max(t, s)
    n = near(y[use], best[use])
    slope, offset = platt(y[use][n], best[use][n], np.ones(len(n)))

    def at(probability: float) -> float:
        return float(np.log(probability / (1 - probability)) - offset) / slope

    upper = min(max(best_threshold(y[use], best[use]), at(LEAST)), at(MOST))
    shown = use[t.owner] & ((s >= upper) | (best[t.owner] < upper))
    right, scores = y[t.owner][shown], s[shown]
    n = near(right, scores)
    slope, offset = platt(right[n], scores[n], np.ones(len(n)))
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


def lines_of(columns: dict[str, list[int]]) -> str:
    return ",\n".join(
        f"{json.dumps(k, ensure_ascii=False)}:{json.dumps(v, separators=(',', ':'))}" for k, v in columns.items()
    )


def flat_of(column: np.ndarray, faint: float) -> list[int]:
    return [v for h in np.where(np.abs(column) >= faint)[0] for v in (int(h), round(float(column[h]) * SCALE))]


def view_text(vectors: Vectors, coefs: np.ndarray) -> str:
    lengths = [round(float(f) / LENGTH_UNIT * SCALE) for f in vectors.factor]
    columns = (flat_of(c, FAINT_IN_VECTOR) for c in (coefs / LENGTH_UNIT).T)
    return lines_of({n: [length, *c] for n, length, c in zip(vectors.names, lengths, columns, strict=True)})


def weights_text(
    names: list[str],
    coefs: np.ndarray,
    specs: list[list[Any]],
    views: dict[str, tuple[Vectors, np.ndarray]] | None = None,
) -> str:
    weights = {n: flat for n, c in zip(names, coefs.T, strict=True) if (flat := flat_of(c, FAINT))}
    rounded = [[s[0], *(round(float(v), 4) for v in s[1:])] for s in specs]
    judged = "".join(f'"{name}":{{\n{view_text(*view)}}},\n' for name, view in (views or {}).items())
    return f'{{"scale":{SCALE},\n"heads":{json.dumps(rounded)},\n{judged}"weights":{{\n{lines_of(weights)}}}}}\n'


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--data", type=Path, required=True)
    ap.add_argument("--out", type=Path, required=True)
    ap.add_argument("--folds", type=Path, required=True)
    a = ap.parse_args()
    start = time.perf_counter()
    t = Table(a.data)
    print(
        f"{len(t.rows)} units, {t.gated.sum()} telling, {t.passages.x.shape} passages and {t.blocks.x.shape} blocks x features,"
        f" {time.perf_counter() - start:.0f} s",
        flush=True,
    )
    passage_fold = t.fold[t.owner]
    coefs: list[list[np.ndarray]] = [[] for _ in range(K + 1)]
    of_passages: list[list[np.ndarray]] = [[] for _ in range(K + 1)]
    of_blocks: list[list[np.ndarray]] = [[] for _ in range(K + 1)]
    specs: list[list[list[Any]]] = [[] for _ in range(K + 1)]
    oof = {}
    for activity in FORBID:
        y, counts = t.label(activity, "forbid")
        oof[activity] = np.full(len(t.owner), -20.0)
        biases = []
        for k in range(K + 1):
            own, beside, bias, s = fit(t, y, counts & (t.fold != k))
            if k < K:
                oof[activity][passage_fold == k] = s[passage_fold == k]
            of_passages[k].append(own)
            of_blocks[k].append(beside)
            biases.append(bias)
        p = block_max(t, oof[activity])
        m = counts & t.gated & t.real
        for k, b in enumerate(biases):
            specs[k].append(head_spec(t, f"forbid:{activity}", b, y, oof[activity], m & (t.fold != k)))
        d = p >= specs[K][-1][3]
        print(
            f"{activity:18s} n={y[m].sum():4d} P {(y & d)[m].sum() / max(1, d[m].sum()):.3f} R"
            f" {(y & d)[m].sum() / y[m].sum():.3f} upper"
            f" {specs[K][-1][3]:.2f} slope {specs[K][-1][4]:.2f}  {time.perf_counter() - start:.0f} s",
            flush=True,
        )
    index, acts, sets = exception_rows(t, oof)
    about = csr_matrix(np.array([[1.0 if x == b else 0.0 for b in FORBID] for x in acts], np.float32))
    penalty = np.array([EXCEPT_PENALTY[kind_of(n)] for n in t.passages.names], np.float32)
    x = hstack([t.passages.binary[index] @ diags(penalty), about]).tocsr()
    factor = np.concatenate([penalty, np.ones(len(FORBID), np.float32)])
    for name in EXCEPT:
        y = np.array([name in s for s in sets])
        for k in range(K + 1):
            use = passage_fold[index] != k
            m = logistic(EXCEPT_STRENGTH, 1e-3).fit(x[use], y[use])
            coefs[k].append(m.coef_[0] * factor)
            specs[k].append([f"except:{name}", float(m.intercept_[0]), 0.0, 0.0, 1.0, 0.0])
    names = [*t.passages.names, *(f"={b}" for b in FORBID)]
    a.folds.mkdir(parents=True, exist_ok=True)
    none = np.zeros((len(FORBID), len(names)))
    for k in range(K + 1):
        views = {"passages": (t.passages, np.array(of_passages[k])), "blocks": (t.blocks, np.array(of_blocks[k]))}
        text = weights_text(names, np.vstack([none, *coefs[k]]), specs[k], views)
        (a.out if k == K else a.folds / f"fold{k}.json").write_text(text, encoding="utf-8")
    (a.folds / "folds.json").write_text(json.dumps(t.fold_of_document))
    print(a.out, a.out.stat().st_size, f"bytes, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
