"""The data file says exactly what the mapping table of the digest (§9.2) says, and a malformed one names every fault."""

from __future__ import annotations

from importlib.resources import files

import pytest

from scrapeguard.errors import InvalidConfiguration
from scrapeguard.model.exchange import Response
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.statement import Verdict
from scrapeguard.signals.tdm_policy import PROFILE
from scrapeguard.signals.vocabulary import parse_vocabulary, vocabulary
from tests.signals.reference import Site

SEARCH, INPUT, TRAIN, TDM, RESEARCH, ARCHIVE, REUSE, PERSONAL, IDENTIFICATION = list(Purpose)[1:]
COLUMNS = list(Purpose)

# Upper case: direct; lower case: derived; · nothing. Columns: access, search, ai-input, ai-train, tdm, research, archive, reuse,
# personal-data, identification.
TABLE = {
    "content-usage/train-ai=n": "· · · D · · · · · ·",
    "content-usage/train-ai=y": "· · · A · · · · · ·",
    "content-usage/search=n": "· D · · · · · · · ·",
    "content-usage/search=y": "· A · · · · · · · ·",
    "content-signal/search=no": "· D · · · · · · · ·",
    "content-signal/search=yes": "· A · · · · · · · ·",
    "content-signal/ai-input=no": "· · D · · · · · · ·",
    "content-signal/ai-input=yes": "· · A · · · · · · ·",
    "content-signal/ai-train=no": "· · · D · · · · · ·",
    "content-signal/ai-train=yes": "· · · A · · · · · ·",
    "content-signal/use=immediate": "· D · D d c d d · ·",
    "content-signal/use=reference": "· · c D d c c d · ·",
    "tdmrep/0": "· · · a A A · · · ·",
    "robots-meta/noindex": "· D · · · · · · · ·",
    "robots-meta/nosnippet": "· C d · · · · · · ·",
    "robots-meta/nosnippet@googlebot": "· C D · · · · · · ·",
    "robots-meta/nosnippet@applebot": "· C D · · · · · · ·",
    "robots-meta/max-snippet": "· C C · · · · · · ·",
    "robots-meta/unavailable_after": "· D · · · · · · · ·",
    "robots-meta/noarchive": "· · · · · · D · · ·",
    "robots-meta/noarchive@bingbot": "· · D D · · D · · ·",
    "robots-meta/noarchive@amazonbot": "· · · D · · D · · ·",
    "robots-meta/nocache@bingbot": "· · C C · · D · · ·",
    "robots-meta/noai": "· · · D · · · · · ·",
    "robots-meta/noml": "· · · D · · · · · ·",
    "robots-meta/noimageai": "· · · D · · · · · ·",
    "ai-txt/disallow": "· · · D d · · · · ·",
    "ai-txt/allow": "· · · A · · · · · ·",
    "trust-txt/no": "· · · D · · · · · ·",
    "trust-txt/yes": "· · · A · · · · · ·",
    "http-402/payment": "C C C C C C C C C C",
    "http-402/license": "C C C C C C C C C C",
    "http-status/CrawlerForbidden": "D D D D D D D D D D",
    "rel-license/public-domain": "· · · · · · · A · ·",
    "rel-license/creative-commons": "· · · · · · · C · ·",
    "rel-license/other": "· · · · · · · C · ·",
    "plus-datamining/DMI-ALLOWED": "· · · A A A · · · ·",
    "plus-datamining/DMI-PROHIBITED-AIMLTRAINING": "· · · D · · · · · ·",
    "plus-datamining/DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING": "· A d D D C · · · ·",
    "plus-datamining/DMI-PROHIBITED": "· d d D D C · · · ·",
    "plus-datamining/DMI-PROHIBITED-SEECONSTRAINT": "· · C C C C · · · ·",
    "plus-datamining/unknown-prohibition": "· · · C C · · · · ·",
}


def row(means: object) -> str:
    letters = {Verdict.ALLOW: "A", Verdict.DENY: "D", Verdict.CONDITIONAL: "C"}
    cells = dict.fromkeys(COLUMNS, "·")
    for meaning in means:  # type: ignore[attr-defined] # a tuple of Meanings
        letter = letters[meaning.verdict]
        cells[meaning.purpose] = letter if meaning.direct else letter.lower()
    return " ".join(cells.values())


@pytest.mark.parametrize(("entry", "expected"), TABLE.items())
def test_digest_9_2_a_value_means_what_the_table_says(entry: str, expected: str) -> None:
    assert row(vocabulary()[entry].means) == expected


def test_digest_9_2_a_reservation_means_what_the_table_says() -> None:
    words = vocabulary()
    reserved = words["tdmrep/research-reserved"].means
    assert row((*words["tdmrep/1"].means, *reserved)) == "· · d D D C · · d d"
    assert row((*words["tdmrep/1+duty"].means, *reserved)) == "· · c C C C · · d d"


def test_digest_9_2_storing_adds_a_refusal_of_model_input() -> None:
    words = vocabulary()
    assert row(words["robots-meta/noindex"].retained) == "· D d · · · · · · ·"
    assert row(words["content-signal/use=immediate"].retained) == "· D D D d c d d · ·"


def test_no_signal_grants_personal_data_or_identification() -> None:
    granted = {
        m.purpose for e in vocabulary().entries.values() for m in (*e.means, *e.retained) if m.verdict is Verdict.ALLOW
    }
    assert not granted & {Purpose.PERSONAL_DATA, Purpose.IDENTIFICATION}


def test_every_conditional_meaning_names_what_would_meet_it() -> None:
    for entry in vocabulary().entries.values():
        for meaning in (*entry.means, *entry.retained):
            assert bool(meaning.conditions) == (meaning.verdict is Verdict.CONDITIONAL), entry.id


def policy(duty: str = "", purpose: str = "") -> str:
    parts = ['"action": "tdm:mine"']
    if duty:
        parts.append(f'"duty": [{{"action": "{duty}"}}]')
    if purpose:
        parts.append('"constraint": [{"leftOperand": "purpose", "operator": "eq", "rightOperand": "' + purpose + '"}]')
    return f'{{"profile": "{PROFILE}", "permission": [{{{", ".join(parts)}}}]}}'


def say(example: str, agent: str) -> list[str]:
    """The signals and texts that an example brings out of the readers."""
    kind, _, rest = example.partition(" ")
    url = "https://site.example/page"
    robots = None
    files: dict[str, str] = {}
    headers: dict[str, str] = {}
    status = 200
    assets = None
    if kind in {"header", "image"}:
        name, _, value = rest.partition(": ")
        headers[name] = value
        url = url + ".jpg" if kind == "image" else url
    elif kind == "robots":
        robots = f"User-agent: *\n{rest}\n"
    elif kind == "file":
        path, _, text = rest.partition(": ")
        files[path] = text
    elif kind == "status":
        code, _, field = rest.partition(" ")
        status = int(code)
        if field:
            name, _, value = field.partition(": ")
            headers[name] = value
    elif kind == "asset":
        assets = {"plus:DataMining": rest}
    elif kind == "cawg":
        key, _, use = rest.partition(" ")
        entry = {"use": use} | ({"constraint_info": "ask"} if use == "constrained" else {})
        assets = {"cawg": {"entries": {key: entry}}}
    else:
        assert kind == "policy", example
        headers = {"tdm-reservation": "1", "tdm-policy": "/p.json"}
        files["/p.json"] = {
            "duty": policy("compensate"),
            "free": policy(purpose="tdm:non-research"),
            "research": policy(purpose="tdm:research"),
        }[rest]
    site = Site(robots, files, agent=agent)
    from datetime import UTC, datetime

    said = site.statements(
        "ai-train", Response(url, status, headers), assets=assets, now=datetime(2026, 1, 1, tzinfo=UTC)
    )
    return [f"{s.signal} {row(s.means)}" for s in said if s.means]


@pytest.mark.parametrize("entry", vocabulary().entries.values(), ids=lambda e: e.id)
def test_the_example_of_every_entry_is_read_as_that_entry(entry: object) -> None:
    agent = entry.id.partition("@")[2] or "examplebot"  # type: ignore[attr-defined] # an Entry
    [said] = say(entry.example, agent)  # type: ignore[attr-defined] # an Entry
    signal, _, cells = said.partition(" ")
    assert signal == entry.signal  # type: ignore[attr-defined] # an Entry
    for cell, expected in zip(cells.split(), row(entry.means).split(), strict=True):  # type: ignore[attr-defined] # an Entry
        assert expected in {"·", cell}


def test_a_malformed_vocabulary_names_every_fault_at_once() -> None:
    text = files("scrapeguard.signals").joinpath("vocabulary.toml").read_text()
    broken = (
        text.replace('deny = ["ai-train"]', 'deny = ["ai-trian"]', 1)
        .replace('effect = "permit"', 'effect = "permits"', 1)
        .replace('id = "content-usage/search=y"', 'id = "content-usage/search=n"', 1)
        .replace('kind = "no-retention"', 'kind = "no-retenton"', 1)
        .replace("[rsl]\n", "[rsl]\nnamspace = 1\n", 1)
    )
    with pytest.raises(InvalidConfiguration) as caught:
        parse_vocabulary(broken, source="mine.toml")
    assert caught.value.source == "mine.toml"
    told = "\n".join(caught.value.faults)
    for fault in (
        "'ai-trian' is no purpose",
        "'permits' is none of",
        "stands twice",
        "'no-retenton' is no kind",
        "unknown key 'namspace'",
    ):
        assert fault in told


def test_a_vocabulary_that_is_no_toml_is_refused_with_the_place() -> None:
    with pytest.raises(InvalidConfiguration, match=r"is no TOML.*line 3"):
        parse_vocabulary("version = 1\nentry = [[\n=")


def test_a_purpose_with_two_verdicts_is_a_fault() -> None:
    with pytest.raises(InvalidConfiguration, match="'tdm' has two verdicts"):
        parse_vocabulary(
            'version = "1"\n[[entry]]\nid = "a/b"\neffect = "forbid"\ntext = "t"\nexample = "e"\nsource = "s"\n'
            'deny = ["tdm"]\nallow = ["tdm"]'
        )
