"""How cataloguing can fail."""

from __future__ import annotations

from shared.errors import PermanentError, TransientError


class CrawlFailed(PermanentError):
    """One crawl after another that should have covered the file ended in failure."""

    code = "CRAWL_FAILED"
    advice = (
        "Read the crawler's log in CloudWatch (/aws-glue/crawlers), mend its cause, then replay the file."
    )


class CrawlOverdue(TransientError):
    """No crawl covered the file within the limit: the crawler hangs or is stopped again and again."""

    code = "CRAWL_OVERDUE"
    advice = "See in Glue whether a crawl hangs; stop it (`aws glue stop-crawler`), then replay the file."


class CrawlerMissing(PermanentError):
    """The crawler does not exist."""

    code = "CRAWLER_MISSING"
    advice = "Deploy deploy/ecs/catalog.yaml again or correct LANDFALL_CRAWLER, then replay the file."


class DatabaseMissing(PermanentError):
    """The Glue database does not exist."""

    code = "DATABASE_MISSING"
    advice = "Deploy deploy/ecs/catalog.yaml again or correct LANDFALL_DATABASE, then replay the file."


class TableMissing(PermanentError):
    """A completed crawl made no table for a dataset."""

    code = "TABLE_MISSING"
    advice = (
        "Check the crawler's target, exclusions and table level against deploy/ecs/catalog.yaml, then replay."
    )


class TableElsewhere(PermanentError):
    """A table of the dataset's name lies elsewhere, or is partitioned otherwise, than the dataset."""

    code = "TABLE_ELSEWHERE"
    advice = "Rename or remove the other table in Glue, then replay the file."


class ColumnsMissing(PermanentError):
    """A completed crawl did not give the table or partition all columns of the file."""

    code = "COLUMNS_MISSING"
    advice = "Compare the crawler's configuration with deploy/ecs/catalog.yaml, then replay the file."


class ColumnsDiffer(PermanentError):
    """A column of the file has another type in the table."""

    code = "COLUMNS_DIFFER"
    advice = (
        "A recipe may add columns but not change a type: give the changed column a new name, then replay "
        "the file from the normalizer."
    )


class PartitionMissing(PermanentError):
    """A completed crawl registered no partition for the file's rows."""

    code = "PARTITION_MISSING"
    advice = "Read the crawler's log; if the partition folder holds its object, replay the file."


class PartitionElsewhere(PermanentError):
    """A partition of the file's rows is registered at another location than they lie."""

    code = "PARTITION_ELSEWHERE"
    advice = "Remove that partition in Glue (`aws glue delete-partition`), then replay the file."


class PartitionEmpty(PermanentError):
    """A partition's location holds no object, which AWS Clean Rooms does not accept."""

    code = "PARTITION_EMPTY"
    advice = "Find out who deletes from the curated bucket, then replay the file from the normalizer."


class UnfitForCleanRooms(PermanentError):
    """A table breaks a rule of AWS Clean Rooms: its names, its types, or Lake Formation."""

    code = "UNFIT_FOR_CLEAN_ROOMS"
    advice = "Change the recipe or the table as the message says (docs/clean-rooms.md), then replay the file."
