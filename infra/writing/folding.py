"""Search as people mean it: without case, marks and the four kinds of i, in every database.

Databases cannot be asked to do it: SQLite folds ASCII alone, and PostgreSQL by the rules of one language, in which `I`
and `ı` belong together or not. So a row carries its words folded (`FoldedField`), and what is searched is folded by the
same function (`FoldedSearch`).
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from infra.storable import storable

if TYPE_CHECKING:
    Text = models.TextField[str, str]
else:  # generic for the type checker only
    Text = models.TextField

FOLDED_MAX = 8_000
"""Characters. A few letters fold to eighteen; nobody searches for the end of 4,000 of them."""
AT_ONCE = 500


def fold(text: str) -> str:
    """`IŞIK`, `ışık` and `isik` are the same here, and `İade` is `iade`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    # Twice: a compatibility character may decompose into capitals.
    letters = (letter for letter in plain.casefold() if not unicodedata.combining(letter))
    return storable("".join(letters).replace("ı", "i"))[:FOLDED_MAX]


class FoldedField(Text):
    """What the `sources`, other fields of the row, say: written with every save and `bulk_create`.

    Not by `update()`, and by `save(update_fields=…)` only when it is named there as well.
    """

    def __init__(self, *sources: str, **options: Any) -> None:
        self.sources = sources
        # The default in the database is for a release before this one, which still writes while it is replaced.
        fixed: dict[str, Any] = {"default": "", "db_default": "", "blank": True, "editable": False}
        super().__init__(**(fixed | options))

    def deconstruct(self) -> Any:
        name, path, _arguments, options = super().deconstruct()
        for given in ("default", "db_default", "blank", "editable"):
            options.pop(given, None)
        return name, path, self.sources, options

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        folded = fold_of(model_instance, self.sources)
        setattr(model_instance, self.attname, folded)
        return folded


def fold_of(row: models.Model, sources: tuple[str, ...]) -> str:
    return fold("\n".join(str(getattr(row, name)) for name in sources))


def fill(model: type[models.Model], name: str, sources: tuple[str, ...]) -> int:
    """For a migration: fills the column of rows that have none, a bounded batch at a time; how many there were.

    Begun again it goes on where it stopped; every batch is a transaction of its own.
    """
    last: Any = None
    filled = 0
    while True:
        rows = model._default_manager.filter(**{name: ""}).order_by("pk")
        if last is not None:
            rows = rows.filter(pk__gt=last)
        batch = list(rows.only("pk", *sources)[:AT_ONCE])
        if not batch:
            return filled
        for row in batch:
            setattr(row, name, fold_of(row, sources))
        filled += model._default_manager.bulk_update(batch, [name])
        last = batch[-1].pk


class FoldedSearch:
    """For a ModelAdmin whose `search_fields` are folded columns (`folded__contains`) and others in plain ASCII."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found: tuple[QuerySet[Any], bool] = super().get_search_results(  # type: ignore[misc]
            request, queryset, fold(search_term)
        )
        return found
