"""How everything stands, printed for a person."""

from __future__ import annotations

from datetime import datetime

from landfall import console
from landfall.operating.overview import Crawls, Overview
from landfall.times import span


def show_everything(everything: Overview) -> None:
    """Counts, rejected rows, the crawler, and a line a stage."""
    days = everything.days
    period = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
    counts = ", ".join(f"{count:,} {status}" for status, count in everything.files.items())
    rejected, crawls = everything.rejected, everything.crawls
    facts = [
        ("files", f"{sum(everything.files.values()):,} ({period}, UTC): {counts}"),
        ("earlier days", f"{everything.unfinished_before:,} not done"),
        (
            "rejected rows",
            f"{'' if rejected.complete else 'more than '}{rejected.rows:,} in {rejected.files:,} files",
        ),
    ]
    if crawls is not None:
        facts.append(("crawler", _crawler(everything.at, crawls)))
    console.print_facts(facts)
    console.print_line()
    console.print_table(
        ("stage", "files", "oldest", "failed", "messages", "in flight", "dead letters"),
        [
            (
                each.stage,
                f"{each.files:,}",
                "" if each.oldest_seconds is None else span(each.oldest_seconds),
                f"{each.failed:,}",
                f"{each.messages:,}",
                f"{each.in_flight:,}",
                f"{each.dead_letters:,}",
            )
            for each in everything.stages
        ],
    )


def _crawler(at: datetime, crawls: Crawls) -> str:
    running = "" if crawls.running_seconds is None else f" for {span(crawls.running_seconds)}"
    if crawls.last_started_at is None:
        return f"{crawls.state}{running}, has never ended a crawl"
    ago = span((at - crawls.last_started_at).total_seconds())
    return f"{crawls.state}{running}, last crawl {crawls.last_state}, begun {ago} ago"
