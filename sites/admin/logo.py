"""The logo of a site as somebody uploads it: drawn anew before it is kept."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from infra import pictures
from infra.errors import DomainError
from infra.pictures import FORMATS, Picture
from sites.models import LOGO_BOX, Logo, Site
from sites.profile import Emblem
from sites.views import logo_url

UPLOAD_MOST = 180 * 1024
"""Bytes, within what a form of the admin may bring (support/server/body_limit.py). The page's script makes larger ones
smaller before they are sent."""
KEPT_MOST = 100 * 1024


class Shown:
    """A logo that is there, as Django's field for files wants it."""

    def __init__(self, emblem: Emblem) -> None:
        self.url = logo_url(emblem)

    def __str__(self) -> str:
        return str(_("the logo now"))


class LogoField(forms.FileField):
    """Cleaned to a Picture; False: it goes; anything else: it stays."""

    def __init__(self, **options: Any) -> None:
        accept = {"accept": ",".join(FORMATS), "data-most": UPLOAD_MOST, "data-box": "x".join(map(str, LOGO_BOX))}
        super().__init__(required=False, widget=forms.ClearableFileInput(attrs=accept), **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = super().clean(data, initial)
        if not isinstance(given, UploadedFile):
            return given
        if (given.size or 0) > UPLOAD_MOST:
            raise ValidationError(_("At most %(n)s KB.") % {"n": UPLOAD_MOST // 1024})
        assert given.file is not None
        try:
            picture = pictures.emblem(given.file, LOGO_BOX)
        except DomainError as error:
            raise ValidationError(error.message) from error
        if len(picture.content) > KEPT_MOST:
            raise ValidationError(_("This picture has too many details for a logo: it would slow every page down."))
        return picture


def emblem_of(picture: Picture) -> Emblem:
    return Emblem(hashlib.sha256(picture.content).hexdigest()[:16], picture.width, picture.height)


def keep(site: Site, given: Any) -> None:
    """What the field says becomes of the site's logo."""
    if isinstance(given, Picture):
        emblem = emblem_of(given)
        values = {"content": given.content, "digest": emblem.digest, "width": given.width, "height": given.height}
        Logo.objects.update_or_create(site=site, defaults=values)
    elif given is False:
        for logo in Logo.objects.filter(site=site):
            logo.delete()
