"""The version, read by the build and by `scrapeguard --version`."""

__version__ = "0.1.0"
