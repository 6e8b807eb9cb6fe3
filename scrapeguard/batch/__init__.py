"""Many sites at once: Arrow record batches in, Arrow record batches out; archives, lists, a cluster.

Needs the ``arrow`` extra (pyarrow): ``pip install scrapeguard[arrow]``.

>>> from scrapeguard.batch import decide_batch, documents_batch
>>> from scrapeguard.model.exchange import Response
>>> robots = Response("https://example.com/robots.txt", body=b"User-agent: *\\nDisallow: /")
>>> decide_batch(documents_batch([robots]), ["search"], agent="examplebot/1.0").column("verdict").to_pylist()
['deny']
"""

from scrapeguard.batch.columns import documents_batch
from scrapeguard.batch.decide import Questions, decide_batch, decide_sorted
from scrapeguard.batch.schema import DECISIONS, DOCUMENTS

__all__ = ["DECISIONS", "DOCUMENTS", "Questions", "decide_batch", "decide_sorted", "documents_batch"]
