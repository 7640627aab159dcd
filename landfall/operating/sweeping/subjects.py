"""Which runs over which files a dead letter is about."""

from __future__ import annotations

from botocore.exceptions import ClientError, ParamValidationError

from landfall.operating.dead_letters import DeadLetter
from landfall.operating.sweeping.findings import Tools
from services.decryptor.originals import Originals
from shared.aws.faults import classify, error_code
from shared.errors import LandingGone, RejectedMessage, Unversioned
from shared.failures import Subject
from shared.identity import LandedFile
from shared.messages import AboutNoFile, LandingNotice, Skipped

# What S3 says of a key or a version that cannot be.
_OF_A_NAME = frozenset({"InvalidArgument", "InvalidObjectName", "InvalidURI", "KeyTooLongError"})


class UnreadableLetter(Exception):
    """Nothing can be made of the letter."""


async def subjects_of(tools: Tools, letter: DeadLetter) -> list[Subject]:
    """Which runs over which files it is about, by the identity that S3 gives them.

    Raises:
        UnreadableLetter: it names what S3 refuses to look for.
    """
    subjects: list[Subject] = []
    for request in letter.requests:
        if isinstance(request, AboutNoFile):
            continue
        file = request.file
        if file.bucket != tools.bucket:
            continue
        if isinstance(request, LandingNotice):
            known = await _identified(tools, request)
            if known is None:
                continue
            file = known
        subjects.append(Subject(file, request.generation, request.replay))
    return subjects


async def _identified(tools: Tools, notice: LandingNotice) -> LandedFile | None:
    """As its worker would have known it; None where it would have passed it over."""
    try:
        known = await Originals(tools.store, tools.bucket).identify(notice)
    except (LandingGone, Unversioned):
        return notice.file
    except RejectedMessage:
        return None
    except ClientError as error:
        if error_code(error) not in _OF_A_NAME:  # AWS is away, or refuses more than this letter
            raise
        raise UnreadableLetter(classify(error).message) from None
    except ParamValidationError:
        raise UnreadableLetter("it names what no AWS request can") from None
    return None if isinstance(known, Skipped) else known.file
