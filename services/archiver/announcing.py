"""Publishing outcomes on SNS."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.logs import get_logger
from shared.outcomes import AnyOutcome

if TYPE_CHECKING:
    from types_aiobotocore_sns import SNSClient
    from types_aiobotocore_sns.type_defs import MessageAttributeValueTypeDef

log = get_logger()


@dataclass(frozen=True, slots=True)
class Announcer:
    """The success and the error topic."""

    client: SNSClient
    success_topic_arn: str
    error_topic_arn: str

    async def announce(self, outcome: AnyOutcome) -> None:
        """Publish an outcome; subscribers can filter by its attributes without reading the body."""
        await self.client.publish(
            TopicArn=self.success_topic_arn if outcome.status == "succeeded" else self.error_topic_arn,
            Subject=outcome.subject,
            Message=outcome.model_dump_json(indent=1),
            MessageAttributes={name: _attribute(value) for name, value in outcome.attributes.items()},
        )
        log.info("outcome_announced", status=outcome.status, outcome_id=outcome.outcome_id)


def _attribute(value: str | float | list[str]) -> MessageAttributeValueTypeDef:
    match value:
        case str():
            return {"DataType": "String", "StringValue": value}
        case list():
            return {"DataType": "String.Array", "StringValue": json.dumps(value)}
        case _:
            return {"DataType": "Number", "StringValue": str(value)}
