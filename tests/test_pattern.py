"""RFC 9309 path patterns."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapeguard._pattern import UNRESERVED, compile_pattern, matcher, normalise, normalise_pattern


@pytest.mark.parametrize(
    ("pattern", "target"),
    [
        ("/fish", "/fish.html"),
        ("/fish*", "/fishheads/yummy.html"),
        ("/*.php", "/folder/file.php?x"),
        ("/*.php$", "/a.php"),
        ("/fish*.php", "/fishheads/catfish.php?parameters"),
        ("*", "/"),
        ("/$", "/"),
        ("*.gif$", "/a/b.gif"),
        ("/a**b", "/ab"),
        ("/a*$", "/a/anything"),
        ("/a$b", "/a$b/c"),
        ("/a*b*c", "/a1b2c3"),
        ("/*", "/"),
    ],
)
def test_rfc9309_2_2_3_special_characters_match(pattern, target):
    assert matcher(pattern)(target)


@pytest.mark.parametrize(
    ("pattern", "target"),
    [
        ("/fish", "/Fish"),
        ("/fish/", "/fish"),
        ("/*.php$", "/a.php?x"),
        ("/*.php$", "/a.php5"),
        ("/$", "/a"),
        ("", "/"),
        ("fish", "/fish"),
        ("/a*b*c", "/acb"),
        ("/ab$", "/abab"),
        ("/*a$", "/ab"),
        ("/a*a$", "/a"),
        ("http://e.example/", "/"),
    ],
)
def test_rfc9309_2_2_3_special_characters_do_not_match(pattern, target):
    assert not matcher(pattern)(target)


@pytest.mark.parametrize(
    ("pattern", "target", "equal"),
    [
        ("/foo/bar/%E3%83%84", "/foo/bar/ツ", True),
        ("/foo/bar/ツ", "/foo/bar/%e3%83%84", True),
        ("/foo/bar/%62%61%7A", "/foo/bar/baz", True),
        ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", True),
        ("/a%2Fb", "/a/b", False),
        ("/a/b", "/a%2fb", False),
        ("/a%2fb", "/a%2Fb", True),
        ("/a%2A", "/a*", True),
        ("/a%2A", "/ab", False),
        ("/a%24", "/a$", True),
        ("/a%24", "/a", False),
        ("/a?b%26c", "/a?b&c", False),
        ("/a?x=%2F", "/a?x=/", True),
        ("*x=%2Fb", "/a?x=%2fb", True),
        ("/*%2Fb", "/a/b", False),
        ("/a b", "/a%20b", True),
        ("/%zz", "/%zz", True),
        ("/100%", "/100%25", True),
        ("/a;b=1", "/a;b=1", True),
        ("/~joe", "/%7ejoe", True),
    ],
)
def test_rfc9309_2_2_2_octets_are_compared_percent_encoded(pattern, target, equal):
    assert matcher(pattern)(target) is equal


@pytest.mark.parametrize(
    ("pattern", "octets"), [("/a", 2), ("/%61", 2), ("/a*", 3), ("/a$", 3), ("/ä", 7), ("/a%2fb", 6)]
)
def test_rfc9309_2_2_2_specificity_is_in_octets_of_the_normal_form(pattern, octets):
    assert compile_pattern(pattern).octets == octets


PATHS = st.text("/ab*$%2Ff?", max_size=12).map("/".__add__)


@given(PATHS)
def test_a_normal_form_is_normal(path):
    if "%%" not in path and "%25" not in normalise(path):
        assert normalise(normalise(path)) == normalise(path)
        assert normalise_pattern(normalise_pattern(path)) == normalise_pattern(path)


def _reference(pattern: str, target: str) -> bool:
    """The meaning of ``*`` and ``$`` spelt out octet by octet."""
    anchored = pattern.endswith("$")
    pattern = pattern[:-1] if anchored else pattern

    @cache
    def at(i: int, j: int) -> bool:
        if i == len(pattern):
            return j == len(target) or not anchored
        if pattern[i] == "*":
            return at(i + 1, j) or (j < len(target) and at(i, j + 1))
        return j < len(target) and pattern[i] == target[j] and at(i + 1, j + 1)

    return at(0, 0)


@given(st.text("/ab*", max_size=10).map("/".__add__), st.booleans(), st.text("/ab", max_size=14).map("/".__add__))
def test_matching_is_what_the_definition_of_the_special_characters_says(pattern, anchored, target):
    pattern += "$" if anchored else ""
    assert compile_pattern(pattern).matches(target) is _reference(pattern, target)


@given(st.text(max_size=30))
def test_no_text_makes_it_raise(text):
    matcher(text)(text)
    normalise(text)


@given(PATHS, st.sampled_from(sorted(UNRESERVED)))
def test_rfc9309_2_2_2_encoding_an_unreserved_character_changes_nothing(path, char):
    assert normalise(path + "/" + char) == normalise(f"{path}/%{ord(char):02x}")
