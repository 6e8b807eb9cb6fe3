"""Made-up blocks for training, from phrases.toml: bans in many frames, and the same words where nothing is banned."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from pathlib import Path


def gerund(act: str) -> str:
    """The act's first verb as a gerund.

    >>> gerund("scrape the Site")
    'Scraping the Site'
    """
    verb, _, rest = act.partition(" ")
    comma = "," if verb.endswith(",") else ""
    verb = verb.rstrip(",")
    if verb.endswith("e") and not verb.endswith("ee"):
        verb = verb[:-1]
    elif verb in {"put", "run", "get", "let", "distil"}:
        verb += verb[-1]
    return f"{verb.capitalize()}ing{comma} {rest}"


def made_up(*, seed: int = 1, each: int = 120) -> Iterator[tuple[str, set[str]]]:
    """Pairs of a small Markdown text and the activities that its last block forbids."""
    data = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8"))
    rng = random.Random(seed)

    def company() -> str:
        """A name that no document bears, new each time, so that the sentence is learnt and not the name."""
        parts = data["names"]
        return "".join(rng.choice(parts[k]) for k in ("first", "middle", "last")).capitalize() + rng.choice(
            parts["form"]
        )

    def fill(template: str) -> str:
        while "{" in template:
            slot = template[template.index("{") + 1 : template.index("}")]
            word = company() if slot == "company" else rng.choice(data["slots"][slot])
            template = template.replace("{" + slot + "}", word, 1)
        return template

    def ban(act: str) -> str:
        act = act + rng.choice(data["frames"]["purpose" if rng.random() < 0.15 else "tails"])
        kind = rng.random()
        if kind > 0.8:
            return fill(rng.choice(data["frames"]["gerund"]).replace("{act}", gerund(act)))
        if kind < 0.45:
            return fill(rng.choice(data["frames"]["ban"]).replace("{act}", act))
        lead = rng.choice(data["frames"]["led"])
        body = fill(act) + rng.choice([";", ".", "", "; or"])
        return f"{lead}\n\n* {body}"

    for key, acts in data["acts"].items():
        labels = set(key.split())
        for _ in range(each):
            yield ban(rng.choice(acts)), labels
        for _ in range(each // 4):
            yield fill(rng.choice(data["frames"]["company"]).replace("{act}", rng.choice(acts))), set()
        for _ in range(each // 8):
            yield fill(rng.choice(data["frames"]["free"]).replace("{act}", rng.choice(acts))), set()
    for phrase in data["not_acts"]["phrases"]:
        for _ in range(each // 12):
            yield ban(phrase), set()
    for sentence in data["neutral"]["sentences"]:
        for _ in range(3):
            yield sentence, set()
