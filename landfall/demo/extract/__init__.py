"""A realistic Tracking Extract, made from one seed, about nobody.

Every address ends in a reserved domain, every IP address is from a documentation range, and every phone
number is from a range that its country keeps for fiction: nothing here can reach or describe a real person.
"""

from landfall.demo.extract.build import Extract, build_extract
from landfall.demo.extract.personal import Category

__all__ = ["Category", "Extract", "build_extract"]
