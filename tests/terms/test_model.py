"""The linear model: sums over features, vectors of length 1, and what a weights file may hold."""

import json
import math

import pytest

from scrapeguard.terms.model import add, parse_model, share, strongest

HEADS = [["forbid:extraction", -1.0, -2.0, 0.5, 1.0, 0.0], ["except:law", 0.0, 0.0, 0.0, 1.0, 0.0]]


def written(**more: object) -> str:
    return json.dumps({"scale": 4, "heads": HEADS, "weights": {"by law": [1, 8]}, **more})


def test_a_score_is_the_sum_of_weights_over_the_length_of_the_vector() -> None:
    model = parse_model(written(passages={"scrap": [12, 0, 20], "site": [16]}))
    scores = [0.0]
    length = add(scores, model.claim_weights, {"scrap", "site", "unknown"})
    assert scores == [5.0]
    assert length == 3.0**2 + 4.0**2
    assert share(length) == pytest.approx(1 / 5)


def test_without_lengths_a_score_is_the_plain_sum() -> None:
    model = parse_model(written(weights={"scrap": [0, 6, 1, 4]}))
    scores = [0.0]
    assert share(add(scores, model.claim_weights, {"scrap"})) == 1.0
    assert scores == [1.5]
    assert model.exception_weights["scrap"].weights == ((0, 1.0),)
    assert not model.block_weights


def test_words_of_blocks_have_weights_of_their_own() -> None:
    model = parse_model(written(blocks={"no scrap here": [4, 0, -2]}))
    assert model.block_weights["no scrap here"] == (1.0, ((0, -0.5),))
    assert not model.claim_weights


def test_the_strongest_features_speak_for_the_head() -> None:
    model = parse_model(written(passages={"a": [4, 0, 4], "b": [4, 0, 8], "c": [4, 0, -8], "d": [4]}))
    assert strongest(model.claim_weights, 0, {"a", "b", "c", "d", "e"}, most=3) == ["b", "a"]


def test_a_probability_stays_finite_far_from_the_threshold() -> None:
    head = parse_model(written()).claims[0]
    assert head.probability(-1e9) == 0.0
    assert math.isclose(head.probability(0.0), 0.5)
