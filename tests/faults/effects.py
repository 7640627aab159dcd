"""Ways in which AWS and the network misbehave with one request."""

from __future__ import annotations

import asyncio
import json

import boto3

from tests.faults.boundary import Request
from tests.faults.faults import Answer, Effect, Hands, HangUp

_GATHERING_SECONDS = 0.5
_REFUSED = {"ErrorCode": "InternalFailure", "ErrorMessage": "try again"}


async def throttle(request: Request, _hands: Hands) -> Answer:
    """AWS asks for patience, each service in its own words."""
    if request.speaks_json:
        return _error(request, 400, "ThrottlingException")
    return _error(request, 400, "Throttling") if request.is_query else _error(request, 503, "SlowDown")


async def break_down(request: Request, _hands: Hands) -> Answer:
    """AWS has a fault of its own."""
    return _error(request, 500, "InternalError")


async def lose_kms(request: Request, _hands: Hands) -> Answer:
    """The key service is down."""
    return _error(request, 500, "KMSInternalException")


def _error(request: Request, status: int, code: str) -> Answer:
    if request.speaks_json:
        body = json.dumps({"__type": code, "message": code})
        return Answer(status, {"content-type": "application/x-amz-json-1.1"}, body.encode())
    error = f"<Error><Type>Receiver</Type><Code>{code}</Code><Message>{code}</Message></Error>"
    body = f"<ErrorResponse>{error}</ErrorResponse>" if request.is_query else error
    return Answer(status, {"content-type": "application/xml"}, b"" if request.is_head else body.encode())


async def fail_in_body(request: Request, _hands: Hands) -> Answer:
    """S3 has begun its answer by status 200 when it fails, which only the body tells."""
    return Answer(200, {"content-type": "application/xml"}, _error(request, 500, "InternalError").body)


async def fail_in_body_after(request: Request, hands: Hands) -> Answer:
    """The same, but S3 has carried the request out."""
    await hands.forward()
    return await fail_in_body(request, hands)


async def mistrust_clock(request: Request, hands: Hands) -> Answer:
    """S3 takes the time of signing for wrong; where an answer has no body, it says no more than 403."""
    if request.speaks_json or request.is_query:
        return await hands.forward()
    return _error(request, 403, "RequestTimeTooSkewed")


async def reset_before(_request: Request, _hands: Hands) -> Answer:
    """The connection breaks before AWS hears of the request."""
    raise HangUp


async def reset_after(_request: Request, hands: Hands) -> Answer:
    """AWS carries the request out, but the connection breaks before the answer."""
    await hands.forward()
    raise HangUp


async def cut_short(_request: Request, hands: Hands) -> Answer:
    """The connection breaks in the middle of the answer's body, where it has one."""
    answer = await hands.forward()
    if not answer.body:
        return answer
    return Answer(answer.status, answer.headers, answer.body, cut=len(answer.body) // 2)


async def lose_entries(request: Request, hands: Hands) -> Answer:
    """PutEvents succeeds as a call, but none of its entries was taken."""
    return _entries([_REFUSED for _ in json.loads(request.body)["Entries"]])


class LoseSome:
    """PutEvents takes every other entry only; ``refused`` counts those that were lost beside others.

    It takes its time, so that entries gather meanwhile and calls have several.
    """

    def __init__(self) -> None:
        self.refused = 0

    async def __call__(self, request: Request, hands: Hands) -> Answer:
        await asyncio.sleep(_GATHERING_SECONDS)
        entries = json.loads(request.body)["Entries"]
        taken = await hands.forward(json.dumps({"Entries": entries[::2]}).encode())
        results = json.loads(taken.body)["Entries"]
        for lost in range(1, len(entries), 2):
            results.insert(lost, _REFUSED)
            self.refused += 1
        return _entries(results)


def _entries(results: list[dict[str, str]]) -> Answer:
    failed = sum("ErrorCode" in each for each in results)
    body = json.dumps({"FailedEntryCount": failed, "Entries": results})
    return Answer(200, {"content-type": "application/x-amz-json-1.1"}, body.encode())


def delay(seconds: float) -> Effect:
    """The answer takes its time."""

    async def effect(_request: Request, hands: Hands) -> Answer:
        await asyncio.sleep(seconds)
        return await hands.forward()

    return effect


async def send_twice(_request: Request, hands: Hands) -> Answer:
    """The request reaches AWS twice, as when a client tries again after an answer was lost."""
    await hands.forward()
    return await hands.forward()


async def lose_original(request: Request, hands: Hands) -> Answer:
    """Before the bus takes an event, somebody deletes the version from landing/ that the event is about."""
    for entry in json.loads(request.body)["Entries"]:
        file = json.loads(entry["Detail"])["file"]
        await asyncio.to_thread(
            boto3.client("s3").delete_object,
            Bucket=file["bucket"],
            Key=file["key"],
            VersionId=file["version_id"],
        )
    return await hands.forward()
