"""Machine-readable usage signals, one module a standard."""
