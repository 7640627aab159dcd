"""SNS topics in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast


@dataclass
class InMemorySns:
    """``published`` holds what was sent, as the API call's arguments."""

    published: list[dict[str, Any]] = field(default_factory=list)

    def client(self) -> Any:
        return cast("Any", self)

    async def publish(self, **message: Any) -> Any:
        self.published.append(message)
        return {"MessageId": f"p{len(self.published)}"}
