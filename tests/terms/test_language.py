"""The language of a document and of its blocks."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from scrapeguard.terms.language import UNKNOWN, Language, language_of, languages_of_blocks, primary
from scrapeguard.terms.segment import blocks_of_text

SENTENCES = {
    "en": "You may not copy the pages of this site with robots unless we have agreed to it in writing.",
    "fr": "Vous ne pouvez pas copier les pages de ce site avec des robots sans notre accord préalable.",
    "de": "Sie dürfen die Seiten dieses Angebots nicht mit Robotern kopieren, wenn wir dem nicht zugestimmt haben.",
    "es": "No está permitido copiar las páginas de este sitio con robots sin que nosotros lo hayamos aceptado.",
    "pt": "Você não pode copiar as páginas deste site com robôs sem que isso tenha sido aceito por nós.",
    "it": "Non è consentito copiare le pagine di questo sito con dei robot se non con il nostro accordo.",
    "nl": "U mag de pagina's van deze site niet met robots kopiëren zonder dat wij daarmee hebben ingestemd.",
    "pl": "Nie wolno kopiować stron tego serwisu przez roboty, o ile nie zgodziliśmy się na to na piśmie.",
    "cs": "Není dovoleno kopírovat stránky tohoto webu pomocí robotů, pokud jsme s tím nesouhlasili, "
          "nebo ve výjimkách, které jsou.",
    "sk": "Nie je dovolené kopírovať stránky tohto webu pomocou robotov, ak sme s tým nesúhlasili "
          "alebo ako je to podľa zákona.",
    "hu": "Nem szabad az oldalakat robotokkal másolni, ha mi ehhez nem adtunk engedélyt, és ez minden oldalra igaz.",
    "ro": "Nu este permis să copiați paginile acestui site cu roboți dacă nu am fost de acord cu "
          "această acțiune în scris.",
    "sl": "Strani te spletne lokacije ni dovoljeno kopirati z roboti, če se z nami niste dogovorili, "
          "kar velja tudi za vas.",
    "hr": "Nije dopušteno kopirati stranice ovoga weba robotima ako se s nama niste dogovorili, što "
          "će vrijediti za sve koji su tu.",
    "da": "Du må ikke kopiere siderne på dette websted med robotter, hvis vi ikke er blevet enige om "
          "det efter aftale.",
    "sv": "Du får inte kopiera sidorna på denna webbplats med robotar om vi inte har kommit överens "
          "om det enligt avtal.",
    "fi": "Sivuja ei saa kopioida roboteilla, jos meidän kanssa ei ole sovittu, ja tämä on voimassa "
          "myös kun sivut ovat muualla.",
    "el": "Δεν επιτρέπεται η αντιγραφή των σελίδων με ρομπότ χωρίς τη συμφωνία μας.",
    "bg": "Не е позволено да копирате страниците на този сайт с роботи, ако ние не сме се съгласили "
          "с това и за всички, които са тук.",
    "ru": "Запрещается копировать страницы этого сайта с помощью роботов, если мы не дали на это "
          "согласия, как и все, что не указано.",
    "uk": "Забороняється копіювати сторінки цього сайту за допомогою роботів, якщо ми не дали на це "
          "згоди, та все, що є тут.",
    "tr": "Bu sitenin sayfaları bizim yazılı iznimiz olmadan robotlar tarafından kopyalanamaz ve bu, "
          "herhangi bir sayfa için de geçerlidir.",
    "zh": "未经我们书面同意,不得使用机器人复制本网站的页面。",
    "ja": "当社の承諾なしに、ロボットでこのサイトのページを複製してはなりません。",
    "ko": "우리의 동의 없이 로봇으로 이 사이트의 페이지를 복제할 수 없습니다.",
}


@pytest.mark.parametrize("code", SENTENCES)
def test_one_sentence_is_enough_to_name_a_language(code: str) -> None:
    assert language_of(SENTENCES[code]).code == code


def test_languages_with_rules_and_those_to_be_named_are_all_known() -> None:
    assert {"en", "fr", "de", "es", "pt", "it", "nl", "pl"} <= set(SENTENCES)
    assert {"cs", "sk", "hu", "ro", "sl", "hr", "da", "sv", "fi", "el", "bg", "zh", "ja", "ko", "ru", "tr"} <= set(SENTENCES)


def test_a_clear_vote_overrules_what_is_declared_and_a_short_text_believes_it() -> None:
    assert language_of(SENTENCES["de"], declared="en") == language_of(SENTENCES["de"])
    assert language_of("Impressum", declared="de-AT") == Language("de", 0.5, "declared")
    assert language_of("4711 4712", declared=None).code == UNKNOWN
    assert language_of("", declared="x-default").code == UNKNOWN
    assert language_of("lorem ipsum dolor amet consectetur adipiscing elit eiusmod", declared="fr").code == "fr"


@pytest.mark.parametrize(("tag", "code"), [
    ("en-GB", "en"), ("EN_us", "en"), (" de ", "de"), ("no", "nb"), ("zh-Hant-TW", "zh"), ("", ""), (None, ""), ("x", ""),
    ("{{lang}}", ""), ("deutsch", ""), ("fil", "fil"),
])
def test_rfc5646_primary_subtag(tag: str | None, code: str) -> None:
    assert primary(tag) == code


def test_blocks_of_a_mixed_document_get_their_own_language() -> None:
    text = "\n\n".join([SENTENCES["en"]] * 3 + ["Titel", SENTENCES["de"], "Kurz", SENTENCES["en"], SENTENCES["ja"]])
    blocks = blocks_of_text(text, markdown=False)
    assert languages_of_blocks(text, blocks, language_of(text)) == ["en"] * 4 + ["de", "de", "en", "en"]


def test_a_block_of_links_or_names_does_not_change_the_language() -> None:
    text = SENTENCES["en"] + "\n\n[A](https://x.example/der-die-das) Müller & Söhne GmbH, Hauptstraße 4, Berlin, Amtsgericht"
    assert languages_of_blocks(text, blocks_of_text(text, markdown=True), language_of(text)) == ["en", "en"]


def test_real_terms_are_named_as_labelled(shared: Path) -> None:
    wrong = []
    total = 0
    for name in ("dev_en.jsonl", "dev_multi.jsonl"):
        for line in (shared / "terms" / name).read_bytes().splitlines():
            entry = json.loads(line)
            total += 1
            if language_of(entry["text"]).code != entry["lang"]:
                wrong.append(entry["id"])
    assert total == 621
    assert len(wrong) <= 2, wrong


def test_word_lists_are_lower_case_and_without_repetition() -> None:
    data = tomllib.loads(files("scrapeguard.terms").joinpath("data/stopwords.toml").read_text(encoding="utf-8"))
    for code, words in data.items():
        assert len(words.split()) == len(set(words.split())), code
        assert words == words.lower()
        assert len(words.split()) >= 25, code


@given(st.text(max_size=300), st.one_of(st.none(), st.text(max_size=12)))
def test_property_any_text_has_an_answer(text: str, declared: str | None) -> None:
    answer = language_of(text, declared=declared)
    assert answer.code
    assert 0 <= answer.confidence <= 1
