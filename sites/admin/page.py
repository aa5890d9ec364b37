"""The pages of sites: for those who have the permission `sites.change_site`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from infra import audit
from infra.writing import language
from sites.admin import logo
from sites.admin.form import SiteForm
from sites.admin.questions import OwnQuestions
from sites.line_models import Line
from sites.models import Site
from sites.profile import DEFAULT_KEY, TEXTS

if TYPE_CHECKING:
    Page = admin.ModelAdmin[Site]
else:  # generic for the type checker only
    Page = admin.ModelAdmin

AUDITED = (
    *("name", "origins", "languages", "colour", "dark_colour", "paints_head", "brand", "typing_preview", "texts"),
    *("ask_name", "ask_email", "ask_phone", "ask_topic", "topics", "line_id", "ask_line"),
)
QUESTION_AUDITED = ("kind", "ask", "labels", "choices", "link")


@admin.register(Site)
class SiteAdmin(Page):
    form = SiteForm
    fieldsets = (
        (None, {"fields": ("name", "origins")}),
        (_("Languages"), {"fields": ("languages", "first_language")}),
        (_("Look"), {"fields": ("brand", "logo", "colour", "dark_colour", "paints_head")}),
        (_("Texts"), {"fields": tuple(TEXTS)}),
        (
            _("Questions before a conversation"),
            {"fields": ("ask_name", "ask_email", "ask_phone", "ask_topic", "topics")},
        ),
        (_("Chat"), {"fields": ("typing_preview",)}),
    )
    inlines = (OwnQuestions,)

    def get_fieldsets(self, request: HttpRequest, obj: Site | None = None) -> Any:
        """Nobody reads of lines where there are none."""
        lines = (_("Department"), {"fields": ("line", "ask_line")})
        return (*self.fieldsets, lines) if Line.objects.exists() else self.fieldsets

    list_display = ("__str__", "tag")
    ordering = ("key",)
    show_full_result_count = False

    class Media:
        css = {"all": ["css/admin/site.css"]}

    def has_delete_permission(self, request: HttpRequest, obj: Site | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj is not None and obj.is_default)

    def save_model(self, request: HttpRequest, obj: Site, form: Any, change: bool) -> None:
        form.before = _facts(Site.objects.get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        logo.keep(obj, form.cleaned_data.get("logo"))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The trail says in one entry what became of the site and of its questions."""
        super().save_related(request, form, formsets, change)
        site = form.instance
        if changes := audit.changes(form.before, _facts(Site.objects.get(pk=site.pk))):
            _record("site_changed" if change else "site_created", request, site, **changes)

    def delete_model(self, request: HttpRequest, obj: Site) -> None:
        _record("site_deleted", request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Site]) -> None:
        for site in queryset.exclude(key=DEFAULT_KEY):
            self.delete_model(request, site)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Site | None = None,
    ) -> HttpResponse:
        context |= {"snippet": snippet(obj) if obj else "", "site_languages": language.choices()}
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description=_("tag"))
    def tag(self, site: Site) -> str:
        return format_html('<code>data-site="{}"</code>', site.key) if site.key else "–"


def snippet(site: Site) -> str:
    """What its pages bear; the default site needs no key."""
    key = f' data-site="{site.key}"' if site.key else ""
    return f'<script async src="{settings.PUBLIC_URL}/embed.js"{key}></script>'


def _facts(site: Site) -> dict[str, Any]:
    questions = {
        f"question {one.key}": {name: getattr(one, name) for name in QUESTION_AUDITED}
        for one in site.own_questions.all()
    }
    emblem = site.profile().logo
    own = {name: getattr(site, name) for name in AUDITED}
    return {**own, "logo": emblem.digest if emblem else "", **questions}


def _record(kind: str, request: HttpRequest, site: Site, **detail: Any) -> None:
    audit.record(kind, request.user.get_username(), request, site=str(site), key=site.key, **detail)
