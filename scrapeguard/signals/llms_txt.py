"""llms.txt (Answer.AI, 2024-09-03) and its kin: recognised, so that nobody takes them for a permission.

They describe a site to models and agents. Their presence is no consent to training or retrieval, and their text is content.
"""

from __future__ import annotations

_DESCRIPTIONS = {
    "/llms.txt": "an index of the site for language models",
    "/llms-full.txt": "the site's content for language models",
    "/agents.md": "a description for agents",
    "/agents.json": "a description for agents",
    "/agents.txt": "a draft description for agents, without known deployment",
    "/.well-known/agent-card.json": "a description of the site's own agent (A2A)",
    "/.well-known/ai.txt": "a draft declaration (draft-car-ai-txt-wellknown-00), whose fields are not interpreted",
    "/.well-known/ai.json": "a draft declaration (draft-car-ai-txt-wellknown-00), whose fields are not interpreted",
}


def describes(path: str) -> str | None:
    """What a file at ``path`` is when it states no permission, or None where the path is not one of these.

    >>> describes("/docs/llms.txt")
    'an index of the site for language models; it states no permission'
    >>> describes("/robots.txt") is None
    True
    """
    lower = path.partition("?")[0].lower()
    if lower.endswith(("/llms.txt", "/llms-full.txt")):  # subpaths may have their own
        lower = "/" + lower.rpartition("/")[2]
    found = _DESCRIPTIONS.get(lower)
    return f"{found}; it states no permission" if found else None
