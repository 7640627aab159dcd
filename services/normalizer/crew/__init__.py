"""The processes that share the work on a file, so that it goes as fast as the task's vCPUs allow."""

from services.normalizer.crew.crew import Crew

__all__ = ["Crew"]
