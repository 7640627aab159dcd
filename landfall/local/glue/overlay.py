"""Crawlers as the emulator describes them, with the state that only the front knows."""

from __future__ import annotations

import statistics
from collections.abc import Mapping

from landfall.local.glue.crawlers import Crawlers


def overlaid(crawler: Mapping[str, object], crawlers: Crawlers) -> dict[str, object]:
    """A ``Crawler`` of the API with its true state and last crawl."""
    name = str(crawler["Name"])
    runs = crawlers.crawls(name)
    state = crawlers.state(name)
    finished = next((crawl for crawl in runs if crawl.ended is not None), None)
    answer = {key: value for key, value in crawler.items() if key != "LastCrawl"}
    answer["State"] = state
    answer["CrawlElapsedTime"] = int(runs[0].seconds * 1000) if state != "READY" else 0
    if finished is not None:
        answer["LastCrawl"] = finished.last_crawl()
    return answer


def metrics(name: str, crawlers: Crawlers) -> dict[str, object]:
    """A ``CrawlerMetrics`` of the API; durations are seconds."""
    finished = [crawl for crawl in crawlers.crawls(name) if crawl.ended is not None]
    seconds = [crawl.seconds for crawl in finished]
    return {
        "CrawlerName": name,
        "StillEstimating": False,
        "TimeLeftSeconds": 0.0,
        "LastRuntimeSeconds": seconds[0] if seconds else 0.0,
        "MedianRuntimeSeconds": statistics.median(seconds) if seconds else 0.0,
        "TablesCreated": finished[0].tables_created if finished else 0,
        "TablesUpdated": finished[0].tables_updated if finished else 0,
        "TablesDeleted": finished[0].tables_deleted if finished else 0,
    }
