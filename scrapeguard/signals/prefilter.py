"""Whether a page of HTML could say anything of its own use: a look at its octets, before anybody draws it.

Drawing costs some fifty times as much. A yes may be wrong, a no must not be: every place that `page` reads is looked for, with
the spellings that HTML allows (case, white space, character references in attribute values).

========================  ===================================================================
what `page` reads          what is looked for
========================  ===================================================================
robots tags, TDM metas     a restriction's word, ``robots`` or ``tdm`` in a ``<meta>`` tag
``rel=license``            ``license`` in the value of a ``rel`` attribute
RSL in scripts             ``rsl+xml``
licences in JSON-LD        ``ld+json``, and ``license`` or an escaped letter anywhere
``data-nosnippet``         the word
========================  ===================================================================
"""

from __future__ import annotations

import re

from scrapeguard.signals.robots_tag import RESTRICTIONS

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# A start tag with its quoted values, and what follows to the next tag, where quotes do not pair. Text in lower case.
_META = re.compile(rb"""<meta[\s/"'](?:[^"'>]++|"[^"]*"|'[^']*')*+[^<]*""")
_META_WORDS = re.compile(b"|".join(re.escape(word.encode()) for word in ("robots", "tdm", *sorted(RESTRICTIONS))))
_REL = re.compile(rb"""rel\s*=\s*(?:"[^"]*|'[^']*|[^\s>"']+)""")
# A reference to a letter, a digit, «+», «-» or «_», which nobody needs in these places and which could hide a word.
_HIDDEN = re.compile(
    rb"&(?:plus;|lowbar;|hyphen;|#(?:0*(?:4[3589]|5[0-7]|6[5-9]|[78][0-9]|9[0-57-9]|1[01][0-9]|12[0-2])(?![0-9])"
    rb"|x0*(?:2[bd]|3[0-9]|[46][1-9a-f]|[57][0-9af])(?![0-9a-f])))"
)


def may_speak(body: bytes, charset: str | None = None) -> bool:
    """True where the page must be drawn to know what it says of its use. ``charset`` is that of the Content-Type field.

    >>> may_speak(b'<!DOCTYPE html><meta charset="utf-8"><link rel="stylesheet" href="s.css"><p>A river, and a license.')
    False
    >>> may_speak(b"<META CONTENT='NoAI' name=robots>"), may_speak(b'<a rel="license nofollow" href="/cc">')
    (True, True)
    """
    if body[:2] in _UTF_16 or (charset or "").startswith("utf-16"):
        return True  # its letters are two octets each
    seen = body.lower()
    if b"nosnippet" in seen or b"rsl+xml" in seen or _HIDDEN.search(seen):
        return True
    if b"license" in seen and (b"ld+json" in seen or any(b"license" in rel for rel in _REL.findall(seen))):
        return True
    if b"\\u00" in seen and b"ld+json" in seen:
        return True
    return bool(_META_WORDS.search(b" ".join(_META.findall(seen))))
