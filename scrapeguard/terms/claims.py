"""Readings that hold in every language: which concepts under a ban make which claim (`rules/claims.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Set
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Claim(NamedTuple):
    """A rule over the concepts of a passage that stand under one force."""

    id: str
    activities: tuple[str, ...]
    all: tuple[frozenset[str], ...]
    none: frozenset[str]
    least: int
    of: frozenset[str]

    def fires(self, concepts: Set[str]) -> bool:
        """Whether the concepts make the claim.

        >>> robot = next(c for c in claims() if c.id == "robot")
        >>> robot.fires({"robot", "access"}), robot.fires({"access"})
        (True, False)
        """
        return (all(not alternatives.isdisjoint(concepts) for alternatives in self.all) and self.none.isdisjoint(concepts)
                and len(self.of & concepts) >= self.least)


@cache
def claims() -> tuple[Claim, ...]:
    """The claims, in the order of their file."""
    data = tomllib.loads((files(__package__) / "rules" / "claims.toml").read_text(encoding="utf-8"))
    return tuple(
        Claim(c["id"], tuple(c["activities"]), tuple(frozenset(a.split("|")) for a in c["all"]), frozenset(c.get("none", ())),
              c.get("least", 0), frozenset(c.get("of", ())))
        for c in data["claim"])
