"""What of a recipe enters its fingerprint, so that a new option does not change those of existing recipes.

A fingerprint that changes marks every file that the recipe made as stale. So an option that is added to a
recipe must not enter the fingerprint while it has its default: then nothing changes for its files.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel


class FingerprintedModel(BaseModel):
    """A part of a recipe that knows which of its options enter the fingerprint.

    A new option needs no entry in either set: it enters once its value is not its default.
    """

    always_in_fingerprint: ClassVar[frozenset[str]] = frozenset()
    """Options that enter with their defaults too: those that the first fingerprints had. Never add one."""
    never_in_fingerprint: ClassVar[frozenset[str]] = frozenset()
    """Options that change no row and no column of the output."""


def fingerprint_content(model: FingerprintedModel) -> dict[str, object]:
    """The options that enter the fingerprint, and their values, as JSON takes them."""
    content: dict[str, Any] = model.model_dump(mode="json")
    _leave_out(model, content)
    return content


def _leave_out(value: object, dumped: Any) -> None:
    """Take out of a dump, in place, what does not enter the fingerprint, at every depth."""
    if isinstance(value, FingerprintedModel):
        for name in type(value).model_fields:
            option = getattr(value, name)
            if _enters(value, name, option):
                _leave_out(option, dumped[name])
            else:
                del dumped[name]
    elif isinstance(value, dict):
        for key, item in value.items():
            _leave_out(item, dumped[key])
    elif isinstance(value, tuple):
        for item, its_dump in zip(value, dumped, strict=True):
            _leave_out(item, its_dump)


def _enters(model: FingerprintedModel, name: str, option: object) -> bool:
    if name in model.never_in_fingerprint:
        return False
    default = type(model).model_fields[name].get_default(call_default_factory=True, validated_data={})
    return name in model.always_in_fingerprint or option != default
