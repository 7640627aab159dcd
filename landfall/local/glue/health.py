"""Where the front says that it runs: no service of AWS has such a path."""

from __future__ import annotations

HEALTH_PATH = "/_landfall/health"
