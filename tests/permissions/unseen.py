"""What the roles allow and the scenario of this folder does not show to be needed."""

from __future__ import annotations

from tests.permissions.ledger import Allowance
from tests.permissions.policies import SERVICES

# Why no run can show it.
UNSEEN: dict[Allowance, str] = {
    **{
        (service, "ProtectTask", "ecs:UpdateTaskProtection"): "there is no ECS agent here to make it"
        for service in SERVICES
        if service != "cataloger"  # asks for none
    },
    ("decryptor", "ReadInstructionFiles", "s3:GetObject"): "senders decide whether there are any",
    ("sweep", "Announce", "sns:Publish"): "takes an archiver that stands still for all its tries",
    # What a run that died, or lost a race, left under a name that the run which stands did not use.
    ("archiver", "WriteArchive", "s3:GetObjectVersion"): "originals keep their names",
    ("archiver", "WriteArchive", "s3:DeleteObjectVersion"): "originals keep their names",
    # What is given up half-way; each service is seen to abort, or would, by the same code.
    ("archiver", "WriteArchive", "s3:AbortMultipartUpload"): "takes an original above 5 GB",
    ("normalizer", "WriteQuarantine", "s3:AbortMultipartUpload"): "takes more than 64 MB of rejected rows",
}

# The fault of tests/faults that shows it, by how its name begins; one that does not has a finding.
SEEN_IN_FAULTS: dict[Allowance, str] = {
    ("decryptor", "LookAtBucket", "s3:ListBucketVersions"): "killed after staging.put",
    ("normalizer", "WriteCurated", "s3:AbortMultipartUpload"): "killed after curated.part",
}
