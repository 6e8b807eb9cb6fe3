"""Content codings, with a bound on what comes out."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapeguard.transport.decoding import BrokenOff, CodingRefused, coding_of, decoded


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


_PACK = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress, "deflate, bare": _raw_deflate}


def _pieces(data: bytes, size: int) -> list[bytes]:
    return [data[i : i + size] for i in range(0, len(data), size)]


@pytest.mark.parametrize("packing", _PACK)
@pytest.mark.parametrize("size", [1, 7, 16_384])
def test_rfc9110_8_4_1_a_packed_body_is_read_however_it_is_cut(packing: str, size: int) -> None:
    plain = b"User-agent: *\nDisallow: /private\n" * 50
    packed = _PACK[packing](plain)
    assert decoded(_pieces(packed, size), packing.partition(",")[0], limit=10**6) == (plain, False)


def test_rfc1952_2_2_members_are_one_body_and_padding_is_none() -> None:
    packed = gzip.compress(b"first ") + gzip.compress(b"second")
    assert decoded([packed], "gzip", limit=100) == (b"first second", False)
    assert decoded([packed, b"\0" * 100], "gzip", limit=100) == (b"first second", False)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate"]))
def test_choice_any_bytes_decode_or_are_refused(data: bytes, coding: str) -> None:
    try:
        body, truncated = decoded([data], coding, limit=1_000)
    except (CodingRefused, BrokenOff):
        return
    assert len(body) <= 1_000
    assert not truncated or len(body) == 1_000


def test_choice_a_bomb_takes_no_more_memory_than_its_limit_allows() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000)
    tracemalloc.start()
    body, truncated = decoded(_pieces(bomb, 16_384), "gzip", limit=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(body), truncated) == (1_000_000, True)
    assert peak < 6_000_000


@pytest.mark.parametrize("packing", _PACK)
def test_choice_a_body_that_ends_early_is_broken_off(packing: str) -> None:
    packed = _PACK[packing](bytes(range(256)) * 20)
    with pytest.raises(BrokenOff):
        decoded([packed[:-12]], packing.partition(",")[0], limit=10**6)


@pytest.mark.parametrize(
    ("fields", "coding"),
    [([], ""), (["gzip"], "gzip"), (["identity"], ""), (["X-GZIP"], "x-gzip"), ([""], ""), (["identity, gzip"], "gzip")],
)
def test_rfc9110_8_4_the_coding_of_a_body(fields: list[str], coding: str) -> None:
    assert coding_of(fields) == coding


@pytest.mark.parametrize("fields", [["br"], ["zstd"], ["gzip, gzip"], ["gzip", "gzip"], ["gzip"] * 500, ["compress"]])
def test_choice_other_codings_and_chains_are_refused(fields: list[str]) -> None:
    with pytest.raises(CodingRefused) as refused:
        coding_of(fields)
    assert len(str(refused.value)) < 200
