"""Run the normalizer: ``python -m services.normalizer``."""

from __future__ import annotations

from services.normalizer.crew.crew import Crew
from services.normalizer.errors import RecipeInvalid
from services.normalizer.footprint import row_footprint
from services.normalizer.handler import NormalizeHandler
from services.normalizer.pepper import PepperSecret
from services.normalizer.recipes import load_recipes
from services.normalizer.settings import NormalizerSettings
from services.normalizer.vcpus import usable_vcpus
from shared.commit import Committer
from shared.errors import ConfigurationError, TransientError
from shared.events import FileNormalized
from shared.logs import get_logger
from shared.manifests import NormalizeManifest
from shared.worker.handler import Handler
from shared.worker.service import Parts, run_service

log = get_logger()


async def build(settings: NormalizerSettings, parts: Parts) -> Handler:
    """Wire the handler; a recipe that is wrong, or a pepper, stops the service before it takes a message."""
    try:
        recipes = load_recipes(settings.recipes)
    except RecipeInvalid as error:
        raise ConfigurationError(error.message) from None
    return NormalizeHandler(
        store=parts.store,
        committer=Committer(
            parts.store,
            parts.bus,
            NormalizeManifest,
            FileNormalized,
            row_footprint(parts.store, settings.curated_bucket),
            settings.max_file_seconds,
        ),
        recipes=recipes,
        curated_bucket=settings.curated_bucket,
        crew=parts.closing.enter_context(Crew(usable_vcpus())),
        pepper=await _pepper(settings, parts),
        quarantine=settings.quarantine,
    )


async def _pepper(settings: NormalizerSettings, parts: Parts) -> PepperSecret | None:
    """The pepper's secret, read once so that a wrong one is told now; each file asks for it again."""
    if settings.pepper_secret_arn is None:
        return None
    secret = PepperSecret(await parts.clients.secrets(), settings.pepper_secret_arn)
    try:
        await secret.current()
    except TransientError as error:
        log.warning("pepper_not_yet_read", code=error.code, reason=error.message)
    return secret


if __name__ == "__main__":
    run_service("normalizer", NormalizerSettings, build)
