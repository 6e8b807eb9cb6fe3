"""Which document a few words name, in the languages of the table, and that the table is sound."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import hypothesis.strategies as st
import pytest
from hypothesis import given

from scrapeguard.terms.kind import DocumentKind
from scrapeguard.terms.naming import GRADES, fold, load, named_by_host, named_by_path, named_by_text

TABLE = tomllib.loads(files("scrapeguard.terms").joinpath("data/discover.toml").read_text(encoding="utf-8"))


def best(named: dict[DocumentKind, object]) -> str | None:
    return max(named, key=lambda k: named[k].score).value if named else None  # type: ignore[attr-defined]


@pytest.mark.parametrize(("text", "kind"), [
    ("Terms of Service", "terms"), ("TERMS & CONDITIONS", "terms"), ("T&Cs", "terms"), ("Conditions of use", "terms"),
    ("User Agreement", "terms"), ("End-User License Agreement", "terms"), ("Legal", "terms"),
    ("Conditions Générales d'Utilisation", "terms"), ("C.G.U.", None), ("CGU", "terms"),
    ("Allgemeine Geschäftsbedingungen", "terms"), ("AGB", "terms"), ("Términos y condiciones", "terms"),
    ("Termos de Utilização", "terms"), ("Condizioni d’uso", "terms"), ("Gebruiksvoorwaarden", "terms"),
    ("Regulamin serwisu", "terms"), ("Obchodní podmínky", "terms"), ("Všeobecné podmienky", "terms"),
    ("Pogoji uporabe", "terms"), ("Uvjeti korištenja", "terms"), ("ÁSZF", "terms"), ("Termeni și condiții", "terms"),
    ("Brugervilkår", "terms"), ("Användarvillkor", "terms"), ("Käyttöehdot", "terms"), ("Όροι χρήσης", "terms"),
    ("Общи условия", "terms"), ("Пользовательское соглашение", "terms"), ("Kullanım Koşulları", "terms"),
    ("服务条款", "terms"), ("利用規約", "terms"), ("이용약관", "terms"), ("Умови використання", "terms"),
    ("Kasutustingimused", "terms"), ("Lietošanas noteikumi", "terms"), ("Naudojimo taisyklės", "terms"),
    ("Impressum", "legal-notice"), ("Mentions légales", "legal-notice"), ("Aviso legal", "legal-notice"),
    ("Acceptable Use Policy", "acceptable-use"), ("API Terms of Use", "developer-terms"),
    ("Community Guidelines", "community-rules"), ("Copyright policy", "copyright"),
    ("Text and Data Mining", "tdm-policy"), ("Nutzungsvorbehalt", "tdm-policy"),
    ("Conditions générales de vente", "sale"), ("Privacy Policy", "privacy"), ("Datenschutzerklärung", "privacy"),
    ("Pravno obvestilo", "legal-notice"), ("Právne upozornenie", "legal-notice"), ("Pravna napomena", "legal-notice"),
    ("Aviz juridic", "legal-notice"), ("Νομική σημείωση", "legal-notice"), ("Правна информация", "legal-notice"),
    ("Yasal Uyarı", "legal-notice"), ("法的事項", "legal-notice"), ("법적고지", "legal-notice"),
    ("Zásady přijatelného použití", "acceptable-use"), ("Elfogadható használat", "acceptable-use"),
    ("Politika sprejemljive uporabe", "acceptable-use"), ("Hyväksyttävä käyttö", "acceptable-use"),
    ("Политика допустимого использования", "acceptable-use"), ("Kabul edilebilir kullanım politikası", "acceptable-use"),
    ("可接受使用政策", "acceptable-use"), ("허용되는 사용 정책", "acceptable-use"),
    ("Politika zasebnosti", "privacy"), ("個人情報の取り扱い", "privacy"), ("개인정보 처리방침", "privacy"),
    ("Προσωπικά δεδομένα", "privacy"), ("Лични данни", "privacy"), ("Integritetspolicy", "privacy"),
    ("プライバシーポリシー", "privacy"), ("About us", None), ("Contact", None), ("Determine", None), ("", None),
])
def test_link_texts_name_their_document(text: str, kind: str | None) -> None:
    assert best(named_by_text(text)) == kind


@pytest.mark.parametrize(("target", "kind"), [
    ("/terms", "terms"), ("/legal/terms-of-service.html", "terms"), ("/TermsOfUse.aspx", "terms"), ("/tos/", "terms"),
    ("/page?name=terms_of_use", "terms"), ("/fr/cgu", "terms"), ("/de/agb.php", "terms"), ("/info/terms2", "terms"),
    ("/nutzungsbedingungen/", "terms"), ("/hc/articles/52-terms-of-use", "terms"),
    ("/%E5%88%A9%E7%94%A8%E8%A6%8F%E7%B4%84", "terms"),
    ("/privacy-policy", "privacy"), ("/legal/privacy", "privacy"), ("/cookies", "privacy"), ("/impressum", "legal-notice"),
    ("/acceptable-use", "acceptable-use"), ("/developers/api-terms", "developer-terms"), ("/copyright", "copyright"),
    ("/tdm-policy", "tdm-policy"), ("/help/581066165581870", None), ("/", None), ("/determined/longterm", None),
    ("/%FF%00?%%%", None),
])
def test_urls_name_their_document(target: str, kind: str | None) -> None:
    assert best(named_by_path(target)) == kind


def test_more_words_around_a_phrase_make_it_count_less() -> None:
    alone, within = (named_by_text(t)[DocumentKind.TERMS].score for t in ("Terms of use", "I have read the terms of use"))
    assert alone > within > 0
    assert not named_by_text("terms of use " * 30)


def test_a_host_may_name_a_document_too() -> None:
    assert best(named_by_host("terms.example.com")) == "terms"
    assert best(named_by_host("www.example.com")) is None


def test_every_phrase_of_the_table_names_its_own_kind() -> None:
    for kind in DocumentKind:
        for grade in GRADES:
            for language, phrases in TABLE.get(kind, {}).get(grade, {}).items():
                for phrase in phrases:
                    named = named_by_text(phrase)
                    assert kind in named, (language, phrase)
                    assert best(named) == kind, (language, phrase, named)


def test_phrases_stand_folded_and_once_in_the_table_and_kinds_exist() -> None:
    seen: dict[str, str] = {}
    assert set(TABLE) - {"rel", "narrowing", "third-party", "probe"} <= set(DocumentKind)
    for kind in DocumentKind:
        for grade in GRADES:
            for language, phrases in TABLE.get(kind, {}).get(grade, {}).items():
                assert len(phrases) == len(set(phrases)), (kind, grade, language)
                for phrase in phrases:
                    if phrase.isascii():
                        assert phrase == fold(phrase)
                    assert seen.setdefault(fold(phrase), kind) == kind, (phrase, seen[fold(phrase)], kind)


def test_the_table_reaches_thirty_languages() -> None:
    assert len(TABLE["terms"]["strong"]) >= 30
    assert {"en", "fr", "de", "es", "pt", "it", "nl", "pl", "cs", "sk", "hu", "ro", "sl", "hr", "da", "sv", "fi", "el", "bg",
            "zh", "ja", "ko", "ru", "tr"} <= set(TABLE["terms"]["strong"])
    assert len(load().probe) <= 10


@given(st.text(max_size=200))
def test_property_any_words_can_be_asked(text: str) -> None:
    for named in (named_by_text(text), named_by_path("/" + text), named_by_host(text)):
        assert all(0 < n.score <= 11 for n in named.values())
