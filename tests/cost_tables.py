"""Writes the tables of docs/scaling.md: what the model of tests/cost_model.py gives for each volume."""

from __future__ import annotations

from pathlib import Path

from tests.cost_model import (
    CRAWL_INTERVAL,
    DAYS,
    KMS_KEY_MONTH,
    OWN_KEYS,
    VOLUMES,
    Volume,
    archived,
    compute,
    crawler_requests,
    crawls,
    curated,
    guidance,
    in_reach,
    network,
    requests,
    storage,
    watching,
)

_BEGIN, _END = "<!-- costs: written by `make docs` -->", "<!-- end of costs -->"
_MONTHS = (3, 12)


def tables() -> str:
    """The generated part of docs/scaling.md."""
    steady = [
        "| A day | CPU hours a day | Fargate | requests | endpoints, keys | CloudWatch | **together** |",
        "| --- " * 7 + "|",
    ]
    grown = [
        "| A day | Month | archive | Parquet | objects | crawls, every 15 min | their requests | "
        "**crawler mode** | **direct mode** | daily batch (estimated) |",
        "| --- " * 10 + "|",
    ]
    for volume in VOLUMES:
        amounts = _steady(volume)
        cells = (*map(_dollars, amounts), f"**{_dollars(sum(amounts))}**")
        steady.append(_row(_name(volume), f"{volume.cpu_hours:,.2f}", *cells))
        grown += [_month(volume, month) for month in _MONTHS]
    return "\n".join([*steady, "", *grown]) + "\n"


def _steady(volume: Volume) -> tuple[float, ...]:
    fixed = network(volume) + OWN_KEYS * KMS_KEY_MONTH
    return compute(volume), requests(volume), fixed, watching(volume)


def _month(volume: Volume, month: int) -> str:
    """A volume's row for the end of a month since the first file."""
    day = month * DAYS
    old, new = archived(volume, day), curated(volume, day)
    stored, objects = storage(old + new), volume.files * day
    direct = sum(_steady(volume)) + stored
    crawling = crawls(volume, CRAWL_INTERVAL, objects)
    asked = f"{crawler_requests(volume, CRAWL_INTERVAL, objects):,.0f}"
    by_crawls = (_dollars(crawling), asked, f"**{_dollars(direct + crawling)}**")
    return _row(
        _name(volume),
        str(month),
        _dollars(stored * old / (old + new)),
        _dollars(stored * new / (old + new)),
        f"{objects:,}",
        *(by_crawls if in_reach(objects) else ("out of reach",) * 3),
        f"**{_dollars(direct)}**",
        _dollars(guidance(volume, stored)),
    )


def _name(volume: Volume) -> str:
    return f"{volume.files:,} files, {volume.gigabytes:,g} GB"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def with_cost_tables(root: Path) -> str:
    """docs/scaling.md with its table brought up to date; the text around it is written by hand."""
    text = (root / "docs/scaling.md").read_text(encoding="utf-8")
    before, _, rest = text.partition(f"{_BEGIN}\n")
    after = rest.partition(_END)[2]
    return f"{before}{_BEGIN}\n\n{tables()}\n{_END}{after}"


def _dollars(amount: float) -> str:
    return f"${amount:,.0f}" if amount >= 10 else f"${amount:,.2f}"
