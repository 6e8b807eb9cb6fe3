"""Adapters for other people's crawlers and notebooks."""
