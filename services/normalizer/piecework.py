"""What is to be done with every piece of one file, in a form that another process can be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from services.normalizer.batches import Batch, transform
from services.normalizer.csvfile.pieces import Piece
from services.normalizer.csvfile.scanner import Scanner
from services.normalizer.csvfile.table import Parser
from services.normalizer.layout import Layout
from services.normalizer.plan import Plan, make_plan
from services.normalizer.recipes.model import Recipe


@dataclass(frozen=True)
class PieceWork:
    """Parses and transforms pieces; the same piece becomes the same batch in every process."""

    recipe: Recipe
    layout: Layout
    scanner: Scanner
    pepper: bytes | None = field(default=None, repr=False)

    def __call__(self, piece: Piece) -> Batch:
        """What the piece becomes.

        Raises:
            ParserDisagrees: the parser does not find the rows that the scanner found.
        """
        return transform(self._parser.parse(piece), self.plan, piece.max_rejects)

    def __reduce__(self) -> tuple[type[PieceWork], tuple[Recipe, Layout, Scanner, bytes | None]]:
        return PieceWork, (self.recipe, self.layout, self.scanner, self.pepper)  # each process makes its plan

    @cached_property
    def plan(self) -> Plan:
        """The recipe, applied to the file's columns."""
        return make_plan(self.recipe, self.layout, self.pepper)

    @cached_property
    def _parser(self) -> Parser:
        return Parser(self.scanner, self.plan.positions)
