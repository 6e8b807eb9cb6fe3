"""Imported by the process that workers are forked from: what a worker would load at its first document is loaded here, once."""

from scrapeguard.batch import live, sift
from scrapeguard.batch.columns import decisions_batch, documents_batch, read_documents
from scrapeguard.batch.decide import Questions, answers
from scrapeguard.batch.sites import with_sites
from scrapeguard.model.exchange import Response

__all__ = ["live", "sift"]

_ROBOTS = Response("https://example.com/robots.txt", body=b"User-agent: *\nDisallow: /private\nCrawl-delay: 1")
_DOCUMENTS = documents_batch([_ROBOTS])
with_sites(_DOCUMENTS)
decisions_batch(list(answers(read_documents(_DOCUMENTS), Questions())))
