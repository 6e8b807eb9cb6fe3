"""Real files: none raises, each is a fixed point of its text, and Google's matcher agrees or the reason is known."""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from jwm.robotstxt.googlebot import RobotsMatcher

from scrapeguard._pattern import normalise, normalise_pattern
from scrapeguard.robots import RobotsTxt, parse_robots
from scrapeguard.robots.matcher import target_of
from scrapeguard.robots.parser import clean
from scrapeguard.robots.records import grammar, records

DIFFERENCES = Path(__file__).parent.parent / "conformance" / "differences.toml"
GOOGLES_SPELLINGS = {"disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw", "disallows", "disallowed"}


def test_every_real_file_is_read_and_its_text_read_again_says_the_same(real_files):
    assert len(real_files) == 5038
    for data in real_files:
        robots = parse_robots(data)
        again = parse_robots(str(robots))
        assert str(again) == str(robots)
        assert again.groups == robots.groups
        assert again.extensions == robots.extensions


def test_every_real_file_can_be_shown(real_files):
    for data in real_files[::10]:
        robots = parse_robots(data)
        json.dumps(robots.to_dict())
        lines = str(robots).split("\n")
        for note in robots.notes:
            assert 0 <= note.line <= len(lines)
        if clean(data).html is None:
            printed = [line.strip().encode("utf-8", "surrogateescape").decode("utf-8", "replace") for line in lines]
            assert all(rule.text == printed[rule.line - 1] for group in robots.groups for rule in group.rules)


def test_finding_the_groups_fast_gives_what_reading_every_line_gives(real_files):
    for data in real_files[::5]:
        robots = parse_robots(data)
        groups: list[tuple[list[str], int]] = []
        closed = True
        body = b"\n" + clean(data).text + b"\n"
        for record in records(body):
            if record.name == "user-agent":
                if closed:
                    groups.append(([], 0))
                closed = False
                groups[-1][0].append(record.written)
            elif record.name in {"allow", "disallow"} and groups:
                closed = True
                groups[-1] = (groups[-1][0], groups[-1][1] + 1)
        assert [(len(names), count) for names, count in groups] == [
            (len(group.tokens), len(group.rules)) for group in robots.groups
        ]


def _questions(robots: RobotsTxt, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Agents and percent-encoded URLs made of the file's own tokens and rules, and others."""
    patterns = [rule.pattern for group in robots.groups for rule in group.rules if rule.pattern]
    agents = ["ExampleBot", *[token for token in robots.tokens if re.fullmatch("[a-z_-]+", token)][:3]]
    for _ in range(5):
        path = chance.choice(["/", "/a/b?c=d", "/search?q=1"])
        if patterns:
            path = chance.choice(patterns).replace("*", chance.choice(["", "x", "/a"])).rstrip("$")
            path += chance.choice(["", "x", "/", "?a=b"])
        path = quote(path.encode("utf-8", "surrogateescape"), safe="/%:?#[]@!$&'()*+,;=~")
        yield chance.choice(agents), "https://www.example.com" + (path if path.startswith("/") else "/" + path)


def _in_googles_form(robots: RobotsTxt, agent: str, url: str) -> bool:
    """Google's answer once both sides are normalised beforehand, and the groups chosen."""
    token = robots.select(agent)
    rules = [rule for group in robots.groups if token in group.tokens for rule in group.rules]
    lines = [f"{'Allow' if rule.allow else 'Disallow'}: {normalise_pattern(rule.pattern)}" for rule in rules]
    return RobotsMatcher().OneAgentAllowedByRobots(
        "\n".join(["User-agent: x", *lines]).encode(), "x", "https://www.example.com" + normalise(target_of(url))
    )


def _class_of(data: bytes, agent: str, url: str) -> str:
    robots = parse_robots(data)
    match = robots.match(url, agent)
    cleaned = clean(data)
    rule_line = match.rule.text.lower() if match.rule else ""
    if match.robots_txt:
        return "robots-txt"
    if cleaned.utf16:
        return "utf-16"
    if cleaned.html is not None:
        return "html"
    if _in_googles_form(robots, agent, url) is match.allowed:
        return "escape" if "%" in url or "%" in rule_line or normalise(url) != url else "token"
    if target_of(url).endswith("/") and any(
        rule.allow and re.search(r"index\.html?", rule.pattern) for group in robots.groups for rule in group.rules
    ):
        return "index-page"
    if rule_line.partition(":")[0].strip() in set(grammar().canonical) - GOOGLES_SPELLINGS:
        return "spelling"
    return "unknown"


def test_rfc9309_every_difference_from_google_on_real_files_has_a_sentence_that_decides_it(real_files):
    known = {entry["id"] for entry in tomllib.loads(DIFFERENCES.read_text(encoding="utf-8"))["class"]}
    chance = random.Random(9309)
    asked = 0
    for data in real_files:
        robots = parse_robots(data)
        for agent, url in _questions(robots, chance):
            if "#" in url:
                continue
            asked += 1
            if robots.allowed(url, agent) is not RobotsMatcher().OneAgentAllowedByRobots(data, agent, url):
                assert _class_of(data, agent, url) in known, (agent, url, robots.explain(url, agent))
    assert asked > 20_000


def test_rfc9309_2_2_2_percent_encoding_a_path_of_unreserved_characters_changes_no_answer(real_files):
    chance = random.Random(2)
    for data in real_files[::20]:
        robots = parse_robots(data)
        for agent, url in _questions(robots, chance):
            if "%" in url or "#" in url:
                continue
            hidden = re.sub(r"[A-Za-z0-9._~-]", lambda m: f"%{ord(m[0]):02x}", target_of(url))
            assert robots.allowed(hidden, agent) is robots.allowed(url, agent), (url, unquote_to_bytes(hidden))
