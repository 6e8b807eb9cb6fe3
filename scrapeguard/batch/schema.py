"""The two Arrow schemas: documents in, decisions out. Field metadata ``about`` says what a column holds.

Plain types only (no dictionaries, no large offsets), so that Parquet, Spark, DuckDB and pandas read them alike.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

TIME = pa.timestamp("us", tz="UTC")


def _field(name: str, kind: Any, about: str, *, required: bool = False) -> Any:
    return pa.field(name, kind, nullable=not required, metadata={"about": about})


HEADER = pa.struct([pa.field("name", pa.string()), pa.field("value", pa.string())])

DOCUMENTS = pa.schema(
    [
        _field("url", pa.string(), "Address of the document.", required=True),
        _field(
            "kind", pa.string(), "A `RequestKind` (robots, home, terms, tdmrep, page, …); null: told by the address."
        ),
        _field("status", pa.int32(), "Status code; null where no answer came."),
        _field("headers", pa.list_(HEADER), "Header fields in order; null: none."),
        _field("body", pa.binary(), "Body after content decoding; null: empty."),
        _field("fetched_at", TIME, "When it was fetched; null: not known."),
        _field("truncated", pa.bool_(), "True where the body was cut; null: False."),
    ]
)
"""What `decide_batch` reads. Only ``url`` must be there; every other column may be missing."""

EVIDENCE = pa.struct(
    [
        _field("url", pa.string(), "The document."),
        _field("sha256", pa.string(), "Hex digest of its body; empty where it has none."),
        _field("fetched_at", TIME, "When it was fetched."),
        _field("quote", pa.string(), "The exact words."),
        _field("place", pa.string(), "line, header, span, element, pointer; null: the whole document."),
        _field("line", pa.int64(), "Line from 1, for line and element."),
        _field("start", pa.int64(), "First character in the text drawn from the body, for span."),
        _field("end", pa.int64(), "End of it, exclusive."),
        _field("name", pa.string(), "Header field, selector or JSON pointer."),
    ]
)

REASON = pa.struct(
    [
        _field("signal", pa.string(), "The channel: robots, terms, tdmrep, content-signal, …"),
        _field("family", pa.string(), "robots, signals or terms."),
        _field("effect", pa.string(), "forbid, permit or require."),
        _field("verdict", pa.string(), "What the statement alone says for the purpose."),
        _field("direct", pa.bool_(), "False where it was extended from a neighbouring use."),
        _field("decisive", pa.bool_(), "True where the verdict rests on it."),
        _field("binds", pa.bool_(), "False where the profile does not let it bind, or an agreement lifts it."),
        _field("text", pa.string(), "The sentence for people."),
        _field("activities", pa.list_(pa.string()), "What a clause is about."),
        _field("exceptions", pa.list_(pa.string()), "Exceptions that the clause states."),
        _field("confidence", pa.float64(), "Calibrated probability of the reading; null where nothing was estimated."),
        _field("uncertain", pa.bool_(), "True under the threshold."),
        _field("evidence", pa.list_(EVIDENCE), "The proof."),
    ]
)

CONDITION = pa.struct(
    [
        _field("kind", pa.string(), "permission, attribution, crawl-delay, …"),
        _field("text", pa.string(), "What is to be met, as a sentence."),
        _field("value", pa.string(), "The number, amount or address in it."),
    ]
)

SOURCE = pa.struct(
    [
        _field("url", pa.string(), "Address that was asked for."),
        _field("kind", pa.string(), "A `RequestKind`."),
        _field("state", pa.string(), "read, absent, blocked, unreachable, unreadable, unknown-language."),
        _field("status", pa.int32(), "Status code, where an answer came."),
        _field("sha256", pa.string(), "Hex digest of the body."),
        _field("fetched_at", TIME, "When."),
        _field("note", pa.string(), "What was odd, or why it could not be read."),
        _field("via", pa.string(), "How the address was found."),
    ]
)

DECISIONS = pa.schema(
    [
        _field("line", pa.int64(), "Line of the list, from 1; null for archives."),
        _field("url", pa.string(), "The URL asked about, as written.", required=True),
        _field("authority", pa.string(), "Scheme, host and port that one robots.txt governs; null for what is no URL."),
        _field("purpose", pa.string(), "One of the ten purposes.", required=True),
        _field("verdict", pa.string(), "allow, deny, conditional, silent; null where nothing could be asked."),
        _field("allowed", pa.bool_(), "The verdict turned into yes or no by the profile.", required=True),
        _field("why", pa.string(), "One sentence."),
        _field("signal", pa.string(), "The channel that decided; conflict, or none."),
        _field("incomplete", pa.bool_(), "True where a source could not be read."),
        _field("by_robots", pa.string(), "What robots.txt alone says: allow, deny, conditional, silent; unread."),
        _field("by_signals", pa.string(), "What the usage signals alone say; the strictest."),
        _field(
            "by_terms",
            pa.string(),
            "What the terms alone say; unread where they, or the way to them, could not be read.",
        ),
        _field("product_token", pa.string(), "The crawler's name in robots.txt."),
        _field("profile", pa.string(), "Name of the profile."),
        _field("commercial", pa.bool_(), "What the caller said; null: nothing."),
        _field("page_read", pa.bool_(), "True where the page's own header fields and meta elements count."),
        _field("reasons", pa.list_(REASON), "Statements that speak of the purpose, the weightiest first."),
        _field("conditions", pa.list_(CONDITION), "What is to be met or kept."),
        _field("remedies", pa.list_(pa.string()), "What would change the answer."),
        _field("sources", pa.list_(SOURCE), "Every document of the site that was read or should have been."),
        _field("agents_named", pa.list_(pa.string()), "Crawlers that robots.txt names, lower case, * included."),
        _field("signals_seen", pa.list_(pa.string()), "Channels on which the site says anything."),
        _field("languages", pa.list_(pa.string()), "Languages of the terms read (ISO 639-1)."),
        _field("decided_at", TIME, "Time of the question: for archives, of the newest document of the site."),
        _field("expires_at", TIME, "When the sources must be read again."),
        _field("error", pa.string(), "Why nothing could be asked (no valid URL); null otherwise."),
    ]
)
"""What `decide_batch` and ``scrapeguard audit`` write: one row a URL and purpose."""
