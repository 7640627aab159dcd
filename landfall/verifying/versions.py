"""Columns that hold match keys of two versions of their profile: one person has two keys there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from landfall.verifying.expected import Expected
from landfall.verifying.report import Code, Discrepancy
from shared.manifests import CuratedObject


def mixed_versions(shown: Sequence[Expected]) -> Iterator[Discrepancy]:
    """A discrepancy for each column, of all objects that a table shows and that have any row."""
    filled = [each for each in shown if each.curated.rows.rows_out]
    names = _profile_names(each.curated for each in filled)
    files: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for each in filled:
        for column, profile in _profiles(each.curated, names).items():
            files[column][profile].add(each.file_id)
            rows[column][profile] += each.curated.rows.rows_out
    for column, by_profile in sorted(files.items()):
        if len(by_profile) > 1:
            held = " and ".join(
                f"{profile} ({_counted(rows[column][profile], 'row')} of {_counted(len(ids), 'file')})"
                for profile, ids in sorted(by_profile.items())
            )
            dataset = filled[0].curated.dataset
            yield Discrepancy(
                code=Code.PROFILE_VERSIONS_MIXED,
                message=f"{column} holds keys of {held}: run `landfall replay {dataset} --stale`",
                where=column,
            )


def _profile_names(objects: Iterable[CuratedObject]) -> dict[str, str]:
    """By column the name of its profile, as far as any manifest records it."""
    return {
        column: profile.partition("@")[0]
        for curated in objects
        for column, profile in (curated.profiles or {}).items()
    }


def _profiles(curated: CuratedObject, names: Mapping[str, str]) -> Mapping[str, str]:
    """An object's profile by column; where its manifest is older than the record, version 1."""
    if curated.profiles is not None:
        return curated.profiles
    return {column: f"{name}@1" for column, name in names.items() if column in curated.columns}


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
