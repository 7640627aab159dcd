"""An S3 with a generated listing of many files, and just enough of SQS and Glue for ``landfall status``.

Emulators scan all their objects for every listing; a real S3 answers from an index, and so does this: a
sorted list and bisection. Every answer is held back a little, as the network would.

Run as ``python -m tests.benchmarks.listing_server FILES DAYS LATENCY_MS``; prints its port, then one file id.
"""

from __future__ import annotations

import asyncio
import bisect
import hashlib
import json
import sys
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

from aiohttp import web

from shared.layout import manifest_key
from shared.stages import Stage
from tests.doubles.s3 import InMemoryS3
from tests.histories import History

PAGE = 1000


class ListingServer:
    """``files`` files over ``days`` days, four manifests each, all done."""

    def __init__(self, files: int, days: int, latency: float) -> None:
        self.latency = latency
        self.requests = 0
        self.now = datetime.now(UTC)
        self.ids = [self._file_id(n, days) for n in range(files)]
        self.keys = sorted(manifest_key(file_id, stage, 0) for file_id in self.ids for stage in Stage)
        file = History(InMemoryS3())
        made = (file.decrypt(), file.normalize(), file.catalog(), file.archive())
        self.bodies = {manifest.stage.value: manifest.model_dump_json().encode() for manifest in made}

    def _file_id(self, number: int, days: int) -> str:
        day = self.now - timedelta(days=number % days)
        return f"{day:%Y%m%d}-{hashlib.sha256(str(number).encode()).hexdigest()[:16]}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        await asyncio.sleep(self.latency)
        if request.method == "POST":
            return web.json_response(self._call(request.headers["X-Amz-Target"]))
        if "versions" in request.query:
            return _xml("<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>")
        if "list-type" in request.query:
            return _xml(self._list(request.query["prefix"], request.query.get("continuation-token", "")))
        stage = request.path.rpartition("/")[2].partition(".")[0]
        return web.Response(body=self.bodies[stage], headers={"Last-Modified": _http_date(self.now)})

    def _call(self, target: str) -> dict[str, object]:
        if target.endswith("GetQueueAttributes"):
            return {"Attributes": {"ApproximateNumberOfMessages": "0"}}
        return {"Crawler": {"Name": "crawler", "State": "READY"}}

    def _list(self, prefix: str, token: str) -> str:
        start = bisect.bisect_left(self.keys, prefix) if not token else bisect.bisect_right(self.keys, token)
        page = [key for key in self.keys[start : start + PAGE] if key.startswith(prefix)]
        end = start + len(page)
        more = len(page) == PAGE and end < len(self.keys) and self.keys[end].startswith(prefix)
        at = f"{self.now:%Y-%m-%dT%H:%M:%S.000Z}"
        items = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{at}</LastModified><ETag>&quot;e&quot;</ETag>"
            "<Size>1500</Size><StorageClass>STANDARD</StorageClass></Contents>"
            for key in page
        )
        next_token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        return (
            f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{next_token}{items}"
            f"<KeyCount>{len(page)}</KeyCount></ListBucketResult>"
        )


def _xml(text: str) -> web.Response:
    return web.Response(text=f'<?xml version="1.0"?>{text}', content_type="application/xml")


def _http_date(moment: datetime) -> str:
    return f"{moment:%a, %d %b %Y %H:%M:%S GMT}"


async def serve(files: int, days: int, latency_ms: float) -> None:
    """Answer until the process is ended."""
    server = ListingServer(files, days, latency_ms / 1000)
    runner = web.AppRunner(web.Application())
    runner.app.router.add_route("*", "/{path:.*}", server.answer)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    print(json.dumps({"port": port, "file_id": server.ids[0]}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
