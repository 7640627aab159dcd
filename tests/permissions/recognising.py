"""From a request on the wire to the permissions it needs on AWS, some of which no emulator asks for.

Sources: the permissions sections of the API references of S3, SQS, EventBridge, SNS, Glue, KMS and Secrets
Manager. S3 calls KMS in the caller's name; those calls are derived from the S3 calls that cause them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

from tests.permissions.calls import REGION, Call, arn

BUCKET_KEY = arn("kms", "key/bucket")  # whatever key encrypts both buckets

_TARGETS = {"AmazonSQS": "sqs", "AWSEvents": "events", "AWSGlue": "glue", "TrentService": "kms"}


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked, and with which status it was answered.

    ``path`` is as it came over the wire; names of headers are in lower case.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)
    status: int = 200

    @classmethod
    def of(
        cls, method: str, raw_path: str, headers: Mapping[str, str], body: bytes = b"", status: int = 200
    ) -> Self:
        """Take apart what came over the wire."""
        path, _, query = raw_path.partition("?")
        names = {name.lower(): value for name, value in headers.items()}
        return cls(method, path, dict(parse_qsl(query, keep_blank_values=True)), names, body, status)

    @property
    def speaks_of_itself(self) -> bool:
        """Whether the body says what is asked for, as with all services but S3; it is small then."""
        return "x-amz-target" in self.headers or self.is_form

    @property
    def is_form(self) -> bool:
        """Whether it is a call of a service with AWS's query protocol."""
        return "x-www-form-urlencoded" in self.headers.get("content-type", "")


def permissions(request: Request) -> list[Call]:
    """Every permission that the request needs.

    Raises:
        ValueError: it is not known what the request needs.
    """
    try:
        return _needed(request)
    except KeyError as missing:
        raise ValueError(f"a request without {missing}, or with one that is not known") from missing


def _needed(request: Request) -> list[Call]:
    service, _, operation = request.headers.get("x-amz-target", "").partition(".")
    if service == "secretsmanager":
        return [_secret(operation, json.loads(request.body))]
    if service:
        return list(_by_target(_TARGETS[service], operation, json.loads(request.body)))
    if request.is_form:
        form = dict(parse_qsl(request.body.decode()))
        if "StackName" in form:
            stack = arn("cloudformation", f"stack/{form['StackName']}/id")
            return [Call(f"cloudformation:{form['Action']}", stack)]
        return [Call(f"sns:{form['Action']}", form["TopicArn"])]
    bucket, _, key = unquote(request.path).removeprefix("/").partition("/")
    return list(_of_object(request, bucket, key) if key else _of_bucket(request, bucket))


def _secret(operation: str, asked: Mapping[str, Any]) -> Call:
    name: str = asked["SecretId"]
    # Secrets Manager ends the ARN of every secret in a hyphen and six characters.
    return Call(
        f"secretsmanager:{operation}",
        name if name.startswith("arn:") else arn("secretsmanager", f"secret:{name}-AbCdEf"),
    )


def _by_target(service: str, operation: str, asked: Mapping[str, Any]) -> Iterator[Call]:
    action = f"{service}:{operation}"
    if service == "sqs":  # a batch needs the permission of its single calls
        yield Call(action.removesuffix("Batch"), arn("sqs", asked["QueueUrl"].rpartition("/")[2]))
    elif service == "events":
        for entry in asked["Entries"]:
            kind = {"events:source": entry["Source"], "events:detail-type": entry["DetailType"]}
            yield Call(action, arn("events", f"event-bus/{entry['EventBusName']}"), frozenset(kind.items()))
    elif service == "kms":
        context = {f"kms:encryptioncontext:{name.lower()}": told for name, told in _context(asked).items()}
        yield Call(action, asked["KeyId"], frozenset(context.items()))
    elif "Crawl" in operation:
        yield Call(action, arn("glue", f"crawler/{asked.get('CrawlerName') or asked['Name']}"))
    else:
        table = (
            asked.get("TableName") or asked.get("Name") or asked.get("TableInput", {}).get("Name", "every")
        )
        database = asked["DatabaseName"]
        # Glue wants the permission on the catalog and the database, too.
        for resource in ("catalog", f"database/{database}", f"table/{database}/{table}"):
            yield Call(action, arn("glue", resource))


def _context(asked: Mapping[str, Any]) -> dict[str, str]:
    context: dict[str, str] = asked.get("EncryptionContext", {})
    return context


def _of_bucket(request: Request, bucket: str) -> Iterator[Call]:
    actions = {
        "list-type": "ListBucket",
        "versioning": "GetBucketVersioning",
        "versions": "ListBucketVersions",
        "uploads": "ListBucketMultipartUploads",
    }
    found = next((name for word, name in actions.items() if word in request.query), None)
    if found is None or request.method != "GET":
        raise ValueError(f"what {request.method} on a bucket with {sorted(request.query)} needs is not known")
    prefix = {"s3:prefix": request.query["prefix"]} if "prefix" in request.query else {}
    yield Call(f"s3:{found}", f"arn:aws:s3:::{bucket}", frozenset(prefix.items()))


def _of_object(request: Request, bucket: str, key: str) -> Iterator[Call]:
    here = f"arn:aws:s3:::{bucket}/{key}"
    of_version = "Version" if "versionId" in request.query else ""
    match request.method:
        case "GET" | "HEAD" if "tagging" in request.query:
            yield Call(f"s3:GetObject{of_version}Tagging", here)
        case "GET" | "HEAD":
            yield Call(f"s3:GetObject{of_version}", here)
            yield _by_s3("kms:Decrypt", bucket)
            if request.status == 404:  # without it S3 would answer 403
                yield Call("s3:ListBucket", f"arn:aws:s3:::{bucket}")
        case "DELETE":
            upload = "uploadId" in request.query
            yield Call("s3:AbortMultipartUpload" if upload else f"s3:DeleteObject{of_version}", here)
        case "PUT" if "tagging" in request.query:
            yield Call("s3:PutObjectTagging", here)
        case "PUT" | "POST":
            yield from _written(request, bucket, here)
        case _:
            raise ValueError(f"what {request.method} on an object needs is not known")


def _written(request: Request, bucket: str, here: str) -> Iterator[Call]:
    yield Call("s3:PutObject", here, frozenset(_conditions_of_a_write(request).items()))
    yield _by_s3("kms:GenerateDataKey", bucket)
    if "uploadId" in request.query:  # S3 puts the parts together
        yield _by_s3("kms:Decrypt", bucket)
    if "if-match" in request.headers:
        yield Call("s3:GetObject", here)
    if "x-amz-tagging" in request.headers:
        yield Call("s3:PutObjectTagging", here)
    source = request.headers.get("x-amz-copy-source")
    if source:
        quoted, _, version = source.partition("?versionId=")
        path = unquote(quoted).removeprefix("/")
        of_version = "Version" if version else ""
        yield Call(f"s3:GetObject{of_version}", f"arn:aws:s3:::{path}")
        yield _by_s3("kms:Decrypt", path.partition("/")[0])
        if "partNumber" not in request.query:  # CopyObject takes the tags along
            yield Call(f"s3:GetObject{of_version}Tagging", f"arn:aws:s3:::{path}")
            yield Call("s3:PutObjectTagging", here)


def _conditions_of_a_write(request: Request) -> dict[str, str]:
    """What a bucket's policy can ask about a write: whether it creates an object, and on which condition."""
    is_part = "partNumber" in request.query or "uploads" in request.query
    conditions = {"s3:objectcreationoperation": str(not is_part).lower()}
    for header in ("if-none-match", "if-match"):
        if header in request.headers:
            conditions[f"s3:{header}"] = request.headers[header]
    return conditions


def _by_s3(action: str, bucket: str) -> Call:
    """KMS as S3 calls it for an object of a bucket that has a bucket key."""
    context = {
        "kms:viaservice": f"s3.{REGION}.amazonaws.com",
        "kms:encryptioncontext:aws:s3:arn": f"arn:aws:s3:::{bucket}",
    }
    return Call(action, BUCKET_KEY, frozenset(context.items()))
