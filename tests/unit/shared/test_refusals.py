"""What a refusal by AWS comes to: which are for the moment, and what lies behind one that does not say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from shared.aws.faults import AWS_ERRORS, classify, error_code, fault
from shared.errors import (
    AwsAccessDenied,
    AwsRefused,
    AwsUnavailable,
    LandfallError,
    ObjectVanished,
    TransientError,
    UploadInterrupted,
)
from shared.objects.store import ObjectStore
from tests.doubles.s3 import InMemoryS3, failure

FOR_THE_MOMENT = [
    # What SQS and SNS say where the key service throttles them; botocore does not try these again.
    ("SendMessage", "KmsThrottled", 400),
    ("SendMessage", "KMS.ThrottlingException", 400),
    ("Publish", "KMSThrottling", 400),
    ("Publish", "Throttled", 429),
    ("Publish", "AnythingElse", 429),
    # What arrived at S3 is not what was sent.
    ("UploadPart", "BadDigest", 400),
    ("UploadPart", "IncompleteBody", 400),
    ("PutObject", "XAmzContentSHA256Mismatch", 400),
    ("PutObject", "TokenRefreshRequired", 400),
    ("PutObject", "RequestTimeTooSkewed", 403),
]


@pytest.mark.parametrize(("call", "code", "status"), FOR_THE_MOMENT)
def test_some_refusals_are_for_the_moment(call: str, code: str, status: int) -> None:
    assert isinstance(classify(failure(call, code, status)), AwsUnavailable)


@pytest.mark.parametrize(
    ("code", "kind"), [("AccessDenied", AwsAccessDenied), ("InvalidRequest", AwsRefused)]
)
def test_others_are_for_good(code: str, kind: type[Exception]) -> None:
    assert isinstance(fault("GetObject", code, 403), kind)


@pytest.mark.parametrize(
    ("call", "code", "kind"),
    [
        ("UploadPartCopy", "NoSuchUpload", UploadInterrupted),  # a twin of the run has aborted it
        ("HeadObject", "404", ObjectVanished),
        ("GetObject", "NoSuchVersion", ObjectVanished),
    ],
)
def test_what_another_run_has_taken_away_is_looked_for_again(
    call: str, code: str, kind: type[LandfallError]
) -> None:
    error = classify(failure(call, code, 404))
    assert isinstance(error, kind)
    assert isinstance(error, TransientError)


def test_an_answer_that_cannot_be_read_is_a_failure_of_aws() -> None:
    garbled = ResponseParserError("invalid XML received")
    assert isinstance(garbled, AWS_ERRORS)
    assert isinstance(classify(garbled), AwsUnavailable)


class Reluctant(InMemoryS3):
    """Refuses as S3 does: the answer to HEAD has no body, so it tells the status and nothing else."""

    def __init__(self, refusals: list[tuple[str, int]]) -> None:
        super().__init__()
        self.put("b", "k", b"content")
        self._refusals: Iterator[tuple[str, int]] = iter(refusals)

    async def head_object(self, **call: Any) -> Any:
        self._refuse("HeadObject")
        return await super().head_object(**call)

    async def get_object(self, **call: Any) -> Any:
        self._refuse("GetObject")
        return await super().get_object(**call)

    def _refuse(self, call: str) -> None:
        for code, status in self._refusals:
            raise failure(call, str(status) if call == "HeadObject" else code, status)


def refused(*refusals: tuple[str, int]) -> ObjectStore:
    return Reluctant(list(refusals)).store()


@pytest.mark.parametrize(
    ("code", "status"), [("RequestTimeTooSkewed", 403), ("ExpiredToken", 400), ("AccessDenied", 403)]
)
async def test_a_look_that_is_refused_without_a_word_tells_why(code: str, status: int) -> None:
    with pytest.raises(ClientError) as raised:
        await refused((code, status), (code, status)).head("b", "k")
    assert error_code(raised.value) == code


async def test_a_look_that_is_refused_once_is_taken_again() -> None:
    info = await refused(("RequestTimeTooSkewed", 403)).head("b", "k")
    assert info is not None
    assert info.size == 7


async def test_an_object_that_is_gone_when_it_is_asked_for_again_is_missing() -> None:
    assert await refused(("AccessDenied", 403)).head("b", "other") is None


@pytest.mark.parametrize(("times", "found"), [(3, True), (4, False)])
async def test_a_look_is_taken_several_times_where_only_looks_are_refused(times: int, found: bool) -> None:
    """The right to read is all that HEAD takes, so it is not for lack of a right but for the moment."""
    s3 = InMemoryS3()
    s3.put("b", "k", b"content")
    head, refusals = s3.head_object, iter(range(times))

    async def head_object(**call: Any) -> Any:
        for _ in refusals:
            raise failure("HeadObject", "403", 403)
        return await head(**call)

    s3.head_object = head_object  # type: ignore[method-assign] # refuses so many times
    if found:
        assert await s3.store().head("b", "k") is not None
    else:
        with pytest.raises(AwsUnavailable):
            await s3.store().head("b", "k")
