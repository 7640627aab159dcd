"""A crawl is proof for a file only if it began after the file and ended well."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.cataloger import crawls
from services.cataloger.crawler import Crawler
from services.cataloger.crawls import CrawlLedger, CrawlRules
from services.cataloger.errors import CrawlerMissing, CrawlFailed, CrawlOverdue
from shared.errors import AwsAccessDenied
from tests.doubles.glue import START, InMemoryGlue
from tests.doubles.s3 import failure


def ledger(glue: InMemoryGlue, min_interval: float = 0, limit: float = 5, tries: int = 3) -> CrawlLedger:
    rules = CrawlRules(min_interval=min_interval, poll=0.001, limit=limit, tries=tries)
    return CrawlLedger(Crawler(glue.client(), "crawler"), rules, glue.clock)


async def after_some_polls() -> None:
    """Let the ledger look a few times; what is asserted then must not have changed by looking."""
    for _ in range(20):
        await asyncio.sleep(0.001)


async def test_a_crawl_that_began_later_and_completed_covers_the_file() -> None:
    glue = InMemoryGlue(now=START + timedelta(seconds=1), auto="COMPLETED")
    seen = await ledger(glue).covering(START)
    assert seen.crawl_id == "c1"
    assert glue.starts == 1


async def test_a_crawl_that_runs_already_is_not_proof() -> None:
    glue = InMemoryGlue()
    early = glue.begin_crawl()
    glue.tick(1)
    waiting = asyncio.create_task(ledger(glue).covering(START))
    await after_some_polls()
    glue.tick(1)
    early["State"] = "COMPLETED"
    glue.auto = "COMPLETED"
    assert (await waiting).crawl_id == "c2"


async def test_a_later_crawl_counts_only_once_it_is_completed() -> None:
    glue = InMemoryGlue(now=START + timedelta(seconds=1))
    waiting = asyncio.create_task(ledger(glue).covering(START))
    await after_some_polls()
    assert not waiting.done()
    glue.crawls[0]["State"] = "COMPLETED"
    assert (await waiting).crawl_id == "c1"


async def test_the_proof_may_be_on_any_page() -> None:
    glue = InMemoryGlue()
    glue.tick(1)
    glue.begin_crawl("COMPLETED")
    glue.now = START - timedelta(days=1)
    for _ in range(5):
        glue.begin_crawl("COMPLETED")
    glue.now = START + timedelta(seconds=2)
    assert (await ledger(glue).covering(START)).crawl_id == "c1"
    assert glue.starts == 0


async def test_any_number_of_files_share_one_crawl() -> None:
    glue = InMemoryGlue(now=START + timedelta(seconds=2), auto="COMPLETED")
    one = ledger(glue)
    seen = await asyncio.gather(*(one.covering(START + timedelta(milliseconds=n)) for n in range(1000)))
    assert {each.crawl_id for each in seen} == {"c1"}
    assert glue.starts == 1


async def test_two_tasks_need_no_agreement() -> None:
    glue = InMemoryGlue(now=START + timedelta(seconds=1))
    both = asyncio.gather(ledger(glue).covering(START), ledger(glue).covering(START))
    await after_some_polls()
    glue.crawls[0]["State"] = "COMPLETED"
    first, second = await both
    assert first == second
    assert glue.starts == 1


async def test_no_crawl_starts_before_it_could_count() -> None:
    glue = InMemoryGlue(now=START)
    waiting = asyncio.create_task(ledger(glue).covering(START + timedelta(seconds=5)))
    await after_some_polls()
    assert glue.starts == 0
    glue.tick(6)
    glue.auto = "COMPLETED"
    assert (await waiting).started_at == START + timedelta(seconds=6)


async def test_crawls_are_not_started_more_often_than_allowed() -> None:
    glue = InMemoryGlue()
    glue.begin_crawl("COMPLETED")
    glue.tick(10)
    waiting = asyncio.create_task(ledger(glue, min_interval=60).covering(START + timedelta(seconds=1)))
    await after_some_polls()
    assert glue.starts == 0
    glue.tick(51)
    glue.auto = "COMPLETED"
    await waiting
    assert glue.starts == 1


async def test_a_failed_crawl_is_followed_by_another() -> None:
    glue = InMemoryGlue(now=START + timedelta(seconds=1), auto="FAILED")
    waiting = asyncio.create_task(ledger(glue, min_interval=60).covering(START))
    await after_some_polls()
    glue.auto = "COMPLETED"
    glue.tick(60)
    assert (await waiting).crawl_id == "c2"


async def test_so_many_failed_crawls_fail_the_file() -> None:
    class Ticking(InMemoryGlue):
        async def start_crawler(self, *, Name: str) -> Any:  # noqa: N803 - AWS's name
            self.tick(1)
            return await super().start_crawler(Name=Name)

    glue = Ticking(now=START + timedelta(seconds=1), auto="FAILED")
    with pytest.raises(CrawlFailed, match="3 crawls ended FAILED, the last of them c3"):
        await ledger(glue, tries=3).covering(START)
    assert glue.starts == 3


async def test_what_failed_before_a_file_was_replayed_is_not_held_against_it() -> None:
    glue = InMemoryGlue()
    for _ in range(3):
        glue.tick(1)
        glue.begin_crawl("FAILED")
    glue.tick(1)
    glue.auto = "COMPLETED"
    assert (await ledger(glue, tries=3).covering(START)).crawl_id == "c4"


async def test_a_stopped_crawl_is_started_again_and_never_fails_a_file() -> None:
    glue = InMemoryGlue(now=START + timedelta(seconds=1))
    waiting = asyncio.create_task(ledger(glue, tries=1).covering(START))
    for expected in (1, 2, 3):
        await after_some_polls()
        assert glue.starts == expected
        glue.crawls[-1]["State"] = "STOPPED"
    await after_some_polls()
    glue.crawls[-1]["State"] = "COMPLETED"
    assert (await waiting).crawl_id == "c4"


async def test_a_crawl_that_never_ends_is_given_up() -> None:
    glue = InMemoryGlue(now=START + timedelta(seconds=1))
    with pytest.raises(CrawlOverdue):
        await ledger(glue, limit=0.05).covering(START)


async def test_a_deleted_crawler_is_said_at_once() -> None:
    class NoCrawler(InMemoryGlue):
        async def list_crawls(self, **arguments: Any) -> Any:
            raise failure("ListCrawls", "EntityNotFoundException", 400)

    with pytest.raises(CrawlerMissing, match="crawler"):
        await ledger(NoCrawler(now=START + timedelta(seconds=1))).covering(START)


async def test_a_year_of_history_is_not_read() -> None:
    glue = InMemoryGlue(now=START - timedelta(days=1))
    for _ in range(100):
        glue.begin_crawl("COMPLETED")
    glue.now = START + timedelta(seconds=1)
    glue.begin_crawl("COMPLETED")
    await ledger(glue).covering(START)
    assert glue.calls["ListCrawls"] == 1


async def test_what_an_earlier_answer_covers_is_not_asked_again() -> None:
    glue = InMemoryGlue(now=START + timedelta(seconds=1), auto="COMPLETED")
    one = ledger(glue)
    first = await one.covering(START)
    asked = glue.calls.total()
    assert await one.covering(START - timedelta(hours=1)) == first
    assert glue.calls.total() == asked


async def test_a_defect_in_polling_reaches_whoever_waits() -> None:
    class Broken(InMemoryGlue):
        async def list_crawls(self, **arguments: Any) -> Any:
            return {"Crawls": [{}]}

    with pytest.raises(KeyError):
        await ledger(Broken()).covering(START)


async def test_a_denied_call_is_said_at_once_and_a_throttled_one_asked_again() -> None:
    class Moody(InMemoryGlue):
        throttled = 3
        denied = False

        async def list_crawls(self, **arguments: Any) -> Any:
            if self.denied:
                raise failure("ListCrawls", "AccessDeniedException", 400)
            if self.throttled:
                self.throttled -= 1
                raise failure("ListCrawls", "ThrottlingException", 400)
            return await super().list_crawls(**arguments)

    glue = Moody(now=START + timedelta(seconds=1), auto="COMPLETED")
    assert (await ledger(glue).covering(START)).crawl_id == "c1"
    glue.denied = True
    glue.tick(10)
    with pytest.raises(AwsAccessDenied):
        await ledger(glue).covering(START + timedelta(seconds=9))


async def test_the_next_crawl_starts_before_those_go_on_whose_crawl_has_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crawls, "_HEAD_START_SECONDS", 30)
    glue = InMemoryGlue(now=START + timedelta(seconds=1))
    one = ledger(glue)
    early = asyncio.create_task(one.covering(START))
    late = asyncio.create_task(one.covering(START + timedelta(seconds=5)))
    await after_some_polls()
    glue.tick(9)
    glue.crawls[0]["State"] = "COMPLETED"
    assert (await early).crawl_id == "c1"
    assert glue.starts == 2
    glue.crawls[1]["State"] = "COMPLETED"
    await late


async def test_a_start_that_is_throttled_does_not_hold_back_those_whose_crawl_has_come() -> None:
    class Throttled(InMemoryGlue):
        async def get_crawler(self, *, Name: str) -> Any:  # noqa: N803 - AWS's name
            raise failure("GetCrawler", "ThrottlingException", 400)

    glue = Throttled(now=START + timedelta(seconds=1))
    glue.begin_crawl("COMPLETED")
    one = ledger(glue)
    covered = asyncio.create_task(one.covering(START - timedelta(hours=1)))
    waiting = asyncio.create_task(one.covering(START + timedelta(seconds=1)))
    assert (await covered).crawl_id == "c1"
    await after_some_polls()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert glue.starts == 0


async def test_a_start_that_takes_long_does_not_hold_back_those_whose_crawl_has_come() -> None:
    class Slow(InMemoryGlue):
        asked, answer = False, asyncio.Event()

        async def start_crawler(self, *, Name: str) -> Any:  # noqa: N803 - AWS's name
            self.asked = True
            await self.answer.wait()
            return await super().start_crawler(Name=Name)

    glue = Slow(now=START + timedelta(seconds=1), auto="COMPLETED")
    glue.begin_crawl("COMPLETED")
    glue.tick(9)
    one = ledger(glue)
    covered = asyncio.create_task(one.covering(START))
    waiting = asyncio.create_task(one.covering(START + timedelta(seconds=5)))
    async with asyncio.timeout(5):
        assert (await covered).crawl_id == "c1"
    assert (glue.asked, glue.starts) == (True, 0)
    glue.answer.set()
    assert (await waiting).crawl_id == "c2"
