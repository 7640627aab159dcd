"""How cataloguing can fail."""

from __future__ import annotations

from shared.errors import PermanentError, TransientError


class CrawlFailed(TransientError):
    """The crawl that should have covered the file ended in failure or was stopped."""

    code = "CRAWL_FAILED"
    advice = (
        "Read the crawler's log in CloudWatch (/aws-glue/crawlers), mend its cause, then replay the file."
    )


class CrawlOverdue(TransientError):
    """No crawl covered the file within the limit."""

    code = "CRAWL_OVERDUE"
    advice = "See in Glue whether the crawler hangs or never starts, then replay the file."


class CrawlerMissing(PermanentError):
    """The crawler does not exist."""

    code = "CRAWLER_MISSING"
    advice = "Deploy deploy/ecs/catalog.yaml again or correct LANDFALL_CRAWLER, then replay the file."


class TableMissing(PermanentError):
    """A completed crawl made no table for a dataset."""

    code = "TABLE_MISSING"
    advice = (
        "Check the crawler's target, exclusions and table level against deploy/ecs/catalog.yaml, then replay."
    )


class TableElsewhere(PermanentError):
    """A table of the dataset's name lies at another location than the dataset."""

    code = "TABLE_ELSEWHERE"
    advice = "Rename or remove the other table in Glue, then replay the file."


class ColumnsDiffer(PermanentError):
    """A table lacks a column of the file, or has it with another type."""

    code = "COLUMNS_DIFFER"
    advice = (
        "A recipe may add columns but not change a type: give the changed column a new name, then replay."
    )


class PartitionMissing(PermanentError):
    """A completed crawl registered no partition for the file's rows."""

    code = "PARTITION_MISSING"
    advice = "Read the crawler's log; if the partition folder holds its object, replay the file."
