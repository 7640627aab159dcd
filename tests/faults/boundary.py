"""What a request to AWS means in the life of a file: the name of the boundary that it crosses.

Every step of the commit protocol that anyone else could ever see is one request, so the requests are the
fault points. They are named here, from outside: the services contain nothing for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

# In this order: the first that a key begins with names the object.
_KINDS = (
    ("landing/", "landing"),
    ("raw/.staging/", "staging"),
    ("raw/", "raw"),
    ("archive/", "archive"),
    ("quarantine/", "quarantine"),
    ("manifests/", "manifest"),
    ("recipes/", "profile-lock"),
)
_FAILURE = re.compile(r"\.failed-\d+\.json$")
_CALLS = {
    "AmazonSQS.ReceiveMessage": "queue.receive",
    "AmazonSQS.DeleteMessage": "message.delete",
    "AmazonSQS.SendMessage": "dead-letter.send",
    "AmazonSQS.ChangeMessageVisibility": "message.hide",
    "AmazonSQS.GetQueueAttributes": "queue.describe",
    "AWSEvents.PutEvents": "event.publish",
    "TrentService.Decrypt": "key.decrypt",
    "AWSGlue.StartCrawler": "crawl.start",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a service, read to its end."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, method: str, raw_path: str, headers: Mapping[str, str], body: bytes) -> Request:
        """Take apart what came over the wire; names of headers in lower case."""
        path, _, query = raw_path.partition("?")
        return cls(method, unquote(path), parse_qs(query, keep_blank_values=True), headers, body)

    @property
    def speaks_json(self) -> bool:
        """Whether it is a call of a service with AWS's JSON protocol."""
        return "x-amz-target" in self.headers

    @property
    def is_query(self) -> bool:
        """Whether it is a call of a service with AWS's query protocol."""
        return self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")

    @property
    def is_head(self) -> bool:
        """Whether an answer to it has no body."""
        return self.method == "HEAD"

    @property
    def boundary(self) -> str:
        """``kind.action``, such as ``manifest.put`` or ``crawl.start``; the same for every file."""
        target = self.headers.get("x-amz-target", "")
        if target:
            service, _, action = target.partition(".")
            return _CALLS.get(target, f"{service.lower().removeprefix('aws')}.{action}")
        if self.is_query:
            action = parse_qs(self.body.decode(errors="replace")).get("Action", ["?"])[0]
            return "outcome.publish" if action == "Publish" else f"sns.{action}"
        return f"{self._kind}.{self._action}"

    @property
    def _kind(self) -> str:
        key = self.key or self.query.get("prefix", [""])[0]
        if not key:
            return "bucket"
        kind = next((kind for start, kind in _KINDS if key.startswith(start)), "curated")
        return "failure" if kind == "manifest" and _FAILURE.search(key) else kind

    @property
    def key(self) -> str:
        """The object's key, empty where the request is about a bucket."""
        return self.path.lstrip("/").partition("/")[2]

    @property
    def _action(self) -> str:
        query, method = self.query, self.method
        if not self.key:
            return "list" if {"list-type", "versions", "uploads"} & query.keys() else "describe"
        if "uploadId" in query:
            return {"PUT": "part", "POST": "complete", "DELETE": "abort"}.get(method, method)
        if method == "POST":
            return "open" if "uploads" in query else "post"
        if method == "PUT":
            return "copy" if "x-amz-copy-source" in self.headers else "tag" if "tagging" in query else "put"
        if method == "GET" and "tagging" in query:
            return "tags"
        return {"GET": "read", "HEAD": "look", "DELETE": "delete"}.get(method, method)


def messages(answer: bytes) -> list[str]:
    """The bodies of the messages that the answer to a receive brought."""
    return [message["Body"] for message in json.loads(answer or b"{}").get("Messages", [])]
