"""What a database's error means to a person, and what to do about it."""

from __future__ import annotations

from scrapeguard.errors import StoreError

_MEANT = (
    (("disk is full", "no space left", "could not extend file", "disk i/o error"),
     "the disk is full or failing; free some space, or give a path on another disk"),
    (("file too large",), "the file may not grow further; raise the limit, or give another path"),
    (("readonly database", "read-only", "read only"),
     "it may not be written; change its permissions and those of its folder, or give another path"),
    (("unable to open database file",),
     "it cannot be opened or made; make its folder, see that it may be written, or give another path"),
    (("malformed", "not a database", "file is encrypted", "invalid page", "error -3 while decompressing"),
     "it is damaged or no database; move it away and start a new one, or restore a copy (sqlite3 FILE .recover may save some)"),
    (("database is locked", "lock timeout", "deadlock"),
     "another process holds it for too long; end that process, or give another path"),
    (("connection refused", "could not connect", "connection failed", "could not translate host", "server closed the connection",
      "terminating connection", "no such file or directory", "timeout expired", "connection is lost", "failed to resolve"),
     "the server does not answer; see that it runs and that the URL is right"),
    (("password authentication", "does not exist", "permission denied", "no password supplied"),
     "the server does not let this user in; see user, password and database in the URL"),
    (("are only ever added",), "what is recorded there stays: records can be added, not changed or deleted"),
)


def as_store_error(name: str, error: Exception) -> StoreError:
    """The same trouble as a sentence that names the store and says what to do."""
    original = getattr(error, "orig", None) or error
    said = " ".join(str(original).split())[:200] or type(original).__name__
    lower = said.lower()
    advice = next((words for marks, words in _MEANT if any(m in lower for m in marks)), "")
    return StoreError(f"{name}: {advice} ({said})" if advice else f"{name}: the store failed: {said}")
