"""Decisions and policies as pandas tables (the extra ``scrapeguard[pandas]``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from scrapeguard._url import parse_url
from scrapeguard.guard import Guard
from scrapeguard.integrations.notebook import statements_of
from scrapeguard.model.decision import Decision
from scrapeguard.model.purpose import Purpose
from scrapeguard.model.statement import Family, Verdict
from scrapeguard.model.text import place_in_words

if TYPE_CHECKING:
    from scrapeguard.decide.policy import SitePolicy

COLUMNS = (
    "url", "site", "purpose", "verdict", "allowed", "signal", "robots", "signals", "terms", "incomplete", "quote",
    "place", "source", "sha256", "why", "product_token", "profile", "commercial", "decided_at",
)  # fmt: skip
"""Columns of a long frame, one row a URL and purpose. ``robots``, ``signals`` and ``terms`` hold the most restrictive that
each family of sources says, ``silent`` where it says nothing."""

_MOST_RESTRICTIVE = (Verdict.DENY, Verdict.CONDITIONAL, Verdict.ALLOW)


def frame(
    urls: str | Iterable[str],
    purposes: str | Purpose | Iterable[str | Purpose] = tuple(Purpose),
    *,
    guard: Guard | None = None,
    commercial: bool | None = None,
    wide: bool = False,
) -> Any:
    """Ask about many URLs and purposes, as a `pandas.DataFrame`.

    Long: one row a URL × purpose with the columns of `COLUMNS`. ``wide``: one row a URL, one column a purpose, the verdicts in
    the cells. ``guard`` asks (default: one with all defaults). Raises `InvalidUrl`, `UnknownPurpose`; ImportError without pandas.

    >>> import scrapeguard
    >>> site = scrapeguard.MemoryTransport({"https://example.com/robots.txt": "User-agent: *\\nDisallow: /p"})
    >>> guard = scrapeguard.Guard("examplebot", transport=site)
    >>> decisions = [guard.allowed("https://example.com/p", purpose) for purpose in ("access", "search")]
    >>> [(row["purpose"], row["verdict"]) for row in map(row_of, decisions)]
    [('access', 'deny'), ('search', 'deny')]
    """
    asking = guard or Guard()
    wanted = [purposes] if isinstance(purposes, str) else list(purposes)
    asked = [urls] if isinstance(urls, str) else urls
    return decisions_frame(
        (asking.allowed(url, purpose, commercial=commercial) for url in asked for purpose in wanted), wide=wide
    )


def decisions_frame(decisions: Iterable[Decision], *, wide: bool = False) -> Any:
    """The same table from Decisions in hand, for instance read back from a file."""
    pandas = _pandas()
    long = pandas.DataFrame([row_of(d) for d in decisions], columns=list(COLUMNS))
    if not wide:
        return long
    order = [p.value for p in Purpose if p.value in set(long["purpose"])]
    last = long.drop_duplicates(["url", "purpose"], keep="last")
    return last.pivot(index="url", columns="purpose", values="verdict").reindex(
        columns=order, index=last["url"].unique()
    )


def row_of(decision: Decision) -> dict[str, Any]:
    """One row of the long table: a Decision in plain values, with the words that decided."""
    first = next((r for r in decision.reasons if r.decisive), None)
    proof = next((e for e in first.statement.evidence if e.quote), None) if first else None
    return {
        "url": decision.url,
        "site": parse_url(decision.url).authority,
        "purpose": decision.purpose.value,
        "verdict": decision.verdict.value,
        "allowed": decision.allowed,
        "signal": decision.signal,
        "robots": _said_by(decision, Family.ROBOTS),
        "signals": _said_by(decision, Family.SIGNALS),
        "terms": _said_by(decision, Family.TERMS),
        "incomplete": decision.incomplete,
        "quote": proof.quote if proof else "",
        "place": place_in_words(proof) if proof else "",
        "source": proof.source.url if proof else "",
        "sha256": proof.source.sha256 if proof else "",
        "why": decision.why,
        "product_token": decision.product_token,
        "profile": decision.profile,
        "commercial": decision.commercial,
        "decided_at": decision.decided_at,
    }


def policy_frame(policy: SitePolicy, *, path: str = "/") -> Any:
    """See `SitePolicy.to_pandas`."""
    rows = []
    for statement in statements_of(policy, path=path):
        for evidence in statement.evidence or (None,):
            source = evidence.source if evidence else None
            rows.append(
                {
                    "site": policy.authority,
                    "signal": statement.signal,
                    "family": statement.family.value,
                    "effect": statement.effect.value,
                    "activities": ", ".join(statement.activities),
                    "exceptions": ", ".join(statement.exceptions),
                    "text": statement.text,
                    "quote": evidence.quote if evidence else "",
                    "place": place_in_words(evidence) if evidence else "",
                    "source": source.url if source else "",
                    "state": source.state.value if source else "",
                    "sha256": source.sha256 if source else "",
                    "fetched_at": source.fetched_at if source else None,
                    "confidence": statement.confidence,
                }
            )
    columns = [
        "site",
        "signal",
        "family",
        "effect",
        "activities",
        "exceptions",
        "text",
        "quote",
        "place",
        "source",
        "state",
    ]
    return _pandas().DataFrame(rows, columns=[*columns, "sha256", "fetched_at", "confidence"])


def _said_by(decision: Decision, family: Family) -> str:
    said: Sequence[Verdict] = [
        r.verdict for r in (*decision.reasons, *decision.advisory) if r.statement.family is family
    ]
    return next((v.value for v in _MOST_RESTRICTIVE if v in said), Verdict.SILENT.value)


def _pandas() -> Any:
    try:
        import pandas as pd  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ImportError("tables need pandas: pip install 'scrapeguard[pandas]'") from error
    return pd
