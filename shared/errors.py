"""Every way a file can fail: one class a cause, each with a stable code and what to do about it.

Messages are built from fixed words plus facts that are safe to show (counts, record numbers, names of our own
making). They must never contain a value that was read from a landed file.
"""

from __future__ import annotations

from typing import ClassVar


class LandfallError(Exception):
    """A failure with a stable ``code`` and an ``advice`` sentence that says what to do about it."""

    code: ClassVar[str]
    advice: ClassVar[str]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class PermanentError(LandfallError):
    """Trying again cannot help: the file fails now, with its reason, and its message is dead-lettered."""


class TransientError(LandfallError):
    """Trying again may help: the message goes back to its queue with a growing, jittered delay."""


class AwsUnavailable(TransientError):
    """AWS throttled, timed out or answered with a server error."""

    code = "AWS_UNAVAILABLE"
    advice = "Nothing to do unless it lasts: it is tried again by itself; then check AWS Health and quotas."


class AwsAccessDenied(PermanentError):
    """The service's role may not do what it must."""

    code = "AWS_ACCESS_DENIED"
    advice = (
        "Grant the service's role the action named here (deploy/ecs/ has each role), then replay the file."
    )


class AwsRefused(PermanentError):
    """AWS refused a request for a reason that trying again does not change."""

    code = "AWS_REFUSED"
    advice = "Compare the deployed stacks with deploy/ecs/ for the resource named here, then replay the file."


class TimeLimitExceeded(PermanentError):
    """A stage worked on a file for longer than the limit allows, and gave it up."""

    code = "TIME_LIMIT_EXCEEDED"
    advice = (
        "Treat a small file that takes so long as hostile until its sender explains it. Otherwise split the "
        "extract, give the stage's tasks more vCPUs, or raise LANDFALL_MAX_FILE_SECONDS (at most 36000), "
        "and replay the file."
    )


class MessageHeldTooLong(TransientError):
    """SQS was about to end a message's visibility before all that it asks for was done."""

    code = "MESSAGE_HELD_TOO_LONG"
    advice = (
        "Nothing to do unless it lasts: the next receive goes on with what is not done yet. If it lasts, "
        "send fewer records in one message, or lower LANDFALL_CRAWL_LIMIT_SECONDS in the catalog stage."
    )


class ConfigurationError(PermanentError):
    """The service is set up in a way it must not run with."""

    code = "CONFIGURATION"
    advice = "Correct the setting named here (docs/settings.md) and start the service again."


class RejectedMessage(PermanentError):
    """A message that names no file of this deployment: nothing is recorded under the name that it gives.

    ``explanation`` is what is announced about it. What a message says itself is never announced.
    """

    explanation: ClassVar[str]


class UnreadableMessage(RejectedMessage):
    """A queue message is neither an S3 notification nor one of our events."""

    code = "MESSAGE_UNREADABLE"
    explanation = "a message is neither an S3 notification nor one of our events"
    advice = (
        "See who sends to this queue; only S3 and the event bus should. Drop the dead letter when understood."
    )


class MessageContradicted(RejectedMessage):
    """A message describes a file otherwise than S3 or the file's own records do."""

    code = "MESSAGE_CONTRADICTED"
    explanation = "a message describes a file otherwise than S3 or the records of the file do"
    advice = (
        "Find out who sent it (docs/security.md): S3, the services and the commands send no such message. "
        "Drop the dead letter then; the file itself is not affected."
    )


class GenerationNotOpened(RejectedMessage):
    """A message is about a generation of a file that no operator has opened."""

    code = "GENERATION_NOT_OPENED"
    explanation = "a message is about a run over a file that no operator has asked for"
    advice = (
        "Find out who sent it (docs/security.md): a replay is recorded before it is requested. Drop the dead "
        "letter then. If the record opened.N.json was deleted, restore it and send the dead letter back."
    )


class FileNotRecorded(RejectedMessage):
    """A message is about work on a file of which there is no record."""

    code = "FILE_NOT_RECORDED"
    explanation = "a message is about work on a file of which there is no record"
    advice = (
        "Find out who sent it (docs/security.md) and drop the dead letter. If the file's manifests were "
        "deleted, restore them and send the dead letter back."
    )


class WrongBucket(RejectedMessage):
    """A message names an object outside the ingest bucket's landing/."""

    code = "WRONG_BUCKET"
    explanation = "a message is about an object outside the ingest bucket's landing/"
    advice = "Send only objects of the configured ingest bucket's landing/ to the decrypt queue."


REJECTION_CODES = frozenset(
    each.code
    for each in (UnreadableMessage, MessageContradicted, GenerationNotOpened, FileNotRecorded, WrongBucket)
)
"""Of messages that their stage refuses every time, whatever has become of the file since."""


class OtherDeployment(PermanentError):
    """A record or a message is about a file in the ingest bucket of another deployment."""

    code = "OTHER_DEPLOYMENT"
    advice = (
        "Work on the file in the deployment that owns its bucket. Records that were copied from another "
        "bucket keep its name, so this deployment cannot run their files again."
    )


class Unversioned(PermanentError):
    """A landed object has no version of its own: the bucket's versioning was off or suspended then."""

    code = "UNVERSIONED"
    advice = (
        "Switch the ingest bucket's versioning on (deploy/ecs/storage.yaml) and land the file again: what "
        "overwrote it under its key could not be told from it."
    )


class LandingGone(PermanentError):
    """The landed version no longer exists and no manifest says why."""

    code = "LANDING_GONE"
    advice = "Find out who deletes from landing/ (only the archiver may) and land the file again."


class ObjectVanished(TransientError):
    """An object was moved or deleted while a stage was reading it."""

    code = "OBJECT_VANISHED"
    advice = (
        "Nothing to do: it is tried again where the object lies now. If it lasts, the object is gone: replay "
        "the file with --from decrypt --force."
    )


class SnapshotShrunk(PermanentError):
    """A snapshot was held back: it has far fewer rows than the current one that it would replace."""

    code = "SNAPSHOT_SHRUNK"
    advice = (
        "Look at the extract. If it is right, accept it: `landfall replay FILE_ID --accept-shrink --because "
        "TEXT`. If it is not, land a correct one, and close this failure: `landfall resolve FILE_ID "
        "--because TEXT`."
    )


class Stalled(TransientError):
    """A file made no progress for a long time, and no stage has said why."""

    code = "STALLED"
    advice = (
        "See whether the stage's service runs and its queue moves (docs/operations.md says how), "
        "then replay the file."
    )


class WorkerDied(TransientError):
    """A message was received as often as its queue allows, and no worker lived to say why it failed."""

    code = "WORKER_DIED"
    advice = (
        "Read why the stage's tasks stopped (ECS says so; out of memory above all), give them more memory or "
        "a smaller file, then replay the file."
    )


class UpstreamMissing(TransientError):
    """A replay builds on a manifest that is not there."""

    code = "UPSTREAM_MANIFEST_MISSING"
    advice = "Replay the file from the stage before; the manifest was deleted or its lifecycle ended."


class UploadInterrupted(TransientError):
    """An upload was undone from outside before it was complete."""

    code = "UPLOAD_INTERRUPTED"
    advice = "Nothing to do: the stage runs again. If it lasts, see what aborts uploads in the bucket."


class Unexpected(TransientError):
    """A defect in Landfall: an exception no one foresaw."""

    code = "UNEXPECTED"
    advice = "Search the service's log for this message id, and report the trace (it holds no data values)."
