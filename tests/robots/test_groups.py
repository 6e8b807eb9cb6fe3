"""Group formation and the choice of a group (RFC 9309 §2.2, §2.2.1)."""

from __future__ import annotations

import pytest

from scrapeguard.errors import InvalidAgent
from scrapeguard.robots import parse_robots, product_token
from scrapeguard.robots.product_token import file_token


def denied(text: str, agent="examplebot", path: str = "/page") -> bool:
    return not parse_robots(text).allowed(path, agent)


def test_rfc9309_2_2_1_a_named_group_is_never_combined_with_the_star():
    assert not denied("User-agent: *\nDisallow: /\n\nUser-agent: ExampleBot\nDisallow: /other")


def test_rfc9309_2_2_1_groups_of_one_token_are_merged():
    text = (
        "User-agent: examplebot\nDisallow: /a\n\nUser-agent: b\nDisallow: /\n\nUser-agent: examplebot\nDisallow: /page"
    )
    assert denied(text)
    assert denied(text, path="/a")


@pytest.mark.parametrize(
    "between", ["", "\n", "Sitemap: /s\n", "Crawl-delay: 5\n", "Nonsense: 1\n", "# x\n", "no record\n"]
)
def test_rfc9309_2_2_4_nothing_but_a_rule_ends_a_run_of_user_agent_lines(between):
    assert denied(f"User-agent: examplebot\n{between}User-agent: b\nDisallow: /")


@pytest.mark.parametrize("rule", ["Disallow:", "Allow: /x", "disallow: nothing", "Dissallow: /x"])
def test_rfc9309_2_2_a_rule_even_an_empty_one_ends_it(rule):
    assert not denied(f"User-agent: examplebot\n{rule}\nUser-agent: b\nDisallow: /")


def test_rfc9309_2_2_2_rules_before_any_user_agent_are_ignored():
    assert not denied("Disallow: /\nUser-agent: b\nDisallow: /x")


def test_rfc9309_2_2_a_last_group_without_rules_allows_everything():
    assert not denied("User-agent: *\nDisallow: /\n\nUser-agent: examplebot")


def test_rfc9309_2_2_blank_lines_end_nothing():
    assert denied("User-agent: examplebot\n\n\nDisallow: /x\n\nDisallow: /page")


@pytest.mark.parametrize(
    ("line", "token"),
    [
        ("ExampleBot", "examplebot"),
        ("ExampleBot/2.1", "examplebot"),
        ("ExampleBot*", "examplebot"),
        ("* # all", "*"),
        ("*bot", ""),
        ("", ""),
        ("Example Bot", "example"),
        ("AI2Bot", "ai2bot"),
        ("panscient.com", "panscient.com"),
        ("A, B", "a"),
        ("ExampleBot (x)", "examplebot"),
        ("Львів-bot", "львів-bot"),
        ("*<BR>", "*"),
        ("* x", "*"),
    ],
)
def test_choice_a_token_ends_at_a_version_a_comment_or_a_list(line, token):
    assert file_token(line.partition("#")[0].strip().encode()) == token


@pytest.mark.parametrize("agent", ["Example", "ExampleBot-Image", "xExampleBot", "bot"])
def test_rfc9309_2_2_1_tokens_are_equal_or_not(agent):
    assert not denied("User-agent: ExampleBot\nDisallow: /", agent)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("ExampleBot/1.0", "examplebot"),
        ("examplebot", "examplebot"),
        ("*", "*"),
        ("Example Bot", "example"),
        ("ExampleBot/1.0 (+https://example.com/bot; a@example.com)", "examplebot"),
        ("Mozilla/5.0 (compatible; ExampleBot/2.1; +https://example.com/bot)", "examplebot"),
        ("Mozilla/5.0 (compatible; ExampleBot)", "examplebot"),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ExampleBot/1.2; +https://e.example/x)",
            "examplebot",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Safari/605.1 (ExampleBot/0.1)",
            "examplebot",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 ExampleBot/1.0",
            "examplebot",
        ),
    ],
)
def test_rfc9309_2_2_1_the_product_token_is_found_in_the_identification_string(header, token):
    assert product_token(header) == token


@pytest.mark.parametrize(
    "header",
    [
        "",
        "  ",
        "/1.0",
        "(x)",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
        "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)",
        "Mozilla/5.0 (compatible; OneBot/1.0; OtherBot/1.0)",
    ],
)
def test_an_agent_without_one_name_is_refused_with_what_to_do(header):
    with pytest.raises(InvalidAgent, match="token"):
        product_token(header)


def test_choice_an_empty_agent_is_one_that_no_group_names():
    assert denied("User-agent: *\nDisallow: /", "")


def test_choice_of_several_tokens_the_first_that_a_group_names_is_taken():
    robots = parse_robots("User-agent: maker\nDisallow: /img\n\nUser-agent: *\nDisallow: /")
    assert robots.select(("maker-image", "maker")) == "maker"
    assert robots.allowed("/page", ("maker-image", "maker"))
    assert not robots.allowed("/page", ("other", "another"))
    assert robots.select(()) == "*"


def test_a_match_names_rule_line_group_and_reason():
    robots = parse_robots("# x\n\nUser-agent: a\nUser-agent: B\nDisallow: /p # secret\nAllow: /p/open\n")
    match = robots.match("https://example.com/p/x", "b")
    assert (match.allowed, match.token) == (False, "b")
    assert (match.rule.line, match.rule.pattern, match.rule.text) == (5, "/p", "Disallow: /p # secret")
    assert (match.group.tokens, match.group.line, len(match.group.rules)) == (("a", "b"), 3, 2)
    assert "line 5" in match.reason
    assert robots.match("/p/open", "b").rule.octets == 7
    unmatched = robots.match("/q", "b")
    assert (unmatched.allowed, unmatched.rule, unmatched.group.line) == (True, None, 3)
    nobody = robots.match("/p", "c")
    assert (nobody.allowed, nobody.rule, nobody.group, nobody.token) == (True, None, None, "")
    assert not robots.match("/p", "a")


def test_the_line_of_a_rule_in_a_later_group_of_the_same_token_is_its_own():
    robots = parse_robots("User-agent: a\nDisallow: /x\n\nUser-agent: b\nDisallow: /y\n\nUser-agent: a\nDisallow: /z\n")
    assert robots.match("/z", "a").rule.line == 8
    assert robots.match("/z", "a").group.line == 7


@pytest.mark.parametrize("url", ["/robots.txt", "https://example.com/robots.txt", "/robots%2Etxt", "/robots.txt#x"])
def test_rfc9309_2_2_2_the_file_itself_is_always_allowed(url):
    assert parse_robots("User-agent: *\nDisallow: /").match(url, "a").robots_txt
    assert denied("User-agent: *\nDisallow: /", path="/robots.txt?x")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://example.com", "/"),
        ("https://example.com?q=/x", "/?q=/x"),
        ("https://example.com#/x", "/"),
        ("", "/"),
        ("http://a/x", "/x"),
        ("https://user@example.com:8443/x/y?z#f", "/x/y?z"),
        ("ftp://example.com/x", "/x"),
        ("x/y", "/x/y"),
        ("/a://b", "/a://b"),
        ("https://example.com/?u=https://other.example/z", "/?u=https://other.example/z"),
    ],
)
def test_rfc9309_2_2_2_path_and_query_are_compared(url, path):
    for asked_before in ("https://example.com/", "http://a/", "/"):
        robots = parse_robots("User-agent: *\nDisallow: /\n" + f"Allow: {path}$")
        robots.allowed(asked_before, "a")
        assert robots.allowed(url, "a")


@pytest.mark.parametrize(
    "before", ["https://", "https:///x", "https://?/x", "https://e.example?/", "e.example/", "://", ""]
)
def test_a_url_asked_before_changes_nothing(before):
    robots = parse_robots("User-agent: *\nDisallow: /private")
    robots.allowed(before, "a")
    assert not robots.allowed("https://e.example/private/x", "a")
    assert robots.allowed("https://private.example/x", "a")
