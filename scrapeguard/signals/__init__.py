"""Machine-readable usage signals, one module a standard.

Two entry points. `site` takes what robots.txt and the policy files of an authority say, `page` what a fetched page adds. Both
are pure, take documents as data and may be called again when more of them have come: ``wanted`` names what is still missing.

::

    signals.fixed_probes(authority)                            # at most four well-known files, the fourth through `wanted`
    records = robots.records_named(signals.ROBOTS_RECORDS)
    mine = [record for record in records if robots.select(token) in record.tokens]
    found = signals.site(mine, records, robots_source, documents, authority=authority)
    found.wanted                                               # at most eight documents that the others name
    added = signals.page(found, response, html=draw(response.body))
    added.voices, added.replaces, added.wanted, added.gaps
"""

from __future__ import annotations

from scrapeguard.signals.page_level import PageSignals, is_silent, page
from scrapeguard.signals.site_level import MAX_NAMED, PROBES, ROBOTS_RECORDS, SiteSignals, fixed_probes, site

__all__ = ["MAX_NAMED", "PROBES", "ROBOTS_RECORDS", "PageSignals", "SiteSignals", "fixed_probes", "is_silent", "page", "site"]
