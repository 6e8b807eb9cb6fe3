"""robots.txt: bytes to document, path to rule (RFC 9309)."""
