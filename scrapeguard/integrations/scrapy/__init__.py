"""scrapeguard in Scrapy."""
