"""Rule files: every rule's examples fire it, its counterexamples don't; a malformed file names all its faults."""

from __future__ import annotations

import pytest

from scrapeguard.errors import InvalidConfiguration
from scrapeguard.terms.lexicon import FORBIDDEN, forces, governing_force
from scrapeguard.terms.reading import BlockReader
from scrapeguard.terms.rule import Rule, parse_rules, rules_for
from scrapeguard.terms.segment import blocks_of_text
from scrapeguard.terms.words import stems

RULES = rules_for("en")
assert RULES is not None


def fires(rule: Rule, text: str) -> bool:
    assert RULES is not None
    reader = BlockReader(RULES.lexicon, text, hints=RULES.hints)
    return any(
        rule.fires(r.features(), r.context.features)
        for b in blocks_of_text(text, markdown=True)
        for r in reader.read(b)
    )


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda r: r.id)
def test_rule_fires_on_its_examples_only(rule: Rule) -> None:
    assert rule.examples
    assert [e for e in rule.examples if not fires(rule, e)] == []
    assert [e for e in rule.counterexamples if fires(rule, e)] == []


def test_every_phrase_serves_one_concept_and_is_short_enough() -> None:
    assert RULES is not None
    assert max(p.count(" ") for p in RULES.lexicon.phrases) < 6
    assert RULES.lexicon.telling <= set(RULES.lexicon.phrases.values())


def test_a_malformed_rule_file_names_every_fault() -> None:
    text = """
language = "xx"
telling = ["robot", "nothing"]
[concepts]
robot = ["robot"]
[[rules]]
id = "a"
effect = "ban"
activities = ["flying"]
all = ["F@dragon"]
confidence = 0.5
examples = ["x"]
colour = "red"
[[rules]]
id = "b"
effect = "forbid"
activities = ["extraction"]
confidence = 0.5
examples = []
"""
    with pytest.raises(InvalidConfiguration) as caught:
        parse_rules(text, source="xx.toml")
    faults = "; ".join(caught.value.faults)
    for word in ("nothing", "ban", "flying", "dragon", "colour", "no all", "reach"):
        assert word in faults


def test_an_unknown_language_has_no_rules() -> None:
    assert rules_for("xx") is None
    assert rules_for("../en") is None


@pytest.mark.parametrize(
    ("words", "concept", "force"),
    [
        ("You may not use any robot here", "robot", "F"),
        ("Use of robots is prohibited", "robot", "F"),
        ("We may use robots to answer you", "robot", "C"),
        ("We will not sell your data", "sell", "C"),
        ("You may use robots", "robot", "P"),
        ("You must not copy it except with permission", "permission", "E"),
    ],
)
def test_the_force_of_a_concept_follows_the_trigger_before_it(words: str, concept: str, force: str) -> None:
    assert RULES is not None
    found = RULES.lexicon.concepts(stems(words))
    assert {h.force for h in forces(found, "N") if h.concept == concept} == {force}


@pytest.mark.parametrize(
    ("lead_in", "force"),
    [
        ("You agree not to:", FORBIDDEN),
        ("Prohibited uses", FORBIDDEN),
        ("You may:", "P"),
        ("We may:", "C"),
        ("You must:", "R"),
        ("Contents", "N"),
    ],
)
def test_a_lead_in_gives_its_items_a_force(lead_in: str, force: str) -> None:
    assert RULES is not None
    assert governing_force(RULES.lexicon.concepts(stems(lead_in))) == force
