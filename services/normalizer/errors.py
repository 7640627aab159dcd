"""Every way the normalizer refuses a file or a recipe.

Messages hold names from recipes, record numbers and counts only: never a value, and never the first line of a
file that may have no header.
"""

from __future__ import annotations

from shared.errors import ConfigurationError, PermanentError, TransientError


class RecipeInvalid(PermanentError):
    """A recipe does not say what is needed, or says it wrongly."""

    code = "RECIPE_INVALID"
    advice = "Correct the recipe at the line named, deploy it and replay the file."


class UnknownRecipe(PermanentError):
    """A recipe was asked for by a name that no loaded recipe has."""

    code = "UNKNOWN_RECIPE"
    advice = "Use one of the datasets that `landfall recipe list` shows, or add a recipe for this one."


class NoRecipe(PermanentError):
    """No member of the file has a recipe, so there is nothing to make of it."""

    code = "NO_RECIPE"
    advice = "Add a recipe whose `match` fits the member's name, deploy it, and replay the file."


class HeaderMismatch(PermanentError):
    """The first record does not name every column that the recipe requires, or holds values of rows."""

    code = "HEADER_MISMATCH"
    advice = (
        "Compare the file's header with the recipe: export the missing columns, give their other names as "
        "`aliases`, or state `header: none` for files without a header; then replay the file. A file without "
        "line ends (CRLF, LF or CR) must be exported with them and landed again."
    )


class UnsupportedEncoding(PermanentError):
    """The file's byte order mark tells of an encoding that is not read, such as UTF-32."""

    code = "UNSUPPORTED_ENCODING"
    advice = "Export the file in UTF-8 or UTF-16, and land it again."


class AmbiguousHeader(PermanentError):
    """The header names a column that the recipe uses more than once."""

    code = "AMBIGUOUS_HEADER"
    advice = "Export the file with one column of each name that the recipe uses, and land it again."


class TooManyBadRows(PermanentError):
    """More of the file's rows are damaged than its recipe tolerates."""

    code = "TOO_MANY_BAD_ROWS"
    advice = (
        "Look at the reasons under quarantine/; correct the export and land the file again, or raise "
        "`max_rejected` in the recipe and replay it."
    )


class AccountMismatch(PermanentError):
    """Rows in and rows accounted for differ: a defect of this program, so nothing is published."""

    code = "ACCOUNT_MISMATCH"
    advice = "Report this with the file's id; nothing of the file was published."


class AccountMissing(PermanentError):
    """A Parquet object holds no row account, so it was not written by the normalizer."""

    code = "ACCOUNT_MISSING"
    advice = "Remove the object, which this system did not write, and replay the file."


class ParserDisagrees(PermanentError):
    """Two readings of the same records differ: a defect of this program, so nothing is published."""

    code = "PARSER_DISAGREES"
    advice = "Report this with the file's id; nothing of the file was published."


class PepperUnreadable(ConfigurationError):
    """The secret with the pepper does not exist, or the normalizer's role may not read it."""

    code = "PEPPER_UNREADABLE"
    advice = (
        "Compare LANDFALL_PEPPER_SECRET_ARN with the secret in Secrets Manager, allow the normalizer's role "
        "secretsmanager:GetSecretValue on it, and kms:Decrypt on a key of your own that it is under "
        "(SecretKeyArns of the roles stack), then start the service again or replay the file."
    )


class PepperUnusable(ConfigurationError):
    """What should be the pepper is empty, or is something else."""

    code = "PEPPER_UNUSABLE"
    advice = (
        "Store at least 32 random bytes, as they are or as the text of `pepper` in JSON "
        "(docs/privacy.md shows how), then start the service again or replay the file."
    )


class ProfileLockUnreadable(PermanentError):
    """The object with the lock on profile versions holds something else."""

    code = "PROFILE_LOCK_UNREADABLE"
    advice = (
        "Restore the last good version of recipes/profiles.json in the ingest bucket, which keeps "
        "them all, then replay the file."
    )


class ProfileVersionUnknown(TransientError):
    """A table holds keys of a profile version that this release of the normalizer does not have."""

    code = "PROFILE_VERSION_UNKNOWN"
    advice = (
        "Deploy the release that the table was begun or upgraded with, or a later one: files are tried again "
        "until their messages expire. Then replay the files that failed."
    )


class ProfileLockContended(TransientError):
    """Other writers changed the lock on profile versions each time that this one tried to."""

    code = "PROFILE_LOCK_CONTENDED"
    advice = "Nothing to do: the file is tried again. If it lasts, see what writes recipes/profiles.json."
