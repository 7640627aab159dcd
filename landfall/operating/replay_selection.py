"""From what an operator asks to have replayed to what is requested of which file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from landfall.operating.finding import today
from landfall.operating.found import Found
from landfall.operating.lines import line_of
from landfall.operating.replay_plans import Plan, Refusal, Wish, plan_replay
from landfall.operating.selecting import select_files
from landfall.operating.states import LISTINGS_AT_ONCE, FileState, recorded_days
from landfall.operating.survey import survey
from shared.concurrency import for_each
from shared.objects.store import ObjectStore
from shared.stages import Stage


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be requested, what cannot be, and how much it is where that is known."""

    plans: list[Plan]
    refused: list[Refusal]
    totals: dict[str, int] = field(default_factory=dict)


async def plan_named(store: ObjectStore, bucket: str, what: str, days: Sequence[date], wish: Wish) -> Planned:
    """The files meant by an id, an address or a prefix."""
    return await _plan(store, bucket, await select_files(store, bucket, what, days), wish)


async def plan_failed(store: ObjectStore, bucket: str, code: str | None, wish: Wish) -> Planned:
    """Every file that has failed, however old: its original is still in landing/, or it was opened again."""
    found = await survey(store, bucket, [today()])
    failed = [state for state in found.unfinished if state.status == "failed"]

    async def code_of(state: FileState) -> str:
        return (await line_of(store, bucket, state)).stands if code else ""

    codes = await for_each(failed, code_of, LISTINGS_AT_ONCE)
    meant = [state for state, its in zip(failed, codes, strict=True) if code is None or its == code]
    return await _plan(store, bucket, [Found(state.file_id, state) for state in meant], wish)


async def plan_stale(
    store: ObjectStore, bucket: str, dataset: str | None, days: Sequence[date] | None, recipes: Path
) -> Planned:
    """Every file of the days whose rows another recipe made than the one in the folder, or other versions of
    its profiles than those of the lock.

    Without days, of all that have records.

    Raises:
        RecipeInvalid: a recipe in the folder is none. UnknownRecipe: none of them makes the dataset.
    """
    # The recipes' library takes a third of a second to load, and only this needs it.
    from landfall.operating.stale import stale_files, totals
    from services.normalizer.locking.lock import ProfileLock
    from services.normalizer.recipes import load_recipes

    book = load_recipes(recipes)
    named = book.named(dataset).dataset if dataset else None
    looked_at = await recorded_days(store, bucket) if days is None else days
    lock = await ProfileLock(store, bucket).read()
    files = await stale_files(store, bucket, looked_at, book, lock, named)
    planned = await plan_again(store, bucket, [each.found for each in files])
    return Planned(planned.plans, planned.refused, totals(files))


async def plan_again(store: ObjectStore, bucket: str, found: Sequence[Found]) -> Planned:
    """Files to be normalised again, or decrypted again where their raw members are gone."""
    return await _plan(store, bucket, found, Wish(Stage.NORMALIZE, force=True, or_earlier=True))


async def _plan(store: ObjectStore, bucket: str, found: Sequence[Found], wish: Wish) -> Planned:
    decided = await for_each(found, lambda each: plan_replay(store, bucket, each, wish), LISTINGS_AT_ONCE)
    return Planned(
        [each for each in decided if isinstance(each, Plan)],
        [each for each in decided if isinstance(each, Refusal)],
    )
