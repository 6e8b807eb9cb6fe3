"""The golden cases, and how a Decision is written down for review.

A case on real files names only digests and offsets, so that no sentence of a third party enters the project; a case of our own
shows its quotes. ``python -m tests.golden.cases`` writes the expected files anew; the diff is what a reviewer reads.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scrapeguard.decide.agreement import Agreement
from scrapeguard.guard import Guard
from scrapeguard.model.decision import Decision, Reason
from scrapeguard.model.evidence import Evidence
from scrapeguard.model.exchange import Response
from scrapeguard.model.ports import Transport
from scrapeguard.model.purpose import Purpose
from scrapeguard.transport.memory import MemoryTransport
from scrapeguard.transport.warc import WarcTransport
from tests.real_sites import TERMS, write_sites

HERE = Path(__file__).parent
EXPECTED = HERE / "expected"
PLATFORM_URLS = {name: f"https://www.{name}.com/{'watch?v=x' if name == 'youtube' else 'someone'}" for name in TERMS}


@dataclass(frozen=True)
class Case:
    """One file of expected Decisions: the same question for every purpose in ``purposes``."""

    name: str
    transport: Transport
    url: str
    agent: str = "examplebot"
    profile: str = "standard"
    commercial: bool | None = None
    purposes: tuple[Purpose, ...] = tuple(Purpose)
    agreements: tuple[Agreement, ...] = ()
    quotes: bool = True
    about: str = field(default="", kw_only=True)

    def decisions(self) -> list[Decision]:
        """The answers of today's code."""
        guard = Guard(self.agent, self.profile, transport=self.transport, agreements=self.agreements)
        return [guard.allowed(self.url, purpose, commercial=self.commercial) for purpose in self.purposes]

    def written(self) -> dict[str, Any]:
        """The answers as they stand in the expected file."""
        question = {"url": self.url, "agent": self.agent, "profile": self.profile, "commercial": self.commercial}
        answers = {d.purpose.value: _answer(d, quotes=self.quotes) for d in self.decisions()}
        return {"about": self.about, "question": question, "decisions": answers}


def _answer(decision: Decision, *, quotes: bool) -> dict[str, Any]:
    return {
        "verdict": decision.verdict.value,
        "allowed": decision.allowed,
        "signal": decision.signal,
        "incomplete": decision.incomplete,
        "reasons": [_reason(r, quotes=quotes) for r in decision.reasons],
        "conditions": [c.kind.value for c in decision.conditions],
        "gaps": [f"{g.url}: {g.state}" for g in decision.gaps],
        "context": [f"{n.kind} {n.date}: {n.text.split(':')[0]}" for n in decision.context],
        "remedies": bool(decision.remedies),
    }


def _reason(reason: Reason, *, quotes: bool) -> dict[str, Any]:
    statement = reason.statement
    return {
        "signal": statement.signal,
        "verdict": reason.verdict.value,
        "direct": reason.direct,
        "decisive": reason.decisive,
        "activities": [a.value for a in statement.activities],
        "exceptions": sorted(e.value for e in statement.exceptions),
        "evidence": [_evidence(e, quotes=quotes) for e in statement.evidence],
    }


def _evidence(evidence: Evidence, *, quotes: bool) -> str:
    place = " ".join(f"{k}={v}" for k, v in _place(evidence).items() if k not in {"kind", "text_sha256", "reader"})
    digest = hashlib.sha256(evidence.quote.encode()).hexdigest()[:16]
    words = " ".join(evidence.quote.split()) if quotes else f"sha256 {digest}"
    return f"{evidence.source.url} {place}: {words}" if place else f"{evidence.source.url}: {words}"


def _place(evidence: Evidence) -> dict[str, Any]:
    place = evidence.place
    return {} if place is None else {n: getattr(place, n) for n in place.__dataclass_fields__}


def platform_cases(shared: Path, folder: Path) -> Iterator[Case]:
    """The platforms that told a face-search company in 2020 to stop, on their real files; and with robots.txt alone."""
    full = WarcTransport(write_sites(shared, folder / "sites.warc.gz"))
    bare = WarcTransport(write_sites(shared, folder / "robots.warc.gz", terms=False))
    for name, url in PLATFORM_URLS.items():
        yield Case(f"platform-{name}", full, url, quotes=False, about=f"{name}.com, robots.txt and terms as archived")
        yield Case(f"robots-only-{name}", bare, url, quotes=False, about=f"{name}.com, the terms could not be read")
    yield Case(
        "platform-youtube-as-googlebot",
        full,
        PLATFORM_URLS["youtube"],
        "Googlebot",
        purposes=(Purpose.SEARCH, Purpose.IDENTIFICATION),
        quotes=False,
        about="A search engine's name opens search and is no argument for identifying people",
    )


def own_cases() -> Iterator[Case]:
    """Sites in our own words."""
    yield Case(
        "venmo", _venmo(), "https://venmo.com/u/someone", about="Terms in our own words after what is known of them"
    )
    site = _site(
        "User-agent: *\nContent-Signal: ai-train=yes",
        "You may not use our articles to train artificial intelligence models.",
    )
    yield Case(
        "signal-against-clause",
        site,
        "https://example.com/p",
        purposes=(Purpose.AI_TRAIN, Purpose.AI_INPUT),
        about="robots.txt accepts what the terms refuse: the refusal decides, both are shown",
    )
    mined = _site(
        "User-agent: *\nContent-Signal: ai-train=yes",
        "Have a pleasant stay, dear reader.",
        tdmrep='[{"location": "/", "tdm-reservation": 1}]',
    )
    yield Case(
        "signal-against-reservation",
        mined,
        "https://example.com/p",
        purposes=(Purpose.AI_TRAIN, Purpose.TDM, Purpose.AI_INPUT),
        about="Two signals disagree about training",
    )
    personal = _site("", "You may use this website for personal, non-commercial purposes only.")
    for commercial in (None, True, False):
        yield Case(
            f"personal-use-commercial-{commercial}".lower(),
            personal,
            "https://example.com/p",
            commercial=commercial,
            about="«Personal, non-commercial use only» and what the caller said of it",
        )
    banned = _site("User-agent: *\nDisallow: /closed", "You must not use bots, crawlers or scrapers on this website.")
    agreed = (Agreement("example.com", ["ai-train"], reference="letter of 3 May 2026"),)
    for path in ("open", "closed"):
        yield Case(
            f"agreement-{path}",
            banned,
            f"https://example.com/{path}",
            purposes=(Purpose.AI_TRAIN, Purpose.TDM),
            agreements=agreed,
            about="An agreement lifts the terms for its purpose, and never robots.txt by itself",
        )
    for profile in ("strict", "open"):
        yield Case(
            f"profile-{profile}",
            banned,
            "https://example.com/open",
            profile=profile,
            about=f"A ban read under profile {profile}",
        )


def _venmo() -> MemoryTransport:
    html = (("Content-Type", "text/html"),)
    url = "https://venmo.com/legal/us-user-agreement/"
    terms = Response(url, headers=html, body=(HERE / "venmo" / "terms.html").read_bytes())
    return MemoryTransport({"https://venmo.com/robots.txt": (HERE / "venmo" / "robots.txt").read_bytes(), url: terms})


def _site(robots: str, terms: str, *, tdmrep: str | None = None) -> MemoryTransport:
    html = (("Content-Type", "text/html"),)
    home = b'<p>Welcome to this site of ours.</p><footer><a href="/terms">Terms of Service</a></footer>'
    documents: dict[str, Any] = {
        "https://example.com/robots.txt": robots,
        "https://example.com/": Response("https://example.com/", headers=html, body=home),
        "https://example.com/terms": Response(
            "https://example.com/terms", headers=html, body=f"<h1>Terms of Service</h1><p>{terms}</p>".encode()
        ),
    }
    if tdmrep:
        documents["https://example.com/.well-known/tdmrep.json"] = tdmrep
    return MemoryTransport(documents)


def update(shared: Path) -> None:
    """Write every expected file anew."""
    EXPECTED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for case in (*platform_cases(shared, Path(folder)), *own_cases()):
            text = json.dumps(case.written(), indent=1, ensure_ascii=False) + "\n"
            (EXPECTED / f"{case.name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    update(Path(os.environ.get("SCRAPEGUARD_SHARED", Path(__file__).resolve().parents[3] / "shared")))

__all__ = ["EXPECTED", "Case", "own_cases", "platform_cases"]
