"""Terms of service: find the page, read it whole, name each clause that forbids or frees."""

from scrapeguard.terms.clause import Clause
from scrapeguard.terms.document import TermsDocument, read_terms

__all__ = ["Clause", "TermsDocument", "read_terms"]
