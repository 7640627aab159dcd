"""Which version a notification is about, by what S3 itself says of it."""

from __future__ import annotations

import pytest

from services.decryptor.originals import Originals
from shared.errors import Unversioned
from shared.messages import LandingNotice
from tests.builders import landed
from tests.doubles.s3 import InMemoryS3


async def test_an_object_that_landed_without_versioning_is_refused() -> None:
    """What overwrites it has the same version, `null`, and would be taken for it: done already."""
    s3 = InMemoryS3()
    s3.put("ingest", "landing/a.zip", b"x")
    s3.change_newest("ingest", "landing/a.zip", version_id="null")
    notice = LandingNotice(landed(version="null"))
    with pytest.raises(Unversioned):
        await Originals(s3.store(), "ingest").identify(notice)
