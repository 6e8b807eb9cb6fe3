"""Known crawlers and control tokens: dated data (``agents.toml``), and how their operators read robots.txt."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from scrapeguard.model.purpose import Purpose
from scrapeguard.robots.product_token import product_token


@dataclass(frozen=True, slots=True)
class KnownAgent:
    """What is known of one token. ``respects_robots`` (yes, no, partial, unknown) is what operators or lists say.

    ``control_token``: it never crawls, it answers for what its operator's crawler fetched; ``purpose_tokens`` names
    such tokens for a crawler's purposes. ``fallback_groups`` are tokens tried before ``*``; ``ignores_star_group``
    means that ``*`` does not speak to it.
    """

    token: str
    operator: str
    purposes: tuple[Purpose, ...]
    category: str
    respects_robots: str
    source: str
    control_token: bool = False
    note: str = ""
    fallback_groups: tuple[str, ...] = ()
    ignores_star_group: bool = False
    purpose_tokens: Mapping[Purpose, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgentTable:
    """The whole table: agents by token in lower case, its date, and the rule for the evidence ``robots-agents``.

    ``training`` are the tokens, lower case, of crawlers known for AI training; ``threshold`` is how many of them a
    file must refuse.
    """

    date: str
    agents: Mapping[str, KnownAgent]
    training: frozenset[str]
    threshold: int


@lru_cache(maxsize=1)
def agent_table() -> AgentTable:
    """The table, read at first use.

    >>> agent_table().agents["gptbot"].operator
    'OpenAI'
    """
    raw = tomllib.loads(files("scrapeguard.robots").joinpath("agents.toml").read_text(encoding="utf-8"))
    agents = {
        entry["token"].lower(): KnownAgent(
            token=entry["token"], operator=entry["operator"], purposes=tuple(map(Purpose, entry["purposes"])),
            category=entry["category"], respects_robots=entry["respects_robots"],
            source=raw["sources"][entry["source"]],
            control_token=entry.get("control_token", False), note=entry.get("note", ""),
            fallback_groups=tuple(token.lower() for token in entry.get("fallback_groups", ())),
            ignores_star_group=entry.get("ignores_star_group", False),
            purpose_tokens=MappingProxyType(
                {Purpose(purpose): token.lower() for purpose, token in entry.get("purpose_tokens", {}).items()}),
        )
        for entry in raw["agent"]
    }
    rule = raw["robots_agents"]
    training = frozenset(product_token(token) for token in agents if rule["purpose"] in agents[token].purposes)
    return AgentTable(str(raw["date"]), MappingProxyType(agents), training, rule["threshold"])


def find_agent(token: str) -> KnownAgent | None:
    """The agent of that token, compared without case, or None.

    >>> find_agent("applebot-extended").control_token
    True
    """
    return agent_table().agents.get(token.lower())
