"""Made-up clauses in the languages other than English, from phrases_multi.toml: bans in many frames, and the same acts allowed."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

_ELISION = re.compile(r"\bde (?=[aeéiou])", re.IGNORECASE)
_GERUND = re.compile(r"\b(\w+(?:ani|eni|ci))e\b")
_PARTICLE = re.compile(r"\b(aan|door|in|op|over|toe|uit|voor) \|te \|")


def forms(act: str) -> tuple[str, str, str, str]:
    """An act as bare verb, verb with «zu» or «te», noun, and the noun's genitive (Polish).

    >>> forms("Daten aus|zu|lesen | das Auslesen von Daten")[:3]
    ('Daten auslesen', 'Daten auszulesen', 'das Auslesen von Daten')
    """
    verb, _, noun = act.rpartition(" | ")
    bare = re.sub(r"\|(?:zu|te) ?\|", "", _PARTICLE.sub(r"\1", verb))
    return bare, verb.replace("|", ""), noun, _GERUND.sub(r"\1a", noun)


def sentence(text: str, language: str) -> str:
    """The text with a capital first, and French elisions made."""
    if language == "fr":
        text = _ELISION.sub("d’", text)
    return text[0].upper() + text[1:]


def made_up(language: str, *, seed: int = 1, each: int = 2) -> Iterator[tuple[str, set[str]]]:
    """Pairs of a small Markdown text and the activities that its last block forbids; ``each`` act is used so often."""
    data = tomllib.loads((Path(__file__).parent / "phrases_multi.toml").read_text(encoding="utf-8"))[language]
    frames, rng = data["frames"], random.Random(seed)

    def fill(frame: str, act: str, tail: str = "") -> str:
        verb, separable, noun, genitive = forms(act)
        used = noun if frame in frames["noun"] else verb
        filled = frame.replace("{act_zu}", separable + tail).replace("{act_gen}", genitive)
        return sentence(filled.replace("{act}", used + (tail if used is verb else "")), language)

    for key, acts in data["acts"].items():
        for act in acts:
            verb, separable, noun, _ = forms(act)
            for _ in range(each):
                tail = rng.choice(frames["tails"])
                yield fill(rng.choice(frames["verb"]), act, tail), set(key.split())
                yield fill(rng.choice(frames["noun"]), act), set(key.split())
                item = f"{separable if rng.random() < 0.5 else verb}{tail}" if rng.random() < 0.5 else ""
                lead = rng.choice(frames["led_verb" if item else "led_noun"])
                yield f"{lead}\n\n* {item or noun}{rng.choice(';., ')}", set(key.split())
            yield fill(rng.choice(frames["own"]), act), set()
            yield fill(rng.choice(frames["free"]), act), set()
