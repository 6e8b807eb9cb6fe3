"""What changed between two readings of a site.

The comparison is of provisions, not of bytes: a clause that moved, was reworded or was said twice is the same clause while its
meaning stays. What could not be read this time is taken to say what it said before, and that it could not be read is itself a
change. A reading by another version of the library may differ in what it finds in the same text; that is no change of the site.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from scrapeguard.model.evidence import SourceState
from scrapeguard.model.exchange import RequestKind
from scrapeguard.model.kept import Provision, SiteReading
from scrapeguard.model.statement import Effect, Family


class ChangeKind(StrEnum):
    """What happened between two readings. `MOVED` and `REWORDED` leave the meaning as it was."""

    ADDED = "added"
    REMOVED = "removed"
    ALTERED = "altered"
    MOVED = "moved"
    REWORDED = "reworded"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one site. ``at`` is when it was first seen, ``since`` when the site was last seen as it was before.

    ``before`` and ``after`` are the provisions; ``text`` is the sentence for people. ``alarm`` is True when what the site says
    has changed, or can no longer be read: a clause that moved, was reworded, or joins another that says the same, is no alarm.
    """

    kind: ChangeKind
    text: str
    alarm: bool
    at: datetime
    since: datetime
    url: str = ""
    before: Provision | None = None
    after: Provision | None = None

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.text}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "kind": self.kind.value,
            "alarm": self.alarm,
            "at": self.at.isoformat(),
            "since": self.since.isoformat(),
            "text": self.text,
            "url": self.url,
            "before": self.before._asdict() if self.before else None,
            "after": self.after._asdict() if self.after else None,
        }


class _Span(NamedTuple):
    """When a reading was made, and the one before it."""

    at: datetime
    since: datetime


def changes_in(readings: Sequence[SiteReading]) -> tuple[Change, ...]:
    """Every change in a row of readings of one site by one crawler, in the order of time."""
    found: list[Change] = []
    last: SiteReading | None = None
    for reading in readings:
        if last is not None:
            found += compare(last, reading)
        last = reading if last is None else _carried(last, reading)
    return tuple(found)


def standing(readings: Sequence[SiteReading]) -> SiteReading:
    """What a row of readings comes to: the last one, with what it could not read as it stood before.

    Raises ValueError for none.
    """
    if not readings:
        raise ValueError("no reading, so nothing stands")
    last, *rest = readings
    for reading in rest:
        last = _carried(last, reading)
    return last


def compare(before: SiteReading, after: SiteReading) -> tuple[Change, ...]:
    """What changed from one reading to the next."""
    span = _Span(after.read_at, before.read_at)
    found = [*_states(before, after, span)]
    known = _carried(before, after)
    if before.software != after.software:
        # The same text read by other rules is no change of the site, so only documents whose text changed are compared.
        same = _same_documents(before, after)
        kept = [p for p in before.provisions if p.url in same]
        known = replace(known, provisions=(*kept, *(p for p in known.provisions if p.url not in same)))
    found += _differences(before.provisions, known.provisions, span)
    return tuple(found)


def _same_documents(before: SiteReading, after: SiteReading) -> set[str]:
    old, new = ({s.url: s.sha256 for s in r.sources if s.state is SourceState.READ} for r in (before, after))
    texts = [{v.url: (v.reader, v.text_sha256) for v in r.versions} for r in (before, after)]
    return {u for u in old.keys() & new.keys() if old[u] == new[u] or (u in texts[0] and texts[0][u] == texts[1].get(u))}


def _carried(before: SiteReading, after: SiteReading) -> SiteReading:
    """``after`` with what could not be read this time, as it stood before.

    Without robots.txt nothing was asked for; without the home page the terms may not have been found.
    """
    gaps = {s.url: s for s in after.sources if s.state.is_gap}
    kinds = {s.kind for s in gaps.values()}
    blind_everywhere = RequestKind.ROBOTS in kinds
    blind_to_terms = blind_everywhere or RequestKind.HOME in kinds
    read = {s.url for s in after.sources if not s.state.is_gap}
    kept = [
        p
        for p in before.provisions
        if p.url not in read and (p.url in gaps or blind_everywhere or (blind_to_terms and p.family is Family.TERMS))
    ]
    return replace(after, provisions=(*after.provisions, *kept)) if kept else after


def _states(before: SiteReading, after: SiteReading, span: _Span) -> Iterator[Change]:
    old = {s.url: s for s in before.sources}
    for source in after.sources:
        last = old.get(source.url)
        was_gap = last is not None and last.state.is_gap
        if source.state.is_gap and not was_gap and (last is not None or source.kind is RequestKind.TERMS):
            note = f": {source.note}" if source.note else ""
            text = f"{source.url} can no longer be read ({source.state}{note})"
            yield Change(ChangeKind.STATE, text, True, *span, url=source.url)
        elif was_gap and not source.state.is_gap:
            yield Change(ChangeKind.STATE, f"{source.url} can be read again ({source.state})", False, *span, url=source.url)


def _differences(
    before: Iterable[Provision], after: Iterable[Provision], span: _Span
) -> Iterator[Change]:
    old, new = list(dict.fromkeys(before)), list(dict.fromkeys(after))
    old_meanings, new_meanings = {p.meaning for p in old}, {p.meaning for p in new}
    gone, come = _unmatched(old, new)
    pairs, gone, come = _paired(gone, come, lambda p: p.meaning)
    for was, now in pairs:
        if now.family is not Family.TERMS:
            continue  # the order and the spelling of records are no news
        kind = ChangeKind.REWORDED if _words(was) != _words(now) else ChangeKind.MOVED
        if kind is ChangeKind.REWORDED or (was.url, was.section) != (now.url, now.section):
            yield Change(kind, f"{_named(now)} was {kind}{_place(now)}", False, *span, now.url, was, now)
    pairs, gone, come = _paired(
        [p for p in gone if p.meaning not in new_meanings] + [p for p in gone if p.meaning in new_meanings],
        [p for p in come if p.meaning not in old_meanings] + [p for p in come if p.meaning in old_meanings],
        lambda p: p.topic,
    )
    for was, now in pairs:
        alarm = was.meaning not in new_meanings or now.meaning not in old_meanings
        text = f"{_named(now)} was altered{_place(now)}: {_difference(was, now)}"
        yield Change(ChangeKind.ALTERED, text, alarm, *span, now.url, was, now)
    for was in gone:
        alarm = was.meaning not in new_meanings
        yield Change(ChangeKind.REMOVED, f"{_named(was)} was removed{_place(was, 'from')}", alarm, *span, was.url, was)
    for now in come:
        alarm = now.meaning not in old_meanings
        yield Change(ChangeKind.ADDED, f"{_named(now)} was added{_place(now)}", alarm, *span, now.url, None, now)


def _unmatched(old: Sequence[Provision], new: Sequence[Provision]) -> tuple[list[Provision], list[Provision]]:
    """What is not equal to the letter and place on the other side."""
    there, here = set(new), set(old)
    return [p for p in old if p not in there], [p for p in new if p not in here]


def _paired(
    old: Sequence[Provision], new: Sequence[Provision], key: Callable[[Provision], object]
) -> tuple[list[tuple[Provision, Provision]], list[Provision], list[Provision]]:
    """Pairs of equal key, those with the same words first, then those of the same section, then in order; and the rest."""
    waiting: dict[object, list[Provision]] = {}
    for p in old:
        waiting.setdefault(key(p), []).append(p)
    pairs: list[tuple[Provision, Provision]] = []
    left = list(new)
    likenesses: tuple[Callable[[Provision], object], ...] = (_words, lambda p: (p.url, p.section), lambda _: None)
    for alike in likenesses:
        still: list[Provision] = []
        for now in left:
            candidates = waiting.get(key(now), [])
            was = next((p for p in candidates if alike(p) == alike(now)), None)
            if was is None:
                still.append(now)
            else:
                candidates.remove(was)
                pairs.append((was, now))
        left = still
    return pairs, [p for rest in waiting.values() for p in rest], left


def _words(p: Provision) -> str:
    return " ".join(p.quote.split()).casefold()


_FORCE = {Effect.FORBID: "forbidding", Effect.PERMIT: "permitting", Effect.REQUIRE: "setting a condition on"}


def _named(p: Provision) -> str:
    """A provision as a noun phrase."""
    if p.signal == "terms":
        doubt = "an uncertain" if p.uncertain else "a"
        return f"{doubt} clause {_FORCE[p.effect]} {p.about}" + (f" for «{p.subject}»" if p.subject else "")
    if p.signal == "robots":
        rule = "Disallow" if p.effect is Effect.FORBID else "Allow"
        if p.about == "everything":
            return f"a group without rules for {p.subject!r}"
        return f"the rule «{rule}: {p.about}» for {p.subject!r}"
    whom = f" for {p.subject!r}" if p.subject else ""
    return f"the {p.signal} «{p.about}»{whom}"


def _place(p: Provision, preposition: str = "in") -> str:
    if p.signal == "terms" and p.section:
        return f" {preposition} section «{p.section.rpartition(' › ')[2]}»"
    return f" {preposition} {p.url}" if p.url and p.signal != "robots" else ""


def _difference(was: Provision, now: Provision) -> str:
    said = []
    if lost := sorted(set(was.exceptions) - set(now.exceptions)):
        said.append(f"no longer excepts {', '.join(lost)}")
    if won := sorted(set(now.exceptions) - set(was.exceptions)):
        said.append(f"now excepts {', '.join(won)}")
    if was.uncertain != now.uncertain:
        said.append("is now uncertain" if now.uncertain else "is no longer uncertain")
    return "; ".join(said) or "worded anew"
