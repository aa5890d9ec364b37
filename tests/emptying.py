"""Between tests that commit: every table as it was right after the migrations.

Django's own flush empties each table and has every app fill its tables anew, which takes longer than most tests.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, models, transaction


class Beginning:
    """The rows of all tables when this is made."""

    def __init__(self) -> None:
        tables = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
        self._filled = {model: list(_rows(model)) for model in tables if _rows(model).exists()}
        self._values = {model: _values(model) for model in self._filled}
        self._empty = [model for model in tables if model not in self._filled]

    def restore(self) -> None:
        """Deletes what has come, and brings back what has changed or is gone, as it was."""
        changed = [model for model, values in self._values.items() if _values(model) != values]
        used = self._used()
        if not changed and not used:
            return
        # Foreign keys are looked at when all of it is done.
        with transaction.atomic(), connection.cursor() as cursor:
            for model in changed + used:
                cursor.execute(f"DELETE FROM {_table(model)}")
            for model in changed:
                _rows(model).bulk_create(self._filled[model])

    def _used(self) -> list[type[models.Model]]:
        """Which of the empty tables have rows now; one question for all of them."""
        asked = (
            f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {_table(model)})" for number, model in enumerate(self._empty)
        )
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(asked))
            return [self._empty[number] for (number,) in cursor.fetchall()]


def _rows(model: type[models.Model]) -> models.QuerySet[Any]:
    return model._base_manager.order_by("pk")


def _values(model: type[models.Model]) -> list[tuple[Any, ...]]:
    """As the database gives them: this is asked after each test, and they are only compared."""
    key = connection.ops.quote_name(str(model._meta.pk.column))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {_table(model)} ORDER BY {key}")
        return list(cursor.fetchall())


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
