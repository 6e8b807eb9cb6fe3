"""Properties of the whole reader; each says the sentence it checks."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from scrapeguard._pattern import compile_pattern, normalise
from scrapeguard.robots import RobotsFeed, RobotsTxt, parse_robots
from scrapeguard.robots.matcher import target_of

TOKENS = st.sampled_from(["a", "bot", "*", "Other-Bot"])
PATHS = st.text("/ab*$?=%2Ffä ", max_size=8).map("/".__add__)
RULES = st.tuples(st.sampled_from(["Allow", "Disallow"]), PATHS)
GROUPS = st.tuples(st.lists(TOKENS, min_size=1, max_size=2), st.lists(RULES, min_size=1, max_size=6))
FILES = st.lists(GROUPS, max_size=4)
TARGETS = st.text("/ab?=%2Fäx", max_size=8).map("/".__add__)
LINES = st.sampled_from(
    [
        b"User-agent: *",
        b"user-agent: bot/1.0",
        b"useragent bot",
        b"Disallow: /",
        b"allow: /a*$",
        b"Disallow /b",
        b"Dissallow:",
        b"",
        b"Crawl-delay: 2",
        b"Sitemap: https://e.example/s",
        b"# comment",
        b" \t",
        b"\xff\xfe:",
        b"x\x00y: z",
        b"Disallow: /\xe9",
        b"<p>",
    ]
)
SOUP = st.lists(st.one_of(LINES, st.binary(max_size=12)), max_size=12).flatmap(
    lambda lines: st.sampled_from([b"\n", b"\r", b"\r\n"]).map(lambda end: end.join(lines))
)


def _written(groups) -> str:
    return "\n\n".join(
        "\n".join([*(f"User-agent: {token}" for token in tokens), *(f"{kind}: {path}" for kind, path in rules)])
        for tokens, rules in groups
    )


def _by_definition(robots: RobotsTxt, target: str, agent: str) -> bool:
    """RFC 9309 §2.2.2 without any index: every rule of the group is tried, the most octets win, Allow wins a tie."""
    token = robots.select(agent)
    matching = [
        (pattern.octets, rule.allow)
        for group in robots.groups
        if token and token in group.tokens
        for rule in group.rules
        if (pattern := compile_pattern(rule.pattern)) and pattern.matches(normalise(target))
    ]
    return normalise(target) == "/robots.txt" or max(matching, default=(0, True))[1]


@given(FILES, TARGETS)
@settings(max_examples=400)
def test_rfc9309_2_2_2_the_most_specific_match_found_must_be_used(groups, target):
    robots = parse_robots(_written(groups))
    for agent in ("a", "bot", "nobody"):
        match = robots.match(target, agent)
        assert match.allowed is _by_definition(robots, target, agent)
        assert (match.rule is None) is (robots.explain(target, agent) == ())
        if match.rule:
            assert (
                match.rule == robots.explain(target, agent)[0]
                or match.rule.octets == robots.explain(target, agent)[0].octets
            )


@given(st.lists(st.text("ab*/", min_size=1, max_size=5).map("/".__add__), min_size=20, max_size=40), TARGETS)
def test_many_wildcards_are_answered_as_few_are(patterns, target):
    robots = parse_robots(
        "User-agent: *\n"
        + "\n".join(f"{'Allow' if len(pattern) % 2 else 'Disallow'}: {pattern}" for pattern in patterns)
    )
    assert robots.allowed(target, "a") is _by_definition(robots, target, "a")


@given(FILES, TARGETS, PATHS)
def test_another_non_empty_disallow_in_the_governing_group_never_allows_more(groups, target, path):
    before = parse_robots(_written(groups))
    token = before.select("bot") or "*"
    after = parse_robots(_written([*groups, ([token], [("Disallow", path)])]))
    assert after.allowed(target, "bot") <= before.allowed(target, "bot")


@given(FILES, TARGETS, st.randoms(use_true_random=False))
def test_rfc9309_2_2_the_order_of_groups_and_rules_does_not_matter(groups, target, chance):
    shuffled = [(tokens, chance.sample(rules, len(rules))) for tokens, rules in chance.sample(groups, len(groups))]
    one, other = parse_robots(_written(groups)), parse_robots(_written(shuffled))
    assert one.allowed(target, "bot") is other.allowed(target, "bot")


@given(FILES, st.text("/abxyz.~-", max_size=8).map("/".__add__))
def test_rfc9309_2_2_2_a_url_with_unreserved_characters_encoded_is_the_same(groups, target):
    robots = parse_robots(_written(groups))
    encoded = "".join(c if c == "/" else f"%{ord(c):02X}" for c in target)
    assert robots.match(target, "bot") == robots.match(encoded, "bot")


@given(SOUP, st.lists(st.integers(0, 400), max_size=4))
def test_bytes_fed_whole_or_cut_anywhere_give_the_same(data, cuts):
    feed = RobotsFeed()
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    for start, end in pairwise(places):
        feed.feed(data[start:end])
    assert feed.close() == parse_robots(data)
    assert feed.close().notes == parse_robots(data).notes


URLS = st.tuples(
    st.sampled_from(
        ["https://", "http://", "https:///", "://", "", "https://e.example", "https://e.example:8443", "http://e"]
    ),
    st.sampled_from(["", "/", "/a", "/a/b", "?q=/a", "#/a", "/a?b=/c#d", "//a", "e.example/a"]),
).map("".join)


@given(FILES, st.lists(URLS, max_size=6))
def test_no_answer_depends_on_what_was_asked_before(groups, urls):
    used = parse_robots(_written(groups))
    for url in urls:
        assert used.allowed(url, "bot") is parse_robots(_written(groups)).allowed(url, "bot")
        assert used.match(url, "bot") == used.match(target_of(url), "bot")


@given(SOUP)
@settings(max_examples=300)
def test_nothing_a_file_holds_raises_and_its_text_is_a_fixed_point(data):
    robots = parse_robots(data)
    again = parse_robots(str(robots))
    assert str(again) == str(robots)
    assert (again.groups, again.extensions) == (robots.groups, robots.extensions)
    assert robots.match("/x", "bot") == again.match("/x", "bot")
    robots.to_dict()
    assert robots.crawl_delay("bot") == again.crawl_delay("bot")


@given(st.text(max_size=40), st.text(max_size=20))
def test_no_text_and_no_url_raises(text, url):
    parse_robots(text).allowed(url, "bot")
