"""How ``landfall deploy`` shows a change before it asks."""

from __future__ import annotations

import pytest

from landfall.change_sets import Change
from landfall.commands.deploy import line


@pytest.mark.parametrize(
    ("replacement", "shown"),
    [
        ("", "Modify  Table AWS::Glue::Table"),
        ("False", "Modify  Table AWS::Glue::Table"),
        ("True", "Modify  Table AWS::Glue::Table (replaced)"),
        ("Conditional", "Modify  Table AWS::Glue::Table (may be replaced)"),
    ],
)
def test_a_change_tells_whether_its_resource_is_replaced(replacement: str, shown: str) -> None:
    assert line(Change("Modify", "Table", "AWS::Glue::Table", replacement)) == shown
