"""The compose file: whose images it runs."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from landfall.local.checkout import CHECKOUT

FILE = yaml.safe_load((CHECKOUT / "docker-compose.localstack.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = FILE["services"]
BUILT = {each["image"] for each in SERVICES.values() if "build" in each}


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "localstack"])
def test_what_is_ours_is_built_here_and_looked_up_nowhere(name: str) -> None:
    image = SERVICES[name]["image"]
    assert image in BUILT
    assert image.startswith("localhost/")
