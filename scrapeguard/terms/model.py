"""A linear model whose weights ship as data: the score of a passage is the sum of its features' weights.

Trained offline by benchmarks/terms/train.py (logistic regression, L2); reading it needs dictionaries only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import NamedTuple


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
        return 1 / (1 + math.exp(-z)) if z > -60 else 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """Heads, and for each feature the weights it has: ``(head, weight, head, weight, …)``."""

    heads: tuple[Head, ...]
    weights: dict[str, tuple[tuple[int, float], ...]]

    def add(self, scores: list[float], features: Iterable[str]) -> None:
        """Add the weights of the features to a list of scores, one a head."""
        get = self.weights.get
        for feature in features:
            found = get(feature)
            if found is not None:
                for head, weight in found:
                    scores[head] += weight

    def biases(self) -> list[float]:
        """The scores of a passage without any feature."""
        return [h.bias for h in self.heads]

    def strongest(self, head: int, features: Iterable[str], *, most: int = 4) -> list[str]:
        """The features that spoke most strongly for a head, strongest first."""
        found = [(w, f) for f in features for h, w in self.weights.get(f, ()) if h == head and w > 0]
        found.sort(key=lambda p: (-p[0], p[1]))
        return [f for _, f in found[:most]]


def parse_model(text: str) -> Model:
    """The model in a weights file: JSON with ``scale``, ``heads`` and ``weights`` (feature to a flat list of head, weight × scale)."""
    data = json.loads(text)
    scale = data["scale"]
    weights = {}
    for feature, flat in data["weights"].items():
        weights[feature] = tuple((flat[i], flat[i + 1] / scale) for i in range(0, len(flat), 2))
    return Model(tuple(Head(*h) for h in data["heads"]), weights)


@lru_cache(maxsize=16)
def model_for(language: str) -> Model | None:
    """The model of a language, or None when there is none."""
    file = resources.files("scrapeguard.terms") / "rules" / f"{language}.weights.json"
    return parse_model(file.read_text(encoding="utf-8")) if file.is_file() else None
