"""How many requests of AWS one small file of one member costs: the other measured part of docs/scaling.md.

    .venv/bin/python -m tests.benchmarks.requests_of_a_file

Counts what the services send through the recording proxies of tests/permissions. Polling is left out: it
costs the same whether files come or not.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from pathlib import Path

from landfall.demo.subscriber import OutcomeSubscriber
from landfall.local.stack import LocalStack
from landfall.local.starting import Options
from landfall.target import Target
from tests.e2e.conftest import Chain
from tests.extracts import sent
from tests.permissions.recognising import Request
from tests.permissions.scenario import scenario

FILES = 20
_POLLING = ("ReceiveMessage", "ListCrawls", "GetCrawler", "GetQueueAttributes")


def kind(request: Request) -> str:
    """As AWS bills it."""
    service, _, operation = request.headers.get("x-amz-target", "").partition(".")
    if operation in _POLLING:
        return "polling"
    if service:
        return {"AmazonSQS": "sqs", "AWSEvents": "events", "AWSGlue": "glue"}.get(service, service)
    if "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        return "sns"
    if request.method == "DELETE":
        return "s3 free"
    listing = request.method == "GET" and "list-type" in request.query
    return "s3 put" if listing or request.method in ("PUT", "POST") else "s3 get"


def measure() -> dict[str, float]:
    """Requests a file, by kind."""
    home = Path(tempfile.mkdtemp(prefix="landfall-requests-"))
    options = Options(home=home, endpoint=None, glue_endpoint=None, port=0, services=(), crawl_seconds=1)
    requests: list[Request] = []
    with (
        LocalStack.up(options) as stack,
        scenario(stack, lambda _, request: requests.append(request)),
    ):
        os.environ.update(stack.environment())
        with OutcomeSubscriber(stack.deployment, "requests") as outcomes:
            chain = Chain(home, Target(stack.deployment, local=True), outcomes, "")
            chain.outcome(chain.land(sent(5), "warm-up/Sent.csv"))
            requests.clear()
            for file in [chain.land(sent(5), f"{number}/Sent.csv") for number in range(FILES)]:
                chain.outcome(file)
            counted = Counter(kind(request) for request in requests)
    return {name: count / FILES for name, count in sorted(counted.items()) if name != "polling"}


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
