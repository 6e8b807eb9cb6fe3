"""Train the clause model and write its weights; print the cross-validated figures.

    python benchmarks/terms/train.py --data ../shared/terms/dev_en.jsonl [--no-cv]

Passages are the instances, blocks carry the labels: a block's label is given to its best passages, twice over
(multiple-instance learning with the maximum rule; Andrews, Tsochantaridis and Hofmann 2003).
"""

from __future__ import annotations

import argparse
import collections
import json
import time
from pathlib import Path

import numpy as np
from augment import made_up
from corpus import Row, blocks_of, folds, groups, load, rows_of
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from scrapeguard.terms.reading import BlockReader
from scrapeguard.terms.rule import lexicon_for
from scrapeguard.terms.segment import blocks_of_text

CORE = ("automated-access", "extraction", "ai-training", "identification", "personal-data")
FORBID = ("ai-training", "ai-use", "archiving", "automated-access", "circumvention", "commercial-use", "competing-use",
          "excessive-load", "extraction", "identification", "indexing", "personal-data", "redistribution")
PERMIT = ("redistribution", "archiving", "automated-access", "extraction")
EXCEPT = ("permission", "law", "api", "consent", "search-engine", "robots-txt", "personal", "research", "other")
STRENGTH = 0.3
FEWEST = 3
SCALE = 256
MADE_WEIGHT = 0.3


class Table:
    """Instances (passages) and blocks, with labels."""

    def __init__(self, data: Path, language: str = "en", *, made: int = 0) -> None:
        lexicon = lexicon_for(language)
        assert lexicon
        self.records = load(data)
        self.rows = []
        self.features: list[list[str]] = []
        owner = []
        for d, record in enumerate(self.records):
            reader = BlockReader(lexicon, record["text"])
            for row in rows_of(d, record, blocks_of(record)):
                for read in reader.read(row.block):
                    self.features.append(sorted(read.features() | read.context.features))
                    owner.append(len(self.rows))
                self.rows.append(row)
        for text, labels in made_up(each=made) if made else ():
            *_, block = blocks_of_text(text, markdown=True)
            for read in BlockReader(lexicon, text).read(block):
                self.features.append(sorted(read.features() | read.context.features))
                owner.append(len(self.rows))
            self.rows.append(Row(-1, block, [(x, "forbid", frozenset(), frozenset()) for x in sorted(labels)], set()))
        self.owner = np.array(owner)
        self.document = np.array([r.document for r in self.rows])
        count = collections.Counter(f for fs in self.features for f in fs)
        self.names = sorted(f for f, n in count.items() if n >= FEWEST)
        index = {f: i for i, f in enumerate(self.names)}
        cols = [[index[f] for f in fs if f in index] for fs in self.features]
        ptr = np.cumsum([0, *map(len, cols)])
        self.x = csr_matrix((np.ones(ptr[-1], np.float32), np.concatenate([np.array(c, int) for c in cols]), ptr),
                            shape=(len(cols), len(self.names)))
        member = csr_matrix((np.ones(len(owner), np.float32), (owner, np.arange(len(owner)))), shape=(len(self.rows), len(owner)))
        self.xb = (member @ self.x).tocsr()
        self.xb.data[:] = 1
        self.weight = np.where(self.document >= 0, 1.0, MADE_WEIGHT)
        per_doc = collections.Counter(int(d) for d in self.document)
        fold = folds(groups(self.records), [per_doc[i] for i in range(len(self.records))])
        self.fold = np.array([fold[d] if d >= 0 else -1 for d in self.document])
        self.real = self.document >= 0
        self.whole = np.array([d >= 0 and self.records[d]["reviewed"] == "all" for d in self.document])
        self.gated = np.zeros(len(self.rows), bool)
        self.gated[self.owner] = True

    def label(self, activity: str, effect: str) -> tuple[np.ndarray, np.ndarray]:
        """Per block: labelled so, and whether the label counts (it was not contested)."""
        y = np.array([any(g[0] == activity and g[1] == effect for g in r.labels) for r in self.rows])
        counts = np.array([(activity, effect) not in r.contested for r in self.rows])
        return y, counts


def block_max(t: Table, s: np.ndarray) -> np.ndarray:
    out = np.full(len(t.rows), -20.0)
    np.maximum.at(out, t.owner, s)
    return out


def fit_mil(t: Table, y: np.ndarray, use_rows: np.ndarray, strength: float = STRENGTH) -> tuple[np.ndarray, float, np.ndarray]:
    """Coefficients and bias of the passage model trained on the blocks ``use_rows``; also its scores for all passages."""
    use = use_rows[t.owner]
    yi = y[t.owner]
    wi = t.weight[t.owner]
    rows = use_rows & t.gated
    s = LogisticRegression(C=strength, solver="liblinear", tol=1e-3).fit(t.xb[rows], y[rows], t.weight[rows]).decision_function(t.x)
    for _ in range(2):
        best = block_max(t, s)
        pos = yi & ((s >= best[t.owner] - 1e-9) | (s > 0.5))
        keep = use & (~yi | pos)
        m = LogisticRegression(C=strength, solver="liblinear", tol=1e-3).fit(t.x[keep], pos[keep], wi[keep])
        s = m.decision_function(t.x)
    return m.coef_[0], float(m.intercept_[0]), s


def best_threshold(y: np.ndarray, p: np.ndarray) -> float:
    o = np.argsort(-p)
    tp = np.cumsum(y[o])
    f = 2 * tp / (np.arange(1, len(o) + 1) + max(1, y.sum()))
    k = int(np.argmax(f))
    return float(p[o][k] + p[o][min(k + 1, len(o) - 1)]) / 2


def precise_threshold(y: np.ndarray, p: np.ndarray, wanted: float) -> float:
    """The lowest threshold whose precision is as wanted; above every score when none is."""
    o = np.argsort(-p)
    tp = np.cumsum(y[o])
    ok = np.where(tp / np.arange(1, len(o) + 1) >= wanted)[0]
    return float(p[o][ok[-1]]) if len(ok) and ok[-1] >= 2 else float(p.max()) + 1


def platt(y: np.ndarray, p: np.ndarray) -> tuple[float, float]:
    m = LogisticRegression(C=1e3, solver="liblinear").fit(p.reshape(-1, 1), y)
    return float(m.coef_[0][0]), float(m.intercept_[0])


def exception_instances(t: Table, oof: dict[str, np.ndarray]) -> tuple[np.ndarray, list[set[str]], np.ndarray]:
    """The passage that carries each labelled ban, with its exceptions."""
    best: dict[int, set[str]] = {}
    by_row: dict[int, list[int]] = collections.defaultdict(list)
    for i, o in enumerate(t.owner):
        by_row[int(o)].append(i)
    for r, row in enumerate(t.rows):
        for activity, effect, exceptions, _ in row.labels:
            if effect == "forbid" and activity in FORBID and by_row[r]:
                i = max(by_row[r], key=lambda j: oof[f"forbid:{activity}"][j])
                best.setdefault(i, set()).update(exceptions)
    index = np.array(sorted(best))
    return index, [best[i] for i in index], t.fold[t.owner[index]]


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--data", type=Path, required=True)
    ap.add_argument("--out", type=Path, required=True)
    a = ap.parse_args()
    start = time.perf_counter()
    t = Table(a.data)
    print(f"{len(t.rows)} blocks, {t.gated.sum()} telling, {t.x.shape} passages x features, {time.perf_counter() - start:.0f} s")
    heads = [f"forbid:{x}" for x in FORBID] + [f"permit:{x}" for x in PERMIT]
    coefs, specs, oof = [], [], {}
    decided = {}
    for name in heads:
        effect, activity = name.split(":")
        y, counts = t.label(activity, effect)
        scores = np.full(len(t.owner), -20.0)
        for k in range(5):
            _, _, s = fit_mil(t, y, counts & (t.fold != k))
            scores[t.fold[t.owner] == k] = s[t.fold[t.owner] == k]
        oof[name] = scores
        m = counts & t.gated
        p = block_max(t, scores)
        upper = best_threshold(y[m], p[m]) if effect == "forbid" else precise_threshold(y[m], p[m], 0.85)
        slope, offset = platt(y[m], p[m])
        lower = min(upper, (np.log(0.25 / 0.75) - offset) / slope)
        decided[name] = (y, counts, p >= upper)
        coef, bias, _ = fit_mil(t, y, counts)
        coefs.append(coef)
        specs.append([name, bias, lower, upper, slope, offset])
        tp = (y & (p >= upper) & counts).sum()
        print(f"{name:26s} n={y.sum():4d} P {tp / max(1, ((p >= upper) & counts).sum()):.3f} R {tp / max(1, (y & counts).sum()):.3f}"
              f"  upper {upper:.2f} lower {lower:.2f}  {time.perf_counter() - start:.0f} s", flush=True)
    for label, m0 in (("all", np.ones(len(t.rows), bool)), ("whole", t.whole)):
        for title, acts in (("core", CORE), ("all", FORBID)):
            c = collections.Counter()
            for act in acts:
                y, counts, d = decided[f"forbid:{act}"]
                m = m0 & counts
                c.update(tp=int((y & d)[m].sum()), fp=int((~y & d)[m].sum()), fn=int((y & ~d)[m].sum()))
            print(label, title, round(2 * c["tp"] / (2 * c["tp"] + c["fp"] + c["fn"]), 4))
    index, sets, fold = exception_instances(t, oof)
    predicted = [set() for _ in index]
    for name in EXCEPT:
        y = np.array([name in s for s in sets])
        p = np.full(len(index), -9.0)
        for k in range(5):
            if y[fold != k].sum() > 1:
                m = LogisticRegression(C=1, solver="liblinear").fit(t.x[index[fold != k]], y[fold != k])
                p[fold == k] = m.decision_function(t.x[index[fold == k]])
        for i in np.where(p > 0)[0]:
            predicted[i].add(name)
        m = LogisticRegression(C=1, solver="liblinear").fit(t.x[index], y)
        coefs.append(m.coef_[0])
        specs.append([f"except:{name}", float(m.intercept_[0]), 0.0, 0.0, 1.0, 0.0])
        tp = (y & (p > 0)).sum()
        print(f"except:{name:20s} n={y.sum():4d} P {tp / max(1, (p > 0).sum()):.3f} R {tp / max(1, y.sum()):.3f}")
    print("exceptions exact", np.mean([a == b for a, b in zip(sets, predicted)]))
    write(a.out, t.names, np.array(coefs), specs)
    print(a.out, a.out.stat().st_size, f"{time.perf_counter() - start:.0f} s")


def write(out: Path, names: list[str], coefs: np.ndarray, specs: list[list]) -> None:
    weights = {}
    for j, name in enumerate(names):
        flat = []
        for h in np.where(np.abs(coefs[:, j]) >= 0.02)[0]:
            flat += [int(h), round(float(coefs[h, j]) * SCALE)]
        if flat:
            weights[name] = flat
    specs = [[s[0], *(round(float(v), 4) for v in s[1:])] for s in specs]
    lines = [f"{json.dumps(k, ensure_ascii=False)}:{json.dumps(v, separators=(',', ':'))}" for k, v in weights.items()]
    out.write_text('{"scale":%d,\n"heads":%s,\n"weights":{\n%s}}\n' % (SCALE, json.dumps(specs), ",\n".join(lines)), encoding="utf-8")


if __name__ == "__main__":
    main()
