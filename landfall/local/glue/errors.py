"""How Glue says no."""

from __future__ import annotations


class GlueError(Exception):
    """An error response of the Glue API: what boto raises as ``client.exceptions.<code>``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class CrawlFailedError(Exception):
    """A crawl cannot go on; the text becomes its ErrorMessage."""
