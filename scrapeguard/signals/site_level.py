"""What the files of an authority say: records of robots.txt, well-known files, and the documents they name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from scrapeguard.model.evidence import Evidence, Source, SourceState
from scrapeguard.model.exchange import Exchange, Request, RequestKind
from scrapeguard.model.extension import Extension
from scrapeguard.model.ports import Voice
from scrapeguard.signals import ai_txt, content_signal, content_usage, robots_records, rsl, tdmrep, trust_txt
from scrapeguard.signals.documents import line_evidence, open_document
from scrapeguard.signals.rsl_document import RslDocument
from scrapeguard.signals.tdm_policy import TdmPolicy, parse_policy
from scrapeguard.signals.voices import Notes

MAX_NAMED = 8
"""Documents that robots.txt, policy files and pages may name and have fetched: per authority, and per page."""

PROBES: Mapping[RequestKind, str] = MappingProxyType({
    RequestKind.TDMREP: "/.well-known/tdmrep.json",
    RequestKind.TRUST_TXT: "/trust.txt",
    RequestKind.AI_TXT: "/ai.txt",
})
"""The well-known files asked for without being named."""

ROBOTS_RECORDS = frozenset({content_usage.NAME, content_signal.NAME, *robots_records.NAMES, rsl.RECORD})
"""Names of the records of robots.txt that `site` reads: it needs no others."""

_SECOND_TRUST = "/.well-known/trust.txt"


def fixed_probes(authority: str, *, kinds: Collection[RequestKind] = tuple(PROBES)) -> list[Request]:
    """Requests for the well-known files of ``authority`` (``https://example.com``); ``kinds`` is the caller's choice.

    >>> [r.url for r in fixed_probes("https://example.com")]
    ['https://example.com/.well-known/tdmrep.json', 'https://example.com/trust.txt', 'https://example.com/ai.txt']
    """
    return [Request(authority + path, kind, via="well-known file") for kind, path in PROBES.items() if kind in kinds]


@dataclass(frozen=True, slots=True)
class SiteSignals:
    """What an authority's files say. ``sources`` are the policy files, with what became of them; ``notes`` say what was not
    understood; they are among the ``voices`` too, as statements that say nothing.

    ``wanted`` are documents that are named and were not given. ``tdm_voice`` and ``rsl_voice`` are the two that a page may amend.
    """

    voices: tuple[Voice, ...] = ()
    wanted: tuple[Request, ...] = ()
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    tdm_voice: Voice | None = None
    rsl_voice: Voice | None = None
    tdm_file: tdmrep.TdmFile = field(default=tdmrep.TdmFile(()))
    policies: Mapping[str, TdmPolicy] = field(default_factory=dict)
    associations: tuple[rsl.Association, ...] = ()
    licences: Mapping[str, tuple[RslDocument | None, Source]] = field(default_factory=dict)


def site(group: Sequence[Extension], outside: Iterable[Extension], robots: Source | None,
         documents: Mapping[str, Exchange], *, authority: str) -> SiteSignals:
    """The signals of one authority for one crawler.

    ``group`` are the records of the robots.txt group that governs the crawler, ``outside`` the others (those of other groups
    are passed over, except a License that stands for the whole site); ``robots`` is their source, None where there is no
    robots.txt. ``documents`` are answers by the URL that was asked for; what was not asked for is not missing.
    """
    outside = list(outside)
    if not (group or outside or documents):
        return SiteSignals()
    voices: list[Voice] = []
    notes = Notes(robots)
    sources: list[Source] = []
    whole_site = [e for e in outside if not e.tokens or (e.name == rsl.RECORD and e.trailing)]
    named: list[tuple[str, RequestKind, str]] = []
    declared: list[tuple[str, Extension]] = []
    if robots is not None:
        declared, odd = rsl.declared_in_robots(group, whole_site)
        notes.add(rsl.SIGNAL, *odd)
        for name, (found, odd) in (
                (content_usage.NAME, content_usage.from_robots(group, robots)),
                (content_signal.NAME, content_signal.from_robots(group, [e for e in whole_site if not e.tokens], robots)),
                (robots_records.NAME, robots_records.from_robots(group, robots))):
            voices += found
            notes.add(name, *odd)
        named += [(url, RequestKind.RSL, f"License, line {e.line} of robots.txt") for url, e in declared]
        for e in whole_site:
            if e.name in {content_usage.NAME, "noindex"}:
                notes.add(e.name, f"line {e.line}: {e.name} stands in no group and says nothing")

    tdm_file = tdmrep.TdmFile(())
    probe = authority + PROBES[RequestKind.TDMREP]
    if probe in documents:
        document = open_document(probe, RequestKind.TDMREP, documents[probe], via="well-known file")
        if document.is_read:
            tdm_file, document = tdmrep.parse_tdmrep(document)
            named += [(url, RequestKind.TDM_POLICY, "tdm-policy of tdmrep.json") for url in tdm_file.policies]
        sources.append(document.source)
    named = list({row[0]: row for row in reversed(named)}.values())[::-1]
    if len(named) > MAX_NAMED:
        notes.add(rsl.SIGNAL, f"{len(named)} documents are named; only the first {MAX_NAMED} are read")
    wanted = [Request(url, kind, via=via) for url, kind, via in named[:MAX_NAMED] if url not in documents]

    policies, licences = named_documents(named[:MAX_NAMED], documents, sources)
    tdm = tdmrep.TdmVoice(tdm_file, policies) if tdm_file.rules else None
    # One more than are read: what is beyond the bound shows as a licence that cannot be had.
    associations = tuple(association(url, line_evidence(robots, e), licences, page=False)
                         for url, e in declared[:MAX_NAMED + 1] if robots is not None)
    rsl_voice = rsl.RslVoice(associations) if associations else None
    wanted += _trust_and_ai(authority, documents, voices, sources)
    voices += [*(v for v in (tdm, rsl_voice) if v is not None), *notes.voices()]
    return SiteSignals(tuple(voices), tuple(wanted), tuple(sources), notes.texts, tdm, rsl_voice, tdm_file, policies,
                       associations, licences)


def named_documents(named: Iterable[tuple[str, RequestKind, str]], documents: Mapping[str, Exchange],
                     sources: list[Source],
                     ) -> tuple[dict[str, TdmPolicy], dict[str, tuple[RslDocument | None, Source]]]:
    """Read the documents named, as far as they were given; their sources are added to ``sources``."""
    policies: dict[str, TdmPolicy] = {}
    licences: dict[str, tuple[RslDocument | None, Source]] = {}
    for url, kind, via in named:
        if url not in documents:
            continue
        document = open_document(url, kind, documents[url], via=via, markup=True)
        if kind is RequestKind.TDM_POLICY:
            policies[url], document = parse_policy(document)
        else:
            licence, document = rsl.read_licence(document)
            licences[url] = licence, document.source
        sources.append(document.source)
    return policies, licences


def association(url: str, evidence: Evidence, licences: Mapping[str, tuple[RslDocument | None, Source]], *, page: bool,
                 ) -> rsl.Association:
    """A declaration joined with the document it names; one that was not given counts as one that cannot be had."""
    document, source = licences.get(url) or (None, Source(url, RequestKind.RSL, SourceState.UNREACHABLE,
                                                          note="not read"))
    return rsl.Association((evidence,), source, document, page)


def _trust_and_ai(authority: str, documents: Mapping[str, Exchange], voices: list[Voice], sources: list[Source],
                  ) -> list[Request]:
    """trust.txt at its first address, at its second only where the first has none; ai.txt."""
    wanted: list[Request] = []
    for path in (PROBES[RequestKind.TRUST_TXT], _SECOND_TRUST):
        url = authority + path
        if url not in documents:
            if path == _SECOND_TRUST:
                wanted.append(Request(url, RequestKind.TRUST_TXT, via="no /trust.txt"))
            break
        document = open_document(url, RequestKind.TRUST_TXT, documents[url], via="well-known file")
        if document.is_read:
            trust, document = trust_txt.read_trust_txt(document)
            voices += [trust] if trust else []
        sources.append(document.source)
        if document.source.state is not SourceState.ABSENT:
            break
    url = authority + PROBES[RequestKind.AI_TXT]
    if url in documents:
        document = open_document(url, RequestKind.AI_TXT, documents[url], via="well-known file")
        if document.is_read:
            voice, document = ai_txt.read_ai_txt(document)
            voices += [voice] if voice else []
        sources.append(document.source)
    return wanted
