"""A linear model whose weights ship as data: the score of a passage is the sum of its features' weights.

Trained offline by benchmarks/terms/train.py (logistic regression, L2); reading it needs dictionaries only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

Weights = Mapping[str, tuple[tuple[int, float], ...]]
"""For each feature: the heads it speaks for or against, with its weight."""

_FAR = 60.0


class Head(NamedTuple):
    """One question the model answers: ``forbid:extraction``, ``except:law``.

    A score from ``upper`` on is reported, from ``lower`` on it is reported as uncertain. ``slope`` and ``offset`` turn a score
    into a probability (Platt 1999).
    """

    name: str
    bias: float
    lower: float
    upper: float
    slope: float
    offset: float

    def probability(self, score: float) -> float:
        """How often a passage with this score was what the head says."""
        z = self.slope * score + self.offset
        return 1 / (1 + math.exp(-z)) if z > -_FAR else 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """Heads and weights; those of claims and of exceptions apart, since exceptions matter only where there is a claim."""

    claims: tuple[Head, ...]
    exceptions: tuple[Head, ...]
    claim_weights: Weights
    exception_weights: Weights


def add(scores: list[float], weights: Weights, features: Iterable[str]) -> None:
    """Add the weights of the features to a list of scores, one a head."""
    get = weights.get
    for feature in features:
        found = get(feature)
        if found is not None:
            for head, weight in found:
                scores[head] += weight


def strongest(weights: Weights, head: int, features: Iterable[str], *, most: int) -> list[str]:
    """The features that spoke most strongly for a head, strongest first."""
    found = [(w, f) for f in features for h, w in weights.get(f, ()) if h == head and w > 0]
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    return [f for _, f in found[:most]]


def parse_model(text: str) -> Model:
    """The model in a weights file: JSON with ``scale``, ``heads`` and, by feature, a flat list of head and scaled weight."""
    data = json.loads(text)
    scale = data["scale"]
    heads = [Head(*h) for h in data["heads"]]
    first = next((i for i, h in enumerate(heads) if h.name.startswith("except:")), len(heads))
    claims, exceptions = {}, {}
    for feature, flat in data["weights"].items():
        pairs = [(flat[i], flat[i + 1] / scale) for i in range(0, len(flat), 2)]
        if low := tuple(p for p in pairs if p[0] < first):
            claims[feature] = low
        if high := tuple((h - first, w) for h, w in pairs if h >= first):
            exceptions[feature] = high
    return Model(tuple(heads[:first]), tuple(heads[first:]), claims, exceptions)


@lru_cache(maxsize=16)
def model_for(language: str) -> Model | None:
    """The model of a language, or None when there is none."""
    file = resources.files("scrapeguard.terms") / "rules" / f"{language}.weights.json"
    return parse_model(file.read_text(encoding="utf-8")) if language.isalpha() and file.is_file() else None
