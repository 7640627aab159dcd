"""The header of every file of a Tracking Extract, in the order Salesforce Marketing Cloud writes it.

Gathered from several public loaders; Attributes ends with the attributes that an account defines for itself.
"""

from __future__ import annotations

_STEM = (
    "ClientID",
    "SendID",
    "SubscriberKey",
    "EmailAddress",
    "SubscriberID",
    "ListID",
    "EventDate",
    "EventType",
)
_TAIL = ("BatchID", "TriggeredSendExternalKey")
_PLACE = ("IpAddress", "Country", "Region", "City", "Latitude", "Longitude", "MetroCode", "AreaCode")
_READER = (*_PLACE, "Browser", "EmailClient", "OperatingSystem", "Device")
_LINK = ("SendURLID", "URLID", "URL", "Alias")

COLUMNS: dict[str, tuple[str, ...]] = {
    "Attributes.csv": (
        *("ClientID", "SubscriberKey", "EmailAddress", "SubscriberID", "FirstName", "LastName"),
        *("MobilePhone", "Street", "City", "PostalCode", "Country", "Gender", "BirthDate", "Note"),
    ),
    "Bounces.csv": (*_STEM, "BounceCategory", "SMTPCode", "BounceReason", *_TAIL),
    "ClickImpression.csv": (*_STEM, *_LINK, *_TAIL, "ImpressionRegionName"),
    "Clicks.csv": (*_STEM, *_LINK, *_TAIL, "IsUnique", "IsUniqueForURL", *_READER),
    "Complaints.csv": (*_STEM, *_TAIL, "Domain"),
    "Conversions.csv": (*_STEM, "ReferringURL", "LinkAlias", "ConversionData", *_TAIL, "URLID"),
    "ListMembership.csv": (
        *(
            "ClientID",
            "SubscriberKey",
            "EmailAddress",
            "SubscriberID",
            "ListID",
            "ListName",
            "ListType",
            "Status",
        ),
        *("DateJoined", "JoinType", "DateUnsubscribed", "UnsubscribeReason"),
    ),
    "Lists.csv": ("ClientID", "ListID", "Name", "Description", "DateCreated", "Status", "ListType"),
    "MultipleDataExtensionSendLists.csv": (
        *("ClientID", "SendID", "ListID", "DataExtensionName", "Status", "DateCreated", "DEClientID"),
    ),
    "NotSent.csv": (*_STEM, *_TAIL, "Reason"),
    "Opens.csv": (*_STEM, *_TAIL, "IsUnique", *_READER),
    "SendImpression.csv": (
        *("ClientID", "SendID", "SubscriberKey", "EmailAddress", "SubscriberID", "ListID", "EventDate"),
        *("ImpressionRegionName", "BatchID"),
    ),
    "SendJobImpression.csv": (
        *("SendID", "SubscriberKey", "EmailAddress", "EventDate", "ImpressionRegionName", "BatchID"),
    ),
    "SendJobs.csv": (
        *("ClientID", "SendID", "FromName", "FromEmail", "SchedTime", "SentTime", "Subject", "EmailName"),
        *("TriggeredSendExternalKey", "SendDefinitionExternalKey", "JobStatus", "PreviewURL", "IsMultipart"),
        "Additional",
    ),
    "Sent.csv": (*_STEM, *_TAIL),
    "StatusChange.csv": (
        *(
            "ClientID",
            "SubscriberKey",
            "EmailAddress",
            "SubscriberID",
            "OldStatus",
            "NewStatus",
            "DateChanged",
        ),
    ),
    "Subscribers.csv": (
        *("ClientID", "SubscriberKey", "EmailAddress", "SubscriberID", "Status"),
        *("DateHeld", "DateCreated", "DateUnsubscribed"),
    ),
    "Surveys.csv": (*_STEM, "Question", "Answer", *_TAIL),
    "Unsubs.csv": (*_STEM, *_TAIL, "UnsubReason"),
}
