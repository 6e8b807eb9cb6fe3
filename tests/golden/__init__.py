"""Golden decisions: site files and the Decision expected of them, reviewed as diffs."""
