"""Run the front: ``python -m landfall.local.glue --upstream http://127.0.0.1:4566 --port 4567``."""

from __future__ import annotations

import argparse
import asyncio
import signal
from contextlib import AsyncExitStack

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from aiohttp import web

from landfall.local.glue.app import Front
from landfall.local.glue.crawlers import Crawlers
from landfall.local.glue.job import CrawlJob, Sources
from landfall.local.glue.upstream import open_upstream
from shared.logs import configure_logging, get_logger


async def serve(arguments: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    config = AioConfig(
        max_pool_connections=32,
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": 4},
        s3={"addressing_style": "path"},
    )
    session = AioSession()
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(open_upstream(arguments.upstream))
        s3 = await stack.enter_async_context(
            session.create_client("s3", endpoint_url=arguments.s3 or arguments.upstream, config=config)
        )
        glue = await stack.enter_async_context(
            session.create_client("glue", endpoint_url=arguments.upstream, config=config)
        )
        sources = Sources(s3, glue)
        crawlers = Crawlers(lambda wanted, crawl: CrawlJob(sources, wanted, crawl), arguments.crawl_seconds)
        runner = web.AppRunner(
            Front(upstream, glue, crawlers).application(), access_log=None, shutdown_timeout=1
        )
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.TCPSite(runner, arguments.host, arguments.port).start()
        get_logger().info("listening", host=arguments.host, port=arguments.port)
        await ended.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m landfall.local.glue", description=__doc__)
    parser.add_argument("--upstream", required=True, help="URL of the server that has the rest of Glue")
    parser.add_argument("--s3", help="URL of the server that has the objects (default: the same)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback)")
    parser.add_argument("--port", type=int, required=True, help="port to listen on")
    parser.add_argument(
        "--crawl-seconds", type=float, default=2.0, help="how long a crawl takes (default: 2)"
    )
    configure_logging("glue", "INFO")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
