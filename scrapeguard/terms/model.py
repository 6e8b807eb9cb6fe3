"""A linear model whose weights ship as data: a score is the sum of the features' weights over the length of their vector.

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


class Column(NamedTuple):
    """A feature: the square of what it adds to the length of the vector, and the heads it speaks for or against."""

    square: float
    weights: tuple[tuple[int, float], ...]


Weights = Mapping[str, Column]
"""The features that a model knows. Where no square is set, scores are plain sums."""

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
    """Heads and weights; those of claims and of exceptions apart, since exceptions matter only where there is a claim.

    ``block_weights`` judge the words of a whole block, whose score is added to that of each passage in it.
    """

    claims: tuple[Head, ...]
    exceptions: tuple[Head, ...]
    claim_weights: Weights
    exception_weights: Weights
    block_weights: Weights


def add(scores: list[float], weights: Weights, features: Iterable[str]) -> float:
    """Add the weights of the features to a list of scores, one a head; returns the squared length of their vector."""
    length = 0.0
    for square, spoken in filter(None, map(weights.get, features)):
        length += square
        for head, weight in spoken:
            scores[head] += weight
    return length


def share(squared_length: float) -> float:
    """What a sum of weights is multiplied by, so that the vector of features has the length 1."""
    return 1 / math.sqrt(squared_length) if squared_length else 1.0


def strongest(weights: Weights, head: int, features: Iterable[str], *, most: int) -> list[str]:
    """The features that spoke most strongly for a head, strongest first."""
    found = [(w, f) for f in features if f in weights for h, w in weights[f].weights if h == head and w > 0]
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    return [f for _, f in found[:most]]


def parse_model(text: str) -> Model:
    """The model in a weights file: JSON with ``scale``, ``heads`` and ``weights``.

    Of each feature, ``weights`` holds a flat list of head and scaled weight. A file may judge ``passages`` and ``blocks`` apart,
    by vectors of length 1: there the list begins with what the feature adds to the length, scaled; ``weights`` then holds what
    is left, the exceptions'.
    """
    data = json.loads(text)
    scale = data["scale"]
    heads = [Head(*h) for h in data["heads"]]
    first = next((i for i, h in enumerate(heads) if h.name.startswith("except:")), len(heads))
    claims, exceptions = {}, {}
    for feature, flat in data["weights"].items():
        pairs = [(flat[i], flat[i + 1] / scale) for i in range(0, len(flat), 2)]
        if low := tuple(p for p in pairs if p[0] < first):
            claims[feature] = Column(0.0, low)
        if high := tuple((h - first, w) for h, w in pairs if h >= first):
            exceptions[feature] = Column(0.0, high)
    claims |= _columns(data.get("passages", {}), scale)
    return Model(
        tuple(heads[:first]), tuple(heads[first:]), claims, exceptions, _columns(data.get("blocks", {}), scale)
    )


def _columns(raw: Mapping[str, list[int]], scale: int) -> dict[str, Column]:
    return {
        feature: Column((flat[0] / scale) ** 2, tuple((flat[i], flat[i + 1] / scale) for i in range(1, len(flat), 2)))
        for feature, flat in raw.items()
    }


@lru_cache(maxsize=16)
def model_for(language: str) -> Model | None:
    """The model of a language, or None when there is none."""
    file = resources.files("scrapeguard.terms") / "rules" / f"{language}.weights.json"
    return parse_model(file.read_text(encoding="utf-8")) if language.isalpha() and file.is_file() else None
