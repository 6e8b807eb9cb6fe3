"""Statements in, one outcome out: a pure function that never looks at where a statement came from.

The order is gate → collect → decide. A gate that forbids (robots.txt) fixes the verdict; collection goes on all the same, so
that the Decision shows every source that objects. Then the most restrictive wins, with one softening: an express acceptance
against a refusal that this library merely derived becomes a condition («conflict»), so that an extension of ours never
overrules what the site wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from scrapeguard.decide.agreement import Agreement
from scrapeguard.decide.meaning import IN_WORDS, breadth, lifted_by, meaning, obligations
from scrapeguard.decide.profile import Profile
from scrapeguard.model.decision import ContextNote, Outcome, Reason
from scrapeguard.model.evidence import Evidence, LineRef, Source, Span
from scrapeguard.model.purpose import USE_PURPOSES, Purpose
from scrapeguard.model.statement import Condition, ConditionKind, Effect, Exemption, Family, Meaning, Statement, Verdict

_RANK = {Verdict.DENY: 0, Verdict.CONDITIONAL: 2, Verdict.ALLOW: 3, Verdict.SILENT: 4}
_CHANNELS = (
    "robots",
    "robots-status",
    "control-token",
    "content-usage",
    "content-signal",
    "robots-meta",
    "tdmrep",
    "rsl",
    "trust-txt",
    "ai-txt",
    "http-402",
    "http-status",
    "rel-license",
    "plus-datamining",
    "cawg",
    "terms",
)
"""The order in which channels that say the same are named: site before page, standards before conventions, prose last."""

_IN_DOUBT = Condition(
    ConditionKind.UNCERTAIN, "Only after a person has read the quoted words: the reading is not certain."
)


def combine(
    statements: Iterable[Statement],
    purpose: Purpose,
    *,
    profile: Profile,
    product_token: str,
    commercial: bool | None = None,
    gaps: Sequence[Source] = (),
    missing: Sequence[str] = (),
    agreements: Sequence[Agreement] = (),
    now: datetime | None = None,
    context: Sequence[ContextNote] = (),
) -> Outcome:
    """What the statements come to for one purpose. The order of ``statements`` makes no difference.

    ``agreements`` are those that cover the question; one that has ended by ``now`` is named and lifts nothing.
    """
    binding: list[tuple[Statement, Meaning]] = []
    advisory: list[tuple[Statement, Meaning]] = []
    unspoken: list[Statement] = []
    duties: list[Condition] = []
    holding = [a for a in agreements if not a.ended(now)] if agreements else []
    said_of_all = tuple(statements)
    for statement in sorted(said_of_all, key=_order) if len(said_of_all) > 1 else said_of_all:
        said = meaning(statement, purpose, commercial=commercial)
        binds = profile.binds[statement.family]
        if binds:
            duties += obligations(statement)
        if said is None:
            unspoken.append(statement)
            continue
        said, noted = _in_doubt(statement, said, profile)
        lifted = holding and said.verdict is not Verdict.ALLOW and any(a.robots or not statement.gate for a in holding)
        (binding if binds and not noted and not lifted else advisory).append((statement, said))
    for a in agreements:
        cited = _cited(a, purpose, ended=a not in holding), Meaning(purpose, Verdict.ALLOW)
        (binding if a in holding else advisory).append(cited)
    verdict, conflict = _verdict(binding)
    reasons = _reasons(binding, verdict, purpose)
    conditions = _conditions(binding, verdict, duties)
    allowed, why = _answer(verdict, purpose, profile, () if holding else gaps, reasons, conflict=conflict)
    return Outcome(
        purpose=purpose,
        verdict=verdict,
        allowed=allowed,
        profile=profile.name,
        product_token=product_token,
        commercial=commercial,
        reasons=reasons,
        conditions=conditions,
        advisory=_reasons(advisory, None, purpose),
        unspoken=tuple(unspoken),
        missing=tuple(missing),
        gaps=tuple(gaps),
        incomplete=bool(gaps),
        why=why,
        remedies=() if allowed else _remedies(verdict, reasons, conditions, gaps, product_token),
        signal="conflict" if conflict else next((r.statement.signal for r in reasons if r.decisive), "none"),
        context=tuple(context),
    )


def _cited(agreement: Agreement, purpose: Purpose, *, ended: bool = False) -> Statement:
    words = f"Agreement with {agreement.site} for {purpose}: {agreement.reference}"
    words += f" (ended on {agreement.until}; it lifts nothing)." if ended else "."
    return Statement("agreement", Family.TERMS, Effect.PERMIT, words)


def _in_doubt(statement: Statement, said: Meaning, profile: Profile) -> tuple[Meaning, bool]:
    """The profile's judgement of a clause under the threshold, or of a hint: as deny, as a condition, or only noted.

    A ban that names a part only is judged as a doubtful one, but never only noted.
    """
    hint = profile.hints.get(statement.signal)
    if statement.partial and said.verdict is Verdict.CONDITIONAL and profile.uncertain == "deny":
        return said._replace(verdict=Verdict.DENY), False
    if said.verdict is Verdict.ALLOW or (hint is None and not statement.uncertain):
        return said, False
    stance = hint or profile.uncertain
    if stance == "deny":
        return said._replace(verdict=Verdict.DENY), False
    if stance == "conditional":
        return said._replace(verdict=Verdict.CONDITIONAL, conditions=said.conditions or (_IN_DOUBT,)), False
    return said, True


def _verdict(binding: Sequence[tuple[Statement, Meaning]]) -> tuple[Verdict, bool]:
    if len(binding) < 2:
        return binding[0][1].verdict if binding else Verdict.SILENT, False
    if any(s.gate and m.verdict is Verdict.DENY for s, m in binding):
        return Verdict.DENY, False
    said = {(m.verdict, m.direct) for _, m in binding}
    if (Verdict.DENY, True) in said:
        return Verdict.DENY, False
    if (Verdict.DENY, False) in said:
        if (Verdict.ALLOW, True) in said or (Verdict.CONDITIONAL, True) in said:
            return Verdict.CONDITIONAL, True
        return Verdict.DENY, False
    for verdict in (Verdict.CONDITIONAL, Verdict.ALLOW):
        if any(v is verdict for v, _ in said):
            return verdict, False
    return Verdict.SILENT, False


def _place(evidence: Sequence[Evidence]) -> tuple[str, int]:
    if not evidence:
        return "", 0
    place = evidence[0].place
    offset = place.line if isinstance(place, LineRef) else place.start if isinstance(place, Span) else 0
    return evidence[0].source.url, offset


def _order(statement: Statement) -> tuple[object, ...]:
    said = (
        statement.effect,
        statement.activities,
        statement.exceptions,
        [(*m[:3], [(c.kind, c.text, c.value) for c in m.conditions]) for m in statement.means],
        [(c.kind, c.text, c.value) for c in statement.conditions],
        statement.confidence,
        statement.partial,
        statement.uncertain,
        statement.gate,
        statement.family,
    )
    rank = _CHANNELS.index(statement.signal) if statement.signal in _CHANNELS else len(_CHANNELS)
    return (rank, statement.signal, *_place(statement.evidence), statement.text, repr(said))


def _reasons(
    pairs: Sequence[tuple[Statement, Meaning]], verdict: Verdict | None, purpose: Purpose
) -> tuple[Reason, ...]:
    """Weightiest first: the gate, then by verdict, direct before derived, certain before not, the narrowest, then by place."""
    if not pairs:
        return ()
    reasons = [
        Reason(s, m.verdict, m.direct, verdict is not None and _decides(s, m, pairs, verdict), _in_words(s, m))
        for s, m in pairs
    ]

    def weight(reason: Reason) -> tuple[object, ...]:
        s = reason.statement
        weight = (not reason.decisive, not s.gate, _RANK[reason.verdict], not reason.direct, s.uncertain)
        return (*weight, breadth(s, purpose), *_order(s))

    return tuple(sorted(reasons, key=weight) if len(reasons) > 1 else reasons)


def _decides(s: Statement, m: Meaning, pairs: Sequence[tuple[Statement, Meaning]], verdict: Verdict) -> bool:
    if verdict is Verdict.CONDITIONAL and m.verdict is Verdict.DENY:
        return True
    if m.verdict is not verdict:
        return False
    if verdict is Verdict.DENY and not s.gate:
        direct_exists = any(o.verdict is Verdict.DENY and o.direct and not t.gate for t, o in pairs)
        return m.direct or not direct_exists
    return True


def _in_words(statement: Statement, said: Meaning) -> str:
    words = statement.text if statement.text.endswith((".", "!", "?")) else statement.text + "."
    if statement.activities and statement.effect is Effect.FORBID and said.verdict is Verdict.ALLOW:
        words = (
            f"Allowed: {said.purpose} falls under an exception that the terms state"
            f" ({'; '.join(lifted_by(statement, said.purpose))}). Otherwise {words[0].lower()}{words[1:]}"
        )
    if statement.activities:
        exceptions = [e.value for e in statement.exceptions]
        if exceptions:
            words += f" Exceptions stated: {', '.join(exceptions)}."
        if Exemption.LAW in statement.exceptions and said.verdict is Verdict.DENY:
            words += " What the law allows in spite of it, a lawyer must say."
    if not said.direct:
        words += f" Extended to {said.purpose} by this library."
    if statement.uncertain:
        words += (
            f" (uncertain reading, confidence {statement.confidence:.2f})" if statement.confidence is not None else ""
        )
    return words


def _conditions(
    binding: Sequence[tuple[Statement, Meaning]], verdict: Verdict, duties: Sequence[Condition]
) -> tuple[Condition, ...]:
    if not (binding or duties):
        return ()
    found: dict[tuple[str, str, object], Condition] = {}
    if verdict is not Verdict.DENY:
        for statement, said in binding:
            for condition in said.conditions:
                found.setdefault((condition.kind, condition.text, condition.value), condition)
            if said.verdict is Verdict.ALLOW and Exemption.ROBOTS_TXT in statement.exceptions:
                obey = Condition(
                    ConditionKind.ROBOTS_TXT,
                    "Keep obeying robots.txt: the terms allow it only so.",
                    evidence=statement.evidence[:1],
                )
                found.setdefault((obey.kind, obey.text, None), obey)
    for duty in duties:
        found.setdefault((duty.kind, duty.text, duty.value), duty)
    if len(found) < 2:
        return tuple(found.values())
    return tuple(sorted(found.values(), key=lambda c: (c.kind, *_place(c.evidence), c.text, str(c.value))))


def _answer(
    verdict: Verdict,
    purpose: Purpose,
    profile: Profile,
    gaps: Sequence[Source],
    reasons: Sequence[Reason],
    *,
    conflict: bool,
) -> tuple[bool, str]:
    closed = bool(gaps) and purpose in USE_PURPOSES and profile.incomplete_refuses
    first = reasons[0].text if reasons else ""
    if conflict:
        return False, f"Sources disagree: one accepts {purpose} expressly, another refuses a neighbouring use. {first}"
    if verdict is Verdict.DENY or verdict is Verdict.CONDITIONAL:
        return False, first
    unread = "; ".join(sorted([f"{g.url} ({g.state})" for g in gaps])) if gaps else ""
    if closed:
        said = first if verdict is Verdict.ALLOW else f"No source that could be read speaks of {purpose}."
        return False, f"{said} Not all sources could be read: {unread}; profile {profile.name} then refuses {purpose}."
    if verdict is Verdict.ALLOW:
        return True, first
    stance = profile.silent[purpose]
    allowed = stance == "yes" or (stance == "unless-incomplete" and not gaps)
    note = f" Not all sources could be read: {unread}." if gaps else ""
    if allowed:
        return True, f"No source that was read speaks of {purpose}; profile {profile.name} lets silence pass.{note}"
    law = " The law decides there." if purpose in {Purpose.PERSONAL_DATA, Purpose.IDENTIFICATION} else ""
    return (
        False,
        f"No source that was read speaks of {purpose}; profile {profile.name} never takes silence for a yes.{law}{note}",
    )


def _remedies(
    verdict: Verdict,
    reasons: Sequence[Reason],
    conditions: Sequence[Condition],
    gaps: Sequence[Source],
    product_token: str,
) -> tuple[str, ...]:
    found: list[str] = []
    for reason in reasons:
        s = reason.statement
        if not reason.decisive or s.effect is not Effect.FORBID:
            continue
        host = s.evidence[0].source.url.split("/")[2] if s.evidence else "the site"
        if s.gate:
            found.append(
                f"A robots.txt of {host} that lets product token {product_token} fetch this URL; only the site can change that."
            )
        elif s.activities:
            words = [IN_WORDS[e.value] for e in s.exceptions if e.value in {"api", "consent", "research", "personal"}]
            found.append(
                f"Written permission of {host} (an Agreement that names it)"
                + (f", or {', or '.join(words)}." if words else ".")
            )
        else:
            found.append(f"Permission of {host}, which reserves this use by {s.signal}.")
    if verdict is Verdict.CONDITIONAL:
        found += [f"Met by a person: {c.text}" for c in conditions if c.kind not in _DUTIES]
    if gaps:
        urls = ", ".join(g.url for g in gaps)
        found.append(f"Reading as a person would, and handing in (documents=[…], or --document URL=FILE): {urls}.")
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


_DUTIES = {
    ConditionKind.CRAWL_DELAY,
    ConditionKind.REQUEST_RATE,
    ConditionKind.VISIT_TIME,
    ConditionKind.EXCESSIVE_LOAD,
    ConditionKind.CIRCUMVENTION,
}
