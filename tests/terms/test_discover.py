"""From a page to the documents that bind: what is a candidate, in which order, and on whose domain."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from scrapeguard._html import draw
from scrapeguard.terms.discover import MAX_CANDIDATES, Binding, Candidate, discover, known, probe_paths
from scrapeguard.terms.kind import DocumentKind
from scrapeguard.terms.known import checked, same_operator

HOME = "https://www.shop.example/"


def same_site(host: str, other: str) -> bool:
    """The last two labels, or three below a suffix that belongs to its users."""
    def site(name: str) -> str:
        return ".".join(name.split(".")[-(3 if name.endswith(".pages.example") else 2):])
    return site(host) == site(other)


def find(html: str, url: str = HOME, comments: tuple[str, ...] = ()) -> list[Candidate]:
    return discover(draw(html), url, same_site=same_site, robots_comment_links=comments)


def urls(html: str, url: str = HOME) -> list[str]:
    return [c.url for c in find(html, url)]


def footer(*links: tuple[str, str]) -> str:
    return "<p>Welcome.</p><footer>" + " ".join(f"<a href='{href}'>{text}</a>" for href, text in links) + "</footer>"


@pytest.mark.parametrize(("href", "text"), [
    ("/a/4711", "Terms of Use"), ("/terms", "Read this"), ("/x", "Nutzungsbedingungen"), ("/x", "CGU"), ("/x", "利用規約"),
    ("/x", "Условия использования"), ("https://help.shop.example/hc/9", "Terms"), ("/x", "Podmínky použití"),
    ("/legal", "Legal"), ("/x", "AGB & Datenschutz"), ("/x", "Όροι χρήσης"), ("/tos.html", ""),
])
def test_terms_are_found_by_text_or_url_in_any_language(href: str, text: str) -> None:
    got = find(footer(("/about", "About"), ("/privacy", "Privacy policy"), (href, text), ("/jobs", "Jobs")))
    assert [(c.kind, c.binding) for c in got] == [(DocumentKind.TERMS, Binding.SAME_SITE)]


def test_the_terms_come_first_and_other_binding_documents_after_them() -> None:
    got = find(footer(("/impressum", "Impressum"), ("/community", "Community rules"), ("/aup", "Acceptable use policy"),
                      ("/copyright", "Copyright"), ("/terms", "Terms"), ("/tdm", "Text and data mining"),
                      ("/api-terms", "API terms")))
    assert got[0].kind is DocumentKind.TERMS
    assert {c.kind.value for c in got[1:]} == {
        "legal-notice", "community-rules", "acceptable-use", "copyright", "tdm-policy", "developer-terms"}
    assert all(c.kind.binds for c in got)


def test_privacy_alone_is_no_candidate_and_beside_terms_it_is_one() -> None:
    assert urls(footer(("/privacy", "Privacy"), ("/legal/privacy", "Data protection"))) == []
    assert urls(footer(("/p", "Privacy & Terms"))) == [HOME + "p"]


def test_narrower_terms_stand_behind_the_general_ones() -> None:
    got = urls(footer(("/affiliate-terms", "Affiliate terms"), ("/terms", "Terms"), ("/gift", "Gift card terms and conditions")))
    assert got[0] == HOME + "terms"


def test_terms_of_use_stand_before_terms_of_sale() -> None:
    got = find(footer(("/cgv", "Conditions générales de vente"), ("/cgu", "Conditions générales d’utilisation")))
    assert [c.kind.value for c in got] == ["terms", "sale"]


def test_rel_is_believed_even_when_nothing_else_speaks() -> None:
    html = "<a rel='terms-of-service nofollow' href=/x7>here</a><a rel=license href=/l>this</a>"
    assert [c.kind.value for c in find(html)] == ["terms", "copyright"]
    assert urls("<link rel='terms-of-service' href='/x9'>") == [HOME + "x9"]


def test_json_ld_names_terms() -> None:
    data = json.dumps({"@graph": [{"@type": "WebAPI", "termsOfService": "/t1"}, {"usageInfo": {"url": HOME + "t2"}}]})
    got = find(f"<script type='application/ld+json'>{data}</script><script type='application/ld+json'>{{termsOfService</script>")
    assert [(c.url, "JSON-LD" in c.why) for c in got] == [(HOME + "t1", True)]
    assert urls(f"<script type='application/ld+json'>{data.replace('t2', 'terms')}</script>") == [HOME + "t1", HOME + "terms"]


def test_links_in_comments_of_robots_txt_count_even_with_opaque_urls() -> None:
    got = find("<p>x", comments=(HOME + "p/991", "not a url:", "https://www.shop.example/legal/tdm"))
    assert [(c.url, c.kind.value) for c in got] == [(HOME + "legal/tdm", "tdm-policy"), (HOME + "p/991", "terms")]
    assert "robots.txt" in got[0].why


def test_base_and_relative_links_resolve_and_fragments_do_not_count_twice() -> None:
    html = "<base href='/en/'><a href='terms#a'>Terms</a><a href='terms#b'>Terms of use</a><a href='mailto:t@x.example'>Terms</a>"
    assert urls(html) == [HOME + "en/terms"]
    assert urls("<a href='#terms'>Terms</a><a href='javascript:void(0)'>Terms</a><a href='ftp://x/terms'>Terms</a>") == []


def test_one_document_under_two_schemes_is_one_candidate() -> None:
    assert urls(footer(("https://www.shop.example/terms", "Terms of use"), ("http://www.shop.example/terms/", "Terms"))) == [
        HOME + "terms"]


def test_the_page_itself_stands_behind_others() -> None:
    got = urls(footer(("/terms", "Terms of use"), ("/legal/x", "Terms")), HOME + "terms")
    assert got[0] == HOME + "legal/x"


def test_a_sibling_page_of_the_same_locale_stands_before_the_general_one() -> None:
    got = urls(footer(("/terms", "Terms"), ("/terms/intl/de", "Terms")), HOME + "privacy/intl/de")
    assert got == [HOME + "terms/intl/de", HOME + "terms"]


@pytest.mark.parametrize(("page", "link", "binding"), [
    (HOME, "https://shop.example/terms", Binding.SAME_SITE),
    (HOME, "https://legal.shop.example/terms", Binding.SAME_SITE),
    ("https://ann.pages.example/", "https://bob.pages.example/terms", Binding.OTHER_DOMAIN),
    ("https://ann.pages.example/", "https://pages.example/terms", Binding.PARENT_DOMAIN),
    (HOME, "https://group.example/terms", Binding.OTHER_DOMAIN),
    ("https://www.youtube.com/", "https://policies.google.com/terms", Binding.PARENT_DOMAIN),
])
def test_on_whose_domain_the_terms_stand(page: str, link: str, binding: Binding) -> None:
    got = find(footer((link, "Terms of service")), page)
    assert [c.binding for c in got] == [binding]


def test_terms_of_an_embedded_service_stand_behind_the_sites_own() -> None:
    got = find("<p>Protected by reCAPTCHA: <a href='https://policies.google.com/terms'>Terms of Service</a></p>"
               + footer(("/legal", "Legal")))
    assert got[0].url == HOME + "legal"
    assert got[1].binding is Binding.OTHER_DOMAIN
    assert "many pages embed" in got[1].why


def test_every_candidate_says_why() -> None:
    got = find(footer(("/t/terms", "Terms"), ("https://group.example/agb", "AGB")))
    assert got[0].why == "link “Terms” in the footer; its URL says “terms”"
    assert got[1].why.endswith("on another domain")


def test_a_page_of_a_thousand_terms_links_gives_a_bounded_list() -> None:
    assert len(find("".join(f"<a href=/terms/{i}>Terms</a>" for i in range(1000)))) == MAX_CANDIDATES


def test_known_sites_and_their_aliases() -> None:
    assert known("youtube.com") == known("m.youtube.com") == ["https://www.youtube.com/t/terms"]
    assert known("facebook.com") == ["https://www.facebook.com/terms"]
    assert known("www.instagram.com") == ["https://help.instagram.com/581066165581870"]
    assert known("linkedin.com") == ["https://www.linkedin.com/legal/user-agreement"]
    assert known("twitter.com") == known("x.com") == ["https://x.com/en/tos"]
    assert known("venmo.com") == ["https://venmo.com/legal/us-user-agreement/"]
    assert known("notyoutube.com") == known("com") == known("") == []
    assert checked() >= "2026-11-23"


def test_the_known_table_gives_https_urls_that_are_no_copy_of_each_other() -> None:
    from scrapeguard.terms.known import _load

    for name, terms in _load().terms.items():
        assert terms
        assert all(urlsplit(u).scheme == "https" and urlsplit(u).hostname for u in terms), name
    assert same_operator("chatgpt.com", "openai.com")
    assert not same_operator("example.com", "example.org")


def test_probe_paths_are_at_most_ten() -> None:
    assert 1 <= len(probe_paths()) <= 10
    assert all(p.startswith("/") for p in probe_paths())


def bare(url: str) -> str:
    """Address without query and closing slash: the same document under either."""
    return url.partition("?")[0].rstrip("/").lower()


def test_real_pages_lead_to_the_terms_their_site_declares(shared: Path) -> None:
    ranks = []
    for line in (shared / "pages" / "index.jsonl").read_bytes().splitlines():
        entry = json.loads(line)
        if not entry["terms_linked"] or bare(entry["url"]) == bare(entry["terms_url"]):
            continue
        page = draw((shared / "pages" / entry["file"]).read_bytes())
        found = [bare(c.url) for c in discover(page, entry["url"], same_site=same_site)]
        ranks.append(found.index(bare(entry["terms_url"])) if bare(entry["terms_url"]) in found else 99)
    assert len(ranks) >= 20
    assert sum(r == 0 for r in ranks) >= 0.9 * len(ranks)
    assert sum(r < 3 for r in ranks) >= 0.97 * len(ranks)


HREFS = st.one_of(st.text(max_size=20), st.sampled_from(
    ["/terms", "//x", "http://[", "https://a:99999/terms", "?terms", "\\\\x\\terms", "https://u@x/terms", "/%ff", "http://terms"]))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(HREFS, st.text(max_size=20)), max_size=8), HREFS, st.lists(HREFS, max_size=3))
def test_property_no_link_breaks_the_search(links: list[tuple[str, str]], base: str, comments: list[str]) -> None:
    quote = "&quot;".join
    html = f'<base href="{quote(base.split(chr(34)))}">' + "".join(
        f'<a href="{quote(h.split(chr(34)))}">{t} Terms</a>' for h, t in links)
    for candidate in find(html, comments=tuple(comments)):
        assert candidate.url.startswith(("http://", "https://"))
