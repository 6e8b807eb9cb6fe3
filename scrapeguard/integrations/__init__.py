"""Adapters that ask before other people's clients send: Scrapy, requests, httpx."""
