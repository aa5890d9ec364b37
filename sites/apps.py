from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as present
from django.db.models.signals import post_delete, post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class SitesConfig(AppConfig):
    name = "sites"
    verbose_name = _("Websites with the widget")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from infra.redis import push
        from sites import lookup

        push.listen(lookup.on_push)
        # What stands in the memory of every process; hours come with their site.
        for model in (*self.get_models(), *present.get_app_config("hours").get_models()):
            for signal in (post_save, post_delete):
                signal.connect(lookup.saved, sender=model, dispatch_uid=f"sites.{model.__name__}")
        post_migrate.connect(_make_default, sender=self)


def _make_default(using: str, apps: Any = present, **_more: Any) -> None:
    """So that there is something to edit. Where the row is missing (an emptied table) the site is as it came."""
    if "sites" in apps.app_configs:
        site = apps.get_model("sites", "Site")
        site.objects.using(using).bulk_create([site(key="")], ignore_conflicts=True)
