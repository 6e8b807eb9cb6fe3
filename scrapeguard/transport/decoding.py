"""Content codings undone with a bound on what comes out, so that a small body cannot become a large one in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence

ACCEPT_ENCODING = "gzip, deflate"
"""The codings asked for: those that Python undoes by itself, so that what is read never depends on what is installed."""

_GZIP = zlib.MAX_WBITS | 16
_MAGIC = b"\x1f\x8b"


class CodingRefused(ValueError):
    """The body comes in a coding, or a chain of codings, that was not asked for; or it is not what its coding says."""


class BrokenOff(ValueError):
    """The compressed body ends before its end."""


def coding_of(fields: Sequence[str]) -> str:
    """The one content coding of a response's ``Content-Encoding`` fields, '' for none (RFC 9110 §8.4). Raises `CodingRefused`.

    >>> coding_of(["GZIP"]), coding_of([])
    ('gzip', '')
    """
    codings = [c for field in fields for c in (part.strip().lower() for part in field.split(",")) if c]
    codings = [c for c in codings if c != "identity"]
    if len(codings) > 1:
        shown = ", ".join(codings[:4]) + (", …" if len(codings) > 4 else "")
        raise CodingRefused(f"the body is packed {len(codings)} times ({shown}); one coding is read")
    if codings and codings[0] not in {"gzip", "x-gzip", "deflate"}:
        raise CodingRefused(f"the body is packed as {codings[0][:40]!r}, which was not asked for")
    return codings[0] if codings else ""


def decoded(chunks: Iterable[bytes], coding: str, *, limit: int) -> tuple[bytes, bool]:
    """The first ``limit`` bytes that the chunks decode to, and whether there were more.

    Raises `CodingRefused`, `BrokenOff`.
    """
    parts: list[bytes] = []
    size = 0
    for part in _inflated(chunks, coding, limit) if coding else chunks:
        parts.append(part)
        size += len(part)
        if size > limit:
            return b"".join(parts)[:limit], True
    return b"".join(parts), False


def _inflated(chunks: Iterable[bytes], coding: str, limit: int) -> Iterator[bytes]:
    inflate: zlib._Decompress | None = None
    begun = False
    for chunk in chunks:
        data = chunk
        while data:
            if inflate is None:
                if begun and not _MAGIC.startswith(data[:2]):
                    return  # what follows a gzip stream and is no further member is padding
                inflate = zlib.decompressobj(_GZIP if coding != "deflate" else _window_of(data))
                begun = True
            try:
                yield inflate.decompress(data, limit + 1)
            except zlib.error as error:
                raise CodingRefused(f"the body is no {coding}: {error}") from error
            data = inflate.unconsumed_tail
            if inflate.eof:
                data = inflate.unused_data
                if coding == "deflate":
                    return
                inflate = None
    if inflate is not None:
        raise BrokenOff(f"the {coding} body ends before its end")


def _window_of(data: bytes) -> int:
    """``deflate`` is the zlib format (RFC 9110 §8.4.1.2); some servers send the bare stream, as §8.4.1.2 notes."""
    is_zlib = data[0] & 0x0F == 8 and (len(data) < 2 or (data[0] << 8 | data[1]) % 31 == 0)
    return zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS
