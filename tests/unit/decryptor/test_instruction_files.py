"""Which landed objects are passed over as instruction files: their content decides."""

from __future__ import annotations

import pytest

from services.decryptor.formats.s3ec_metadata import INSTRUCTION_MARK
from services.decryptor.originals import Originals
from shared.errors import LandingGone
from shared.messages import LandingNotice, Skipped
from tests.builders import landed
from tests.doubles.s3 import InMemoryS3

INSTRUCTION = b'{"x-amz-key-v2": "a2V5", "x-amz-wrap-alg": "kms+context"}'
CSV = b"SubscriberKey,EmailAddress\nK-1,ada@example.com\n"


async def identified(key: str, content: bytes, metadata: dict[str, str] | None = None) -> object:
    s3 = InMemoryS3()
    version = s3.put("ingest", key, content, metadata).version_id
    notice = LandingNotice(landed(key, version))
    return await Originals(s3.store(), "ingest").identify(notice)


async def test_an_instruction_file_is_passed_over() -> None:
    assert isinstance(await identified("landing/Sent.csv.instruction", INSTRUCTION), Skipped)


async def test_an_instruction_file_of_another_name_is_told_by_its_metadata() -> None:
    found = await identified("landing/Sent.csv.keys", INSTRUCTION, {INSTRUCTION_MARK: ""})
    assert isinstance(found, Skipped)


@pytest.mark.parametrize("content", [CSV, b"", b"[1]", b'{"name": "value"}', b"{" * 10_000, b"x" * 100_000])
@pytest.mark.parametrize("metadata", [{}, {INSTRUCTION_MARK: ""}], ids=["by name", "by metadata"])
async def test_any_other_content_is_a_file_like_any_other(content: bytes, metadata: dict[str, str]) -> None:
    found = await identified("landing/Sent.csv.instruction", content, metadata)
    assert isinstance(found, LandingNotice)
    assert found.file.size == len(content)


async def test_a_file_of_such_a_name_that_is_gone_is_not_passed_over() -> None:
    with pytest.raises(LandingGone):
        await Originals(InMemoryS3().store(), "ingest").identify(
            LandingNotice(landed("landing/Sent.csv.instruction"))
        )
