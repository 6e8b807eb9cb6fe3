"""Terms in languages other than English: their lexicons, the rules they share, documents in two languages and in none we read."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from scrapeguard.model.statement import Effect
from scrapeguard.terms.document import read_terms
from scrapeguard.terms.inflected import Inflected
from scrapeguard.terms.language import language_of
from scrapeguard.terms.reading import BlockReader
from scrapeguard.terms.rule import rules_for
from scrapeguard.terms.segment import blocks_of_text

LANGUAGES = ("de", "es", "fr", "it", "nl", "pl", "pt")
FOLDER = files("scrapeguard.terms") / "rules"
EXAMPLES = [
    (code, e["text"], set(e["forbids"]))
    for code in LANGUAGES
    for e in tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))["examples"]
]
SHARED = [
    (rule["id"], example)
    for rule in tomllib.loads((FOLDER / "shared.toml").read_text(encoding="utf-8"))["rules"]
    for example in rule["examples"]
]


def forbidden(text: str, language: str | None = None) -> set[str]:
    doc = read_terms(text, content_type="text/plain", language=language)
    return {a.value for c in doc.clauses if c.effect is Effect.FORBID and not c.uncertain for a in c.activities}


@pytest.mark.parametrize(("code", "text", "activities"), EXAMPLES)
def test_a_language_file_reads_its_examples(code: str, text: str, activities: set[str]) -> None:
    assert activities <= forbidden(text, code)


@pytest.mark.parametrize(("name", "text"), SHARED)
def test_a_shared_rule_fires_on_its_examples_in_every_language(name: str, text: str) -> None:
    fired = set()
    for code in LANGUAGES:
        rules = rules_for(code)
        assert rules is not None
        rule = next(r for r in rules.rules if r.id == name)
        if any(rule.fires(r.features(), r.context.features) for b in blocks_of_text(text, markdown=False)
               for r in BlockReader(rules.lexicon, text).read(b)):
            fired.add(code)
    assert language_of(text).code in fired


@pytest.mark.parametrize("text", [
    "Nous collectons vos données personnelles au moyen de cookies afin d’améliorer nos services.",
    "Wir verwenden automatisierte Verfahren, um unsere Dienste zu verbessern.",
    "Die Lieferung erfolgt innerhalb von drei Werktagen nach Eingang der Zahlung.",
    "Los gastos de envío corren a cargo del comprador y no se reembolsan.",
    "Il recesso deve essere comunicato entro quattordici giorni dalla consegna.",
])
def test_what_the_company_does_and_what_has_nothing_to_do_with_use_is_no_ban(text: str) -> None:
    assert forbidden(text) == set()


def test_a_german_ban_stands_in_two_parts_around_what_it_bans() -> None:
    rules = rules_for("de")
    assert rules is not None
    words = rules.lexicon.words("Nutzer dürfen die Inhalte der Seiten unter keinen Umständen mit Robotern auslesen")
    assert "ban" in {c for _, c in rules.lexicon.concepts(words)}


def test_phrases_meet_inflected_elided_and_compounded_words() -> None:
    concepts = {"robot": ["robot*"], "data": ["*datenbank*"], "ban": ["darf … nicht"], "extract": ["l extraction"]}
    lexicon = Inflected(concepts, ["robot"])
    found = lexicon.concepts(lexicon.words("Robotów, Hauptdatenbanken, darf man das nicht, l’extraction"))
    assert [c for _, c in found] == ["robot", "data", "ban", "extract"]


def test_a_document_in_two_languages_is_read_in_both() -> None:
    text = (
        "The gazette prints the news of the canal and its towns, and you can read all of it here when you like.\n\n"
        "You may not use robots or other automated means to scrape the pages of this website or any of its content.\n\n"
        "Il est interdit d’extraire les données du site au moyen de robots, de scripts ou de tout autre procédé automatisé."
    )
    doc = read_terms(text, content_type="text/plain")
    quotes = {c.quote[:6] for c in doc.clauses if c.effect is Effect.FORBID}
    assert quotes >= {"You ma", "Il est"}
    assert any("fr" in note for note in doc.notes)


def test_a_language_without_rules_is_named_and_nothing_is_said_of_it() -> None:
    text = "Az oldal tartalmát tilos robotokkal letölteni, és nem szabad azt más oldalon közzétenni, csak ha ez engedélyezett."
    doc = read_terms(text, content_type="text/plain")
    assert (doc.language, doc.readable, doc.clauses) == ("hu", False, ())
    assert any("hu" in note for note in doc.notes)


@pytest.mark.parametrize("text", ["Die Regeln des § 44b Abs. 3 UrhG gelten. Das Scraping ist untersagt.",
                                  "La fouille de textes au sens de l’art. L. 122-5-3 est interdite."])
def test_an_abbreviation_ends_no_sentence(text: str) -> None:
    doc = read_terms(text, content_type="text/plain")
    assert doc.clauses
    assert all(c.quote[0].isupper() and c.quote.endswith(".") for c in doc.clauses)


def test_hostile_text_is_read_in_linear_time() -> None:
    for word in ("darf ", "ne peut ", "no podra… ", "robot "):
        read_terms(word * 20_000, content_type="text/plain", language="de")
