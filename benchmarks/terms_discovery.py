"""From a page to its site's terms: this library's ranked links beside a regular expression over links."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from html import escape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

PATTERN = re.compile(r"terms|conditions|tos\b|agb|cgu|legal|nutzungs|agreement", re.IGNORECASE)


def same_site() -> Callable[[str, str], bool]:
    """Registrable domains by the public suffix list that tldextract bundles; no network."""
    import tldextract

    extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)

    def same(host: str, other: str) -> bool:
        site = extract(host).top_domain_under_public_suffix
        return bool(site) and site == extract(other).top_domain_under_public_suffix

    return same


def bare(url: str) -> str:
    """The address without scheme, query, fragment and closing slash."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path.rstrip('/')}".lower()


def table(folder: Path) -> str:
    """Rank of the declared terms among the links of each page that links to them and is not the terms page itself."""
    from scrapeguard._html import draw
    from scrapeguard.terms.discover import discover

    same = same_site()
    ours: list[int | None] = []
    regex: list[int | None] = []
    seconds = 0.0
    missed = []
    for line in (folder / "index.jsonl").read_bytes().splitlines():
        entry = json.loads(line)
        if not entry["terms_linked"] or bare(entry["url"]) == bare(entry["terms_url"]):
            continue
        page = draw((folder / entry["file"]).read_bytes())
        began = time.perf_counter()
        found = discover(page, entry["url"], same_site=same)
        seconds += time.perf_counter() - began
        want = bare(entry["terms_url"])
        ours.append(_rank([c.url for c in found], want))
        regex.append(_rank([urljoin(entry["url"], a.href) for a in page.anchors if PATTERN.search(a.text + " " + a.href)], want))
        if ours[-1] != 0:
            missed.append(f"  {entry['url']}: rank {ours[-1]}")
    rows = [f"{'ranked by':24s} {'pages':>6s} {'first':>7s} {'first three':>12s} {'found':>7s}"]
    for name, ranks in (("scrapeguard", ours), ("regular expression", regex)):
        rows.append(f"{name:24s} {len(ranks):6d} {_share(ranks, 1):7.1%} {_share(ranks, 3):12.1%} {_share(ranks, 10**6):7.1%}")
    rows.append(f"{1000 * seconds / len(ours):.1f} ms a page after drawing (the first page loads the tables)")
    return "\n".join(rows + missed)


LINK = re.compile(r"\[([^\[\]]{0,200})\]\(([^)\s]+)")


def documents_table(shared: Path) -> str:
    """Rank of a service's declared terms among the links of its other labelled documents (Markdown, with few links each)."""
    from scrapeguard._html import draw
    from scrapeguard.terms.discover import discover

    terms: dict[str, set[str]] = {}
    addresses: dict[tuple[str, str], str] = {}
    for line in (shared / "research" / "terms_urls.jsonl").read_bytes().splitlines():
        entry = json.loads(line)
        if isinstance(entry["url"], str):
            addresses.setdefault((entry["service"], entry["type"]), entry["url"])
            if entry["type"] == "Terms of Service":
                terms.setdefault(entry["service"], set()).add(bare(entry["url"]))
    same, ranks = same_site(), []
    for name in ("dev_en.jsonl", "dev_multi.jsonl"):
        for line in (shared / "terms" / name).read_bytes().splitlines():
            entry = json.loads(line)
            url = addresses.get((entry["service"], entry["type"]))
            links = LINK.findall(entry["text"])
            wanted = terms.get(entry["service"], set()) - {bare(url or "")}
            if not url or not any(bare(urljoin(url, href)) in wanted for _, href in links):
                continue
            page = draw("".join(f'<p><a href="{escape(href)}">{escape(text.strip("*_# "))}</a></p>' for text, href in links))
            found = [bare(c.url) in wanted for c in discover(page, url, same_site=same)]
            ranks.append(found.index(True) if True in found else None)
    return f"{len(ranks)} documents: first {_share(ranks, 1):.1%}, first three {_share(ranks, 3):.1%}"


def urls_table(path: Path) -> str:
    """What the words of a URL alone say, over declared URLs of terms and of privacy policies (the link's text is not known)."""
    from scrapeguard.terms.naming import named_by_host, named_by_path

    rows = [f"{'declared as':24s} {'URLs':>6s} {'named terms':>12s} {'privacy':>8s} {'other kind':>11s} {'nothing':>8s}"]
    counts: dict[str, Counter[str]] = {"Terms of Service": Counter(), "Privacy Policy": Counter()}
    for line in path.read_bytes().splitlines():
        entry = json.loads(line)
        if entry["type"] not in counts or not isinstance(entry["url"], str):
            continue
        parts = urlsplit(entry["url"])
        named = named_by_path(f"{parts.path}?{parts.query}") or named_by_host(parts.hostname or "")
        best = max(named, key=lambda k: named[k].score).value if named else "nothing"
        counts[entry["type"]][best if best in {"terms", "privacy", "nothing"} else "other"] += 1
    for name, row in counts.items():
        total = sum(row.values())
        rows.append(f"{name:24s} {total:6d} {row['terms'] / total:12.1%} {row['privacy'] / total:8.1%} "
                    f"{row['other'] / total:11.1%} {row['nothing'] / total:8.1%}")
    return "\n".join(rows)


def languages_table(folder: Path) -> str:
    """Languages named against labels, whole documents and single blocks of twelve words or more."""
    from scrapeguard.terms.language import language_of, languages_of_blocks
    from scrapeguard.terms.segment import blocks_of_text

    documents: Counter[str] = Counter()
    right: Counter[str] = Counter()
    alone = alone_right = blocks_total = blocks_right = 0
    for name in ("dev_en.jsonl", "dev_multi.jsonl"):
        for line in (folder / name).read_bytes().splitlines():
            entry = json.loads(line)
            text, lang = entry["text"], entry["lang"]
            document = language_of(text)
            documents[lang] += 1
            right[lang] += document.code == lang
            blocks = blocks_of_text(text, markdown=True)
            blocks_total += len(blocks)
            blocks_right += languages_of_blocks(text, blocks, document).count(lang)
            for block in blocks:
                words = text[block.start:block.end]
                if len(words.split()) >= 12:
                    alone += 1
                    alone_right += language_of(words).code == lang
    rows = [f"{lang}: {right[lang]} of {n} documents" for lang, n in documents.most_common()]
    rows.append(f"blocks within their document: {blocks_right / blocks_total:.2%} of {blocks_total}")
    rows.append(f"blocks of 12 words and more, each alone: {alone_right / alone:.2%} of {alone}")
    return "\n".join(rows)


def segmentation_speed(folder: Path) -> str:
    """Characters of Markdown cut into blocks in a second."""
    from scrapeguard.terms.segment import blocks_of_text

    texts = [json.loads(line)["text"] for line in (folder / "dev_en.jsonl").read_bytes().splitlines()]
    began = time.perf_counter()
    count = sum(len(blocks_of_text(text, markdown=True)) for text in texts)
    seconds = time.perf_counter() - began
    size = sum(map(len, texts)) / 1e6
    return f"{size:.1f} M characters of Markdown, {count} blocks: {size / seconds:.1f} M characters a second"


def _rank(urls: list[str], want: str) -> int | None:
    found = [bare(u) for u in urls]
    return found.index(want) if want in found else None


def _share(ranks: list[int | None], within: int) -> float:
    return sum(r is not None and r < within for r in ranks) / len(ranks)
