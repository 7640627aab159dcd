"""Reading pages of S3 listings quickly.

botocore's general way takes five times as long, which is half a second for the records of a busy day.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from aiobotocore.parsers import AioResponseParserFactory, AioRestXMLParser
from botocore.utils import parse_timestamp

if TYPE_CHECKING:
    from botocore.model import Shape


class QuickParsers(AioResponseParserFactory):
    """botocore's parsers, but for what listings are made of."""

    def __init__(self) -> None:
        super().__init__()
        self.set_parser_defaults(timestamp_parser=parse_time)

    def create_parser(self, protocol_name: str) -> Any:
        """The parser of a protocol; S3 speaks rest-xml."""
        if protocol_name == "rest-xml":
            return _QuickXml(timestamp_parser=parse_time)
        return super().create_parser(protocol_name)


class _QuickXml(AioRestXMLParser):
    """Reads the objects of a listing without looking each element up in the service's model."""

    def _handle_list(self, shape: Shape, node: Element | list[Element]) -> Any:
        if shape.name != "ObjectList":
            return super()._handle_list(shape, node)  # type: ignore[misc] # the stubs leave it out
        return [_object(each) for each in (node if isinstance(node, list) else [node])]


def _object(node: Element) -> dict[str, object]:
    """What is used of a listed object; S3 says more of it only where it is asked to."""
    told = {child.tag.rpartition("}")[2]: child.text or "" for child in node}
    return {
        "Key": told["Key"],
        "LastModified": parse_time(told["LastModified"]),
        "ETag": told["ETag"],
        "Size": int(told["Size"]),
        "StorageClass": told.get("StorageClass", "STANDARD"),
    }


def parse_time(value: str | float) -> datetime:
    """A time in an answer of AWS, in any of the forms that botocore reads."""
    if isinstance(value, str) and value.endswith("Z"):
        return datetime.fromisoformat(value)
    return parse_timestamp(value)  # type: ignore[arg-type] # a number, too; the stubs know text only
