"""Every way an encrypted file can fail to be decrypted and verified: one class a cause.

Messages hold counts, names of settings, AWS's own codes and request ids; never a key or any content.
"""

from __future__ import annotations

from services.decryptor.errors import ASK_SENDER
from shared.errors import ConfigurationError, PermanentError, TransientError

# --- AWS KMS


class KmsUnavailable(TransientError):
    """KMS throttled, timed out, answered with a server error or could not be reached."""

    code = "KMS_UNAVAILABLE"
    advice = "Nothing to do unless it lasts: it is tried again; then check KMS quotas and endpoints."


class KmsAccessDenied(PermanentError):
    """The decryptor's role may not use the key."""

    code = "KMS_ACCESS_DENIED"
    advice = (
        "Allow the decryptor's role kms:Decrypt, in its own policy and in the key's, then replay the file."
    )


class KmsKeyDisabled(PermanentError):
    """The key is disabled, pending deletion or pending import."""

    code = "KMS_KEY_DISABLED"
    advice = "Enable the KMS key (or cancel its deletion), then replay the file."


class KmsKeyNotFound(PermanentError):
    """The key does not exist in this account and Region."""

    code = "KMS_KEY_NOT_FOUND"
    advice = "Have the sender encrypt under a key that exists, and land the file anew."


class KmsKeyNotAllowed(PermanentError):
    """The file is encrypted under a key that the settings do not list."""

    code = "KMS_KEY_NOT_ALLOWED"
    advice = (
        "If the sender's key is the right one, add its ARN to LANDFALL_KMS_KEY_ARNS and replay the file; "
        "otherwise have the sender use another."
    )


class KmsWrongKey(PermanentError):
    """KMS says that another key made this ciphertext."""

    code = "KMS_WRONG_KEY"
    advice = "Compare the KMS key of the sender with LANDFALL_KMS_KEY_ARNS, then replay the file."


class KmsCiphertextRefused(PermanentError):
    """KMS could not authenticate the data key: damaged, or another encryption context."""

    code = "KMS_CIPHERTEXT_REFUSED"
    advice = f"The key material was damaged or belongs to another encryption context. {ASK_SENDER}"


class EncryptionContextMismatch(PermanentError):
    """The file's encryption context lacks a pair that the settings require."""

    code = "ENCRYPTION_CONTEXT_MISMATCH"
    advice = (
        "Have the sender set the encryption context that LANDFALL_KMS_ENCRYPTION_CONTEXT requires, or "
        "correct that setting."
    )


# --- AWS Encryption SDK


class EsdkTruncated(PermanentError):
    """The message ends before its final frame, tag or signature."""

    code = "ESDK_TRUNCATED"
    advice = f"The upload or the encryption was cut short. {ASK_SENDER}"


class EsdkTampered(PermanentError):
    """An authentication tag, the key commitment or the signature does not fit."""

    code = "ESDK_TAMPERED"
    advice = f"The file was changed after encryption, by accident or on purpose. {ASK_SENDER}"


class EsdkMalformed(PermanentError):
    """The message's structure is not that of the AWS Encryption SDK."""

    code = "ESDK_MALFORMED"
    advice = f"The file was damaged, or written by a program that does not follow the format. {ASK_SENDER}"


class EsdkTooManyKeys(PermanentError):
    """The message offers more encrypted data keys than the limit."""

    code = "ESDK_TOO_MANY_KEYS"
    advice = "Have the sender encrypt under fewer keys: the limit stops files that would cost many KMS calls."


# --- Amazon S3 Encryption Client


class S3ecTruncated(PermanentError):
    """The object is shorter than its metadata says, or than a tag alone."""

    code = "S3EC_TRUNCATED"
    advice = f"The upload was cut short. {ASK_SENDER}"


class S3ecTampered(PermanentError):
    """The authentication tag or the key commitment does not fit."""

    code = "S3EC_TAMPERED"
    advice = f"The object or its metadata was changed after encryption. {ASK_SENDER}"


class S3ecVersion1(PermanentError):
    """The object was encrypted as version 1 of the client does: without binding key and content together."""

    code = "S3EC_V1_REFUSED"
    advice = "Have the sender move to version 2 or later of the S3 Encryption Client, with KMS keys."


class S3ecUnsupported(PermanentError):
    """The data key is not wrapped by KMS, or the content is not encrypted by AES-GCM."""

    code = "S3EC_UNSUPPORTED"
    advice = "Have the sender use the S3 Encryption Client with a KMS key and its default algorithm."


class S3ecMetadataInvalid(PermanentError):
    """An encryption field of the metadata or of the instruction file is missing or cannot be understood."""

    code = "S3EC_METADATA_INVALID"
    advice = "See that the object was copied with its metadata, or ask the sender to land it anew."


class S3ecMetadataMixed(PermanentError):
    """Fields of different versions of the format stand together, which no client writes."""

    code = "S3EC_METADATA_MIXED"
    advice = "Somebody changed the metadata or the instruction file, perhaps to weaken it: find out who."


class S3ecInstructionMissing(TransientError):
    """The metadata points to an instruction file that is not there, perhaps not yet."""

    code = "S3EC_INSTRUCTION_MISSING"
    advice = "See that the instruction file lands beside the object; it is looked for again by itself."


# --- KMS ciphertexts


class KmsBlobTooLarge(PermanentError):
    """The object is declared to be a KMS ciphertext and is larger than KMS makes them."""

    code = "KMS_BLOB_TOO_LARGE"
    advice = "KMS itself encrypts 4 KiB at most: have the sender use the AWS Encryption SDK."


# --- OpenPGP


class PgpSecretUnreadable(ConfigurationError):
    """A secret that should hold a PGP key does not exist, or the decryptor's role may not read it."""

    code = "PGP_SECRET_UNREADABLE"
    advice = (
        "Compare LANDFALL_PGP_PRIVATE_KEYS and LANDFALL_PGP_SIGNER_KEYS with the names in Secrets Manager, "
        "allow the decryptor's role secretsmanager:GetSecretValue on them, and kms:Decrypt on a key of your "
        "own that they are under (SecretKeyArns of the roles stack), then replay the file."
    )


class PgpSecretUnusable(ConfigurationError):
    """What should be a PGP key is something else."""

    code = "PGP_SECRET_UNUSABLE"
    advice = (
        "Export the key again (gpg --export-secret-keys) and store it as docs/encryption.md shows, then "
        "replay the file."
    )


class PgpNoKey(PermanentError):
    """The message is for none of the private keys at hand."""

    code = "PGP_NO_KEY"
    advice = (
        "Have the sender encrypt for the public key of this installation, or add the private key they used."
    )


class PgpPassphraseWrong(PermanentError):
    """The private key is at hand, but its passphrase is not."""

    code = "PGP_PASSPHRASE_WRONG"
    advice = "Correct the passphrase that is stored with the private key, then replay the file."


class PgpInterrupted(TransientError):
    """gpg or its agent was killed while it decrypted, which says nothing about the message."""

    code = "PGP_INTERRUPTED"
    advice = (
        "Nothing to do unless it lasts: it is tried again; then see what kills gpg (too little memory above "
        "all) and give the decryptor's tasks more."
    )


class PgpTruncated(PermanentError):
    """The message ends before its last packet or the armor's last line."""

    code = "PGP_TRUNCATED"
    advice = f"The upload or the encryption was cut short. {ASK_SENDER}"


class PgpTampered(PermanentError):
    """gpg found that the message does not pass its integrity check."""

    code = "PGP_TAMPERED"
    advice = f"The file was changed after encryption, by accident or on purpose. {ASK_SENDER}"


class PgpArmorMalformed(PermanentError):
    """The armor (the text around an OpenPGP message) cannot be decoded."""

    code = "PGP_ARMOR_MALFORMED"
    advice = (
        "An e-mail program, an editor or a conversion changed the text. Have the sender send the file as it "
        "was written, or in the binary form (gpg without --armor)."
    )


class PgpMalformed(PermanentError):
    """The message's packets are not those of an encrypted OpenPGP message."""

    code = "PGP_MALFORMED"
    advice = f"The file was damaged, or written by a program that does not follow the format. {ASK_SENDER}"


class PgpNotEncrypted(PermanentError):
    """The message is signed or packed, but not encrypted."""

    code = "PGP_NOT_ENCRYPTED"
    advice = "Have the sender encrypt the file, or send it without OpenPGP around it."


class PgpNotProtected(PermanentError):
    """The message has no integrity protection, so that changes would go unseen."""

    code = "PGP_NOT_PROTECTED"
    advice = "Have the sender use a program of this century: all of them protect integrity by default."


class PgpUnsupported(PermanentError):
    """The message is encrypted or packed in a way that is not read, under a passphrase for example."""

    code = "PGP_UNSUPPORTED"
    advice = (
        "Have the sender encrypt for the public key, named in the message, in the form of RFC 4880 (the "
        "default of GnuPG)."
    )


class PgpSessionKeyRefused(PermanentError):
    """The message names one of the private keys at hand, but that key does not open it."""

    code = "PGP_SESSION_KEY_REFUSED"
    advice = (
        "The start of the file was damaged, or the sender encrypts for another key with the same id. Compare "
        f"the fingerprints of both public keys. {ASK_SENDER}"
    )


class PgpGpgFailed(PermanentError):
    """gpg ended with an error that has no code of its own here."""

    code = "PGP_GPG_FAILED"
    advice = (
        "Decrypt the file by hand (gpg --verbose --decrypt) and see what gpg says; the reason names the "
        "place and the number of its error (gpg-error NUMBER explains it)."
    )


class PgpSignatureMissing(PermanentError):
    """The settings require a signature, and the message has none."""

    code = "PGP_SIGNATURE_MISSING"
    advice = "Have the sender sign the file, or remove the required signer from the settings."


class PgpSignatureRefused(PermanentError):
    """The signature is wrong, expired, or not by a required signer."""

    code = "PGP_SIGNATURE_REFUSED"
    advice = "Find out who signed the file; if the signer is right, add the key and its fingerprint."


class PgpSignatureUnsupported(PermanentError):
    """The settings require a signature, and gpg cannot read the one that the message has."""

    code = "PGP_SIGNATURE_UNSUPPORTED"
    advice = "Have the sender sign in the form of RFC 4880 (version 4), with RSA or Ed25519 and SHA-256."
