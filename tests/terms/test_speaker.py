"""The company's own name: found where it introduces itself or says what only a company says, read as «we» where it is a subject."""

from __future__ import annotations

import pytest

from scrapeguard.terms.document import read_terms
from scrapeguard.terms.speaker import Speaker


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Tarn Ltd (“Tarn”, “we”, “us”) runs this. Tarn will not sell it.", "we will not sell it."),
        ("Tarn reserves the right to change. The more so Tarn may copy.", "we may copy."),
        ('Tarn, Inc. ("**Tarn**" or "**us**"). Tarn and its affiliates may copy.', "we may copy."),
        ("between Tarn Maps, Inc. (“Tarn”) and the reader (“Customer”). Tarn shall not copy.", "we shall not copy."),
        ("If Tarn Maps disclaims this, Tarn Maps shall not copy.", "we shall not copy."),
    ],
)
def test_the_name_of_the_company_as_a_subject_reads_as_we(text: str, spoken: str) -> None:
    assert Speaker(text).said(text).endswith(spoken)


@pytest.mark.parametrize(
    "text",
    [
        "You may not copy this.",
        "The user reserves the right to leave, and Customer disclaims all else.",
        "Between Fell Ltd (“Customer”) and Moor GmbH (“Publisher”), Customer shall not copy.",
        "All this (together, the “Terms”) binds you.",
    ],
)
def test_the_other_side_and_defined_things_are_no_company(text: str) -> None:
    assert Speaker(text).names == ()
    assert Speaker(text).said(text) == text


def test_the_name_as_an_object_stays() -> None:
    said = Speaker("Tarn disclaims all.").said("You may not scrape Tarn or copy what Tarn’s pages show.")
    assert said.count("Tarn") == 2


def test_what_the_company_itself_will_not_do_is_no_ban() -> None:
    text = "Tarn Ltd (“Tarn”, “we”, “us”) runs this site.\n\nTarn will not use your files to train machine learning models."
    assert [c for c in read_terms(text, content_type="text/plain", language="en").clauses if not c.uncertain] == []
