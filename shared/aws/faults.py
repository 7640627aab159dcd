"""What an AWS failure means for the file in work: try again, or give up with a reason."""

from __future__ import annotations

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.parsers import ResponseParserError

from shared.errors import (
    AwsAccessDenied,
    AwsRefused,
    AwsUnavailable,
    LandfallError,
    ObjectVanished,
    UploadInterrupted,
)

# botocore's ResponseParserError, of an answer that nobody can read, is no BotoCoreError.
AWS_ERRORS = (
    ClientError,
    BotoCoreError,
    ResponseParserError,
    aiohttp.ClientError,
    TimeoutError,
    ConnectionError,
)

_TOO_MANY_REQUESTS = 429
_THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "Throttled",  # SNS
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "SlowDown",
        "RequestTimeout",
        "RequestTimeoutException",
        "ConditionalRequestConflict",
        "OperationAborted",
        "ConcurrentModificationException",
        "ExpiredToken",
        "ExpiredTokenException",
        "TokenRefreshRequired",
        # The key service throttles SQS or SNS.
        "KmsThrottled",
        "KMS.ThrottlingException",
        "KMSThrottling",
        # What arrived is not what was sent.
        "BadDigest",
        "IncompleteBody",
        "XAmzContentSHA256Mismatch",
        # This machine's clock is off; it may be set right again.
        "RequestTimeTooSkewed",
        "RequestExpired",
        # Glue's own, which come with status 400.
        "InternalServiceException",
        "OperationTimeoutException",
        "ResourceNotReadyException",
    }
)
_VANISHED = frozenset({"404", "NoSuchKey", "NoSuchVersion"})  # HEAD's answer has its status alone
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "403", "UnauthorizedOperation"})


def error_code(error: ClientError) -> str:
    """AWS's own code of an error, or its HTTP status where there is none."""
    return error.response.get("Error", {}).get("Code", "Unknown")


def http_status(error: ClientError) -> int:
    """The HTTP status of the answer, 0 where none is known."""
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def is_missing(error: ClientError) -> bool:
    """Whether the error says that the object, version or upload does not exist."""
    return error_code(error) in {"404", "NoSuchKey", "NoSuchVersion", "NoSuchUpload", "NotFound"}


def is_precondition(error: ClientError) -> bool:
    """Whether a conditional write found another state than it required."""
    return error_code(error) in {"PreconditionFailed", "412"}


def is_unexplained(error: ClientError) -> bool:
    """Whether S3 refused without a word: HEAD's answer has no body, and so its status alone tells too little.

    It may be that access is denied, or that for the moment a token has expired or a clock is wrong.
    """
    return error_code(error) in {"400", "403"}


def classify(error: BaseException) -> LandfallError:
    """The failure of ours that an AWS client's exception stands for; its text names only call and code."""
    if isinstance(error, NoCredentialsError):
        return AwsAccessDenied("no AWS credentials were found")
    if not isinstance(error, ClientError):
        return AwsUnavailable(f"the connection to AWS failed ({type(error).__name__})")
    return fault(error.operation_name, error_code(error), http_status(error))


def fault(call: str, code: str, status: int = 0) -> LandfallError:
    """The failure of ours that an AWS error code stands for, also one of an entry in a batch's answer."""
    if code in _THROTTLED or status == _TOO_MANY_REQUESTS or status >= 500:
        return AwsUnavailable(f"{call} answered {code}")
    if code in _DENIED:
        return AwsAccessDenied(f"{call} was denied")
    if code in _VANISHED:
        return ObjectVanished(f"{call} answered {code}")
    if code == "NoSuchUpload":  # aborted by another run over the file
        return UploadInterrupted(f"{call} answered {code}")
    return AwsRefused(f"{call} answered {code}")
