"""What a site would be with what stands in its form: whatever of it is right, and the rest as it was."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.forms import inlineformset_factory

from infra.pictures import Picture
from sites.admin.form import SiteForm
from sites.admin.logo import emblem_of
from sites.admin.questions import OwnQuestionForm, OwnQuestionFormSet
from sites.models import OwnQuestion, Site
from sites.profile import Profile
from sites.questions import OWN_MOST

PREFIX = "own_questions"
_FormSet: Any = inlineformset_factory(
    Site,
    OwnQuestion,
    form=OwnQuestionForm,
    formset=OwnQuestionFormSet,
    extra=0,
    max_num=OWN_MOST,
    absolute_max=OWN_MOST * 2,
)


@dataclass(frozen=True)
class Draft:
    """`logo`: one that was just chosen, as an address that holds it."""

    profile: Profile
    logo: str = ""


def drafted(data: Mapping[str, Any], files: Any, row: Site | None) -> Draft:
    """Of the form as it is sent, `row` being what it is of. Nothing is written."""
    form = SiteForm(data, files, instance=row or Site())
    form.is_valid()
    site = form.instance
    profile = replace(site.profile(), questions=site.questions(_questions(data, site)))
    logo = form.cleaned_data.get("logo")
    if isinstance(logo, Picture):
        content = base64.b64encode(logo.content).decode()
        return Draft(replace(profile, logo=emblem_of(logo)), f"data:image/webp;base64,{content}")
    return Draft(replace(profile, logo=None) if logo is False else profile)


def _questions(data: Mapping[str, Any], site: Site) -> list[OwnQuestion]:
    if f"{PREFIX}-TOTAL_FORMS" not in data:
        return []
    formset = _FormSet(data, instance=site, prefix=PREFIX)
    formset.is_valid()
    right = [form for form in formset.forms if (not form.errors and form.has_changed()) or form.instance.pk]
    kept = [form.instance for form in right if not form.errors and not form.cleaned_data.get("DELETE")]
    return sorted(kept, key=lambda question: question.position)[:OWN_MOST]
