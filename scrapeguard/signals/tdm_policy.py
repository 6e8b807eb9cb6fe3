"""TDM policies: the ODRL 2.2 profile of TDMRep, evaluated as far as a machine can.

An Offer whose ``permission`` members have the action ``tdm:mine``, each with duties (``obtainConsent``, ``compensate``) and
with constraints on the purpose (``tdm:research``, ``tdm:non-research``, marked experimental). A policy that is no such
document gives no conditions: the reservation stands.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from scrapeguard.model.evidence import Evidence, PointerRef
from scrapeguard.model.statement import Condition, ConditionKind
from scrapeguard.signals.documents import Document, legible, quoted

PROFILE = "http://www.w3.org/ns/tdmrep"
MAX_PERMISSIONS = 200
_DUTIES = {
    "obtainconsent": (ConditionKind.CONSENT, "obtain the rightholder's consent"),
    "compensate": (ConditionKind.PAYMENT, "pay the rightholder"),
}


class Permission(NamedTuple):
    """One permission to mine: for whom (``research``, ``non-research``, ``''`` for all), against what, on which target."""

    audience: str
    conditions: tuple[Condition, ...]
    target: str
    evidence: Evidence


class Answer(NamedTuple):
    """What a policy says about a URL. ``mining``: no permission, one against duties, one without; ``research``: permitted."""

    mining: Literal["deny", "duty", "free"]
    conditions: tuple[Condition, ...]
    research: bool
    told: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class TdmPolicy:
    """A policy document. Not ``is_usable``: HTML, absent, broken or another profile; ``evidence`` names it all the same."""

    permissions: tuple[Permission, ...] = ()
    evidence: Evidence | None = None
    prohibits: bool = False

    @property
    def has_targets(self) -> bool:
        """True when a permission is for one target only, so that the answer depends on the URL."""
        return any(p.target for p in self.permissions)

    @property
    def is_usable(self) -> bool:
        """True when there is at least one permission to mine that can be judged."""
        return bool(self.permissions)

    def covering(self, url: str) -> tuple[int, ...]:
        """The permissions that are for ``url``, by number; one for another target counts for nothing."""
        return tuple(i for i, p in enumerate(self.permissions) if not p.target or url.startswith(p.target))

    def answer(self, covering: Sequence[int]) -> Answer:
        """What these permissions come to."""
        here = [self.permissions[i] for i in covering]
        general = [p for p in here if p.audience != "research"]
        free = [p for p in general if not p.conditions]
        paid = [p for p in general if p.conditions]
        study = any(not p.conditions for p in here if p.audience != "non-research")
        if free and not self.prohibits:
            return Answer("free", (), study, "", (free[0].evidence,))
        if paid and not self.prohibits:
            return Answer("duty", paid[0].conditions, study, "", (paid[0].evidence,))
        told = "mining is reserved, and the policy permits it for other purposes only"
        return Answer("deny", (), study and not self.prohibits, told, tuple(p.evidence for p in here[:1]))


def parse_policy(document: Document) -> tuple[TdmPolicy, Document]:
    """Read a policy; whatever hinders it becomes a note of the document's source."""
    whole = TdmPolicy(evidence=Evidence(document.source))
    if not document.is_read:
        return whole, document
    if document.text.lstrip()[:1] == "<":
        return whole, document.noted("a policy for people to read; it gives no conditions that a machine can read")
    try:
        data = json.loads(document.text)
    except (ValueError, RecursionError):
        return whole, document.noted("is no JSON; it gives no conditions")
    if not isinstance(data, dict) or not _is_tdm(data):
        return whole, document.noted(f"is no policy of the profile {PROFILE}; it gives no conditions")
    permissions = []
    notes: list[str] = []
    for number, row in enumerate(_list(data.get("permission"))[:MAX_PERMISSIONS]):
        permission = _permission(row, f"/permission/{number}", _contact(data), document)
        if permission:
            permissions.append(permission)
        else:
            notes.append(f"permission {number} is none to mine and is left out")
    prohibits = any(_mines(row) for row in _list(data.get("prohibition"))[:MAX_PERMISSIONS])
    return TdmPolicy(tuple(permissions), Evidence(document.source), prohibits), document.noted(*notes)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _name(value: Any) -> str:
    """The local name of a term: ``tdm:mine``, its IRI, or an object that names it, all become ``mine``."""
    if isinstance(value, dict):
        value = value.get("@id", value.get("rdf:value", value.get("id", "")))
    text = value if isinstance(value, str) else ""
    for sign in ("#", "/", ":"):
        text = text.rpartition(sign)[2]
    return text.strip().lower()


def _is_tdm(data: dict[str, Any]) -> bool:
    named = [*_list(data.get("profile")), *_list(data.get("@context"))]
    return any(isinstance(n, str) and n.startswith(PROFILE) for n in named)


def _mines(row: Any) -> bool:
    return isinstance(row, dict) and any(_name(a) == "mine" for a in _list(row.get("action")))


def _contact(data: dict[str, Any]) -> str | None:
    """Where the rightholder can be asked: the first address of the assigner's vCard."""
    for party in _list(data.get("assigner")):
        if isinstance(party, dict):
            for key in ("vcard:hasEmail", "vcard:hasURL", "vcard:hasTelephone", "uid"):
                value = party.get(key)
                if isinstance(value, str):
                    return legible(value, 300)
    return None


def _verbatim(row: Any, text: str) -> str:
    """The member as the document spells it, where one of the two usual spellings is its own; else the pointer must do."""
    usual = (json.dumps(row, ensure_ascii=False, separators=s) for s in ((", ", ": "), (",", ":")))
    return next((spelling for spelling in usual if spelling in text), "")


def _permission(row: Any, pointer: str, contact: str | None, document: Document) -> Permission | None:
    if not _mines(row):
        return None
    evidence = quoted(document.source, _verbatim(row, document.text), PointerRef(pointer))
    conditions = []
    for duty in _list(row.get("duty")):
        actions = _list(duty.get("action")) if isinstance(duty, dict) else [duty]
        for action in actions or [""]:
            kind, text = _DUTIES.get(_name(action), (ConditionKind.OTHER, f"fulfil the duty {_name(action)[:60]!r}"))
            conditions.append(Condition(kind, text, contact, (evidence,)))
    audience = ""
    for constraint in _list(row.get("constraint")):
        operand = constraint if isinstance(constraint, dict) else {}
        right = _name(operand.get("rightOperand"))
        if _name(operand.get("leftOperand")) == "purpose" and _name(operand.get("operator")) == "eq" and right in {
                "research", "non-research"} and audience in {"", right}:
            audience = right
        else:
            conditions.append(Condition(ConditionKind.OTHER, "meet a constraint that this library does not know", None,
                                        (evidence,)))
    target = row.get("target")
    return Permission(audience, tuple(conditions), legible(target, 2000) if isinstance(target, str) else "", evidence)
