"""What a document is: the kinds that bind a visitor, and what stands where one was looked for."""

from __future__ import annotations

from enum import StrEnum


class DocumentKind(StrEnum):
    """Kind of a document, as its link names it (`discover`) or as it shows itself (`classify`)."""

    TERMS = "terms"
    ACCEPTABLE_USE = "acceptable-use"
    DEVELOPER_TERMS = "developer-terms"
    COMMUNITY_RULES = "community-rules"
    COPYRIGHT = "copyright"
    LEGAL_NOTICE = "legal-notice"
    TDM_POLICY = "tdm-policy"
    SALE = "sale"
    PRIVACY = "privacy"
    CONSENT_WALL = "consent-wall"
    LOGIN_WALL = "login-wall"
    BOT_WALL = "bot-wall"
    NOT_FOUND = "not-found"
    NEEDS_JAVASCRIPT = "needs-javascript"
    OTHER = "other"

    @property
    def binds(self) -> bool:
        """True for documents that may carry rules for a visitor: what `discover` looks for."""
        return self in BINDING


BINDING = frozenset({
    DocumentKind.TERMS, DocumentKind.ACCEPTABLE_USE, DocumentKind.DEVELOPER_TERMS, DocumentKind.COMMUNITY_RULES,
    DocumentKind.COPYRIGHT, DocumentKind.LEGAL_NOTICE, DocumentKind.TDM_POLICY, DocumentKind.SALE})
