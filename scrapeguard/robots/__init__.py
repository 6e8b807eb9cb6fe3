"""robots.txt: bytes to document, path to rule (RFC 9309)."""

from scrapeguard.robots.document import RobotsTxt
from scrapeguard.robots.extensions import CleanParam, RequestRate, VisitTime
from scrapeguard.robots.notes import Comment, LineNote
from scrapeguard.robots.parser import MAX_BYTES, RobotsFeed, parse_robots
from scrapeguard.robots.product_token import product_token
from scrapeguard.robots.rules import Group, Match, Rule

__all__ = [
    "MAX_BYTES",
    "CleanParam",
    "Comment",
    "Group",
    "LineNote",
    "Match",
    "RequestRate",
    "RobotsFeed",
    "RobotsTxt",
    "Rule",
    "VisitTime",
    "parse_robots",
    "product_token",
]
