"""HTTP field values, read without knowing what they say."""

from __future__ import annotations


def media_type(content_type: str | None) -> tuple[str, str | None]:
    """Media type in lower case and the charset parameter, if any (RFC 9110 §8.3).

    >>> media_type('Text/HTML; Charset="UTF-8"')
    ('text/html', 'utf-8')
    >>> media_type(None)
    ('', None)
    """
    if not content_type:
        return "", None
    kind, *params = content_type.split(";")
    charset = None
    for param in params:
        name, _, value = param.partition("=")
        if name.strip().lower() == "charset" and charset is None:
            charset = value.strip().strip("\"'").lower() or None
    return kind.strip().lower(), charset
