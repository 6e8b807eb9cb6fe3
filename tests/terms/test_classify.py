"""What a fetched page is: documents by title, address and vocabulary; walls and absences that a server calls 200."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from scrapeguard._html import draw
from scrapeguard.terms.classify import FEW_WORDS, classify, classify_text
from scrapeguard.terms.kind import DocumentKind

CONTRACT = "You agree that your licence may be terminated for breach. We disclaim every warranty. Our liability is limited. " * 12
NOTICE = "We collect personal data and cookies. The controller explains processing, retention and your privacy choices. " * 12


@pytest.mark.parametrize(("html", "kind"), [
    ("<title>Just a moment...</title><p>Checking your browser before you go on.</p>", "bot-wall"),
    ("<title>site.example</title><p>Please complete the security check. Ray ID: 7</p>", "bot-wall"),
    ("<title>Pardon our interruption</title><p>Something looked odd.</p>", "bot-wall"),
    ("<title>Page not found</title><h1>404</h1><a href=/>Home</a>", "not-found"),
    ("<title>Shop</title><h1>Seite nicht gefunden</h1>", "not-found"),
    ("<title>Shop</title><p>La page que vous recherchez est partie.</p>", "not-found"),
    ("<title>Log in</title><form><input name=u><input type=password></form>", "login-wall"),
    ("<title>Club</title><p>You must log in to see this page.</p>", "login-wall"),
    ("<title>Club</title><form>Name <input><input type=password></form>", "login-wall"),
    ("<title>Before you continue</title><p>We and our partners store cookies. Accept all. Reject all.</p>", "consent-wall"),
    ("<title>Zeitung</title><p>Mit Werbung weiterlesen oder Abo abschließen</p>", "consent-wall"),
    ("<title>App</title><div id=root></div><script src=/a.js></script>", "needs-javascript"),
    ("<title>App</title><noscript>Please enable JavaScript to see this page.</noscript><script src=a></script>",
     "needs-javascript"),
    ("<title>Terms of Service</title><noscript>You need to enable JavaScript to run this app.</noscript><script src=a></script>",
     "needs-javascript"),
    (f"<title>Terms of Service</title><p>{CONTRACT}", "terms"),
    (f"<title>Shop</title><h1>Nutzungsbedingungen</h1><p>{CONTRACT}", "terms"),
    (f"<title>Shop</title><p>{CONTRACT}", "terms"),
    (f"<title>Privacy policy</title><p>{NOTICE}", "privacy"),
    (f"<title>Shop</title><p>{NOTICE}", "privacy"),
    (f"<title>Terms and privacy</title><p>{CONTRACT}", "terms"),
    (f"<title>Acceptable use policy</title><p>{CONTRACT}", "acceptable-use"),
    (f"<title>API terms of use</title><p>{CONTRACT}", "developer-terms"),
    (f"<title>Copyright</title><p>{CONTRACT}", "copyright"),
    ("<title>Impressum</title><p>Muster GmbH, Hauptstraße 1. Wir verwenden Cookies: alle akzeptieren, alle ablehnen.</p>",
     "legal-notice"),
    ("<title>Shop</title><p>" + "Our shoes are light and warm. " * 80, "other"),
])
def test_what_a_page_is(html: str, kind: str) -> None:
    got = classify(draw(html))
    assert got.kind.value == kind
    assert got.reason


@pytest.mark.parametrize("status", [404, 410])
def test_a_status_that_says_so_is_believed(status: int) -> None:
    assert classify(draw(f"<title>Terms</title><p>{CONTRACT}"), status=status).kind is DocumentKind.NOT_FOUND


def test_a_long_page_is_never_a_wall_whatever_it_mentions() -> None:
    html = (f"<title>Terms</title><p>{CONTRACT}<p>You must log in. Access denied to robots. Accept all cookies. "
            "If the page you are looking for is gone, complete the captcha.</p><input type=password>")
    assert classify(draw(html)).kind is DocumentKind.TERMS
    assert len(CONTRACT.split()) < FEW_WORDS  # even one that is short, when its title names a document


def test_the_address_helps_where_the_title_is_silent() -> None:
    page = draw("<title>Shop</title><p>" + "Some words about order and use. " * 70)
    assert classify(page, path="/legal/terms-of-use").kind is DocumentKind.TERMS
    assert classify(page).kind is DocumentKind.OTHER


def test_only_documents_are_readable() -> None:
    assert classify(draw(f"<title>Privacy</title><p>{NOTICE}")).readable
    assert classify(draw("<title>Shop</title><p>" + "shoes " * 400)).readable
    assert not classify(draw("<title>Just a moment...</title>")).readable
    assert not classify(draw("")).readable or classify(draw("")).kind is DocumentKind.OTHER


def test_plain_text_is_judged_by_its_first_lines() -> None:
    assert classify_text(f"# Terms of use\n\n{CONTRACT}").kind is DocumentKind.TERMS
    assert classify_text("404 page not found").kind is DocumentKind.NOT_FOUND
    assert classify_text(NOTICE).kind is DocumentKind.PRIVACY


def test_real_pages_are_what_their_site_says(shared: Path) -> None:
    want = {"Terms of Service": "terms", "Privacy Policy": "privacy", "Trackers Policy": "privacy",
            "Community Guidelines": "community-rules"}
    right = total = 0
    for line in (shared / "pages" / "index.jsonl").read_bytes().splitlines():
        entry = json.loads(line)
        page = draw((shared / "pages" / entry["file"]).read_bytes())
        got = classify(page, path=urlsplit(entry["url"]).path)
        assert got.readable, (entry["file"], got)
        if entry["type"] in want:
            total += 1
            right += got.kind.value == want[entry["type"]]
    assert total == 60
    assert right == total


def test_real_terms_are_never_taken_for_a_wall(shared: Path) -> None:
    for name in ("dev_en.jsonl", "dev_multi.jsonl"):
        for line in (shared / "terms" / name).read_bytes().splitlines():
            entry = json.loads(line)
            assert classify_text(entry["text"]).readable, entry["id"]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=60))
def test_property_any_page_is_something(text: str, title: str, path: str) -> None:
    assert classify_text(text, title=title, path=path).reason
    assert classify(draw(f"<title>{title}</title>{text}"), path=path).reason
