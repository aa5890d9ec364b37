"""Websites that bear the widget."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from infra.writing.text import clean_line, is_visible
from sites.colours import Colours
from sites.line_models import Line as Line
from sites.line_models import Member as Member
from sites.profile import DEFAULT_KEY, KEY_MAX, TEXTS, Emblem, Profile
from sites.questions import (
    LABEL_MOST,
    LINK_MOST,
    OWN,
    OWN_MOST,
    STANDARD,
    Ask,
    Kind,
    Question,
    choices_of,
    words_of,
)

KEY_LENGTH = 16
NAME_MAX = 80
COLOUR_MAX = 7
BRAND_MAX = 40
LOGO_BOX = (480, 96)
"""Three times as large as it is shown, for screens that have so many pixels."""
SITES_MOST = 200
"""All of them stand in the memory of every process."""


def new_key() -> str:
    """Public and random: it is in the tag of every page, and says nothing."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(KEY_LENGTH))


def _asks(label: Any, default: Ask) -> Any:
    return models.CharField(label, max_length=24, choices=Ask.choices, default=default, db_default=default.value)


class Site(models.Model):
    """A website that bears the widget. The one without a key is the default: it is always there, and the only one for
    whoever has one site."""

    key = models.CharField(_("key"), max_length=KEY_MAX, unique=True, blank=True, default=new_key, editable=False)
    name = models.CharField(
        _("name"), max_length=NAME_MAX, blank=True, help_text=_("Operators see it; customers do not.")
    )
    origins = models.JSONField(_("origins"), default=list, blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    colour = models.CharField(_("colour"), max_length=COLOUR_MAX, blank=True, default="", db_default="")
    dark_colour = models.CharField(
        _("colour in the dark"), max_length=COLOUR_MAX, blank=True, default="", db_default=""
    )
    paints_head = models.BooleanField(_("paint the head in the colour"), default=False, db_default=False)
    typing_preview = models.BooleanField(
        _("typing preview"),
        default=False,
        db_default=False,
        help_text=_(
            "Operators see what a customer is writing before it is sent. The customer reads so under the field; name "
            "it in your privacy notice."
        ),
    )

    brand = models.CharField(
        _("name in the head"),
        max_length=BRAND_MAX,
        blank=True,
        default="",
        db_default="",
        help_text=_("Customers read it above the form; with a logo, those do who cannot see it."),
    )
    ask_name = _asks(_("Name"), Ask.REQUIRED)
    ask_email = _asks(_("E-mail"), Ask.NEVER)
    ask_phone = _asks(_("Phone"), Ask.NEVER)
    ask_topic = _asks(_("Topic"), Ask.OPTIONAL)
    line = models.ForeignKey(
        Line,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
        help_text=_(
            "Where its customers wait who have chosen none. Leave empty for those whom all serve who serve no "
            "department."
        ),
    )
    ask_line = _asks(_("Department"), Ask.NEVER)
    # Language → lines; without any, customers write the topic themselves.
    topics = models.JSONField(_("topics"), default=dict, db_default={}, blank=True)
    # Language → name of a text (sites.profile.TEXTS) → text.
    texts = models.JSONField(_("texts"), default=dict, db_default={}, blank=True)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ("key",)

    def __str__(self) -> str:
        return self.name or (str(_("Default site")) if self.is_default else self.key)

    @property
    def is_default(self) -> bool:
        return self.key == DEFAULT_KEY

    def clean(self) -> None:
        self.name, self.brand = clean_line(self.name), clean_line(self.brand)
        if not self.is_default and not is_visible(self.name):
            raise ValidationError({"name": _("Give the site a name that can be seen.")})
        if self.pk is None and Site.objects.count() >= SITES_MOST:
            raise ValidationError(_("There are %(n)s sites already: delete one first.") % {"n": SITES_MOST})

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        if self.is_default:
            raise ValidationError(_("The default site stays."))
        return super().delete(*args, **options)

    def profile(self) -> Profile:
        """As pages and joins use it. What stands in the row and is not of its form is left out: it was written by
        another release, or by hand."""
        return Profile(
            key=self.key,
            name=str(self),
            origins=_words(self.origins),
            languages=_words(self.languages),
            colours=Colours(self.colour, self.dark_colour, self.paints_head),
            brand=self.brand,
            logo=self.logo.emblem() if self.pk and hasattr(self, "logo") else None,
            typing_preview=self.typing_preview,
            questions=self.questions(self.own_questions.all()[:OWN_MOST] if self.pk else ()),
            texts=_texts(self.texts),
            hours=self.hours.schedule() if self.pk and hasattr(self, "hours") else None,
            line=self.line.key if self.line else "",
            asks_line=_ask(self.ask_line),
        )

    def questions(self, own: Iterable[OwnQuestion]) -> tuple[Question, ...]:
        """The standard ones, then `own`."""
        standard = [
            Question(kind, kind, _ask(getattr(self, f"ask_{kind}")), choices=self._choices(kind)) for kind in STANDARD
        ]
        return (*standard, *(one.question() for one in own if one.kind in OWN))

    def _choices(self, kind: Kind) -> tuple[dict[str, str], ...]:
        return choices_of(self.topics) if kind == Kind.TOPIC else ()


class Logo(models.Model):
    """Of one site, drawn anew by us: WebP that fits LOGO_BOX."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="logo")
    content = models.BinaryField()
    digest = models.CharField(max_length=16, db_index=True)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")

    def __str__(self) -> str:
        return self.digest

    def emblem(self) -> Emblem:
        return Emblem(self.digest, self.width, self.height)


class OwnQuestion(models.Model):
    """Of one site, besides those that every site may ask."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="own_questions")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    kind = models.CharField(
        _("kind"), max_length=8, choices=[(kind.value, kind.label) for kind in OWN], default=Kind.TEXT
    )
    ask = _asks(_("asked"), Ask.OPTIONAL)
    key = models.CharField(_("key"), max_length=32)
    # Language → text; of a box, what is agreed to.
    labels = models.JSONField(_("words"), default=dict)
    # Language → lines.
    choices = models.JSONField(_("choices"), default=dict, blank=True)
    link = models.CharField(_("link"), max_length=LINK_MOST, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("own questions")
        ordering = ("position", "pk")
        constraints = (models.UniqueConstraint(fields=("site", "key"), name="one_question_of_a_key"),)

    def __str__(self) -> str:
        return next(iter(words_of(self.labels, LABEL_MOST).values()), self.key)

    def question(self) -> Question:
        kind = Kind(self.kind)
        return Question(
            self.key,
            kind,
            _ask(self.ask),
            words_of(self.labels, LABEL_MOST),
            choices_of(self.choices) if kind == Kind.CHOICE else (),
            self.link if kind == Kind.CONSENT else "",
        )


def _ask(value: str) -> Ask:
    """Another release may know more of them."""
    return Ask(value) if value in Ask.values else Ask.NEVER


def _texts(value: Any) -> dict[str, dict[str, str]]:
    if not isinstance(value, dict):
        return {}
    read = {code: words_of(texts, max(TEXTS.values())) for code, texts in value.items() if isinstance(code, str)}
    return {
        code: {name: texts[name][:most] for name, most in TEXTS.items() if name in texts}
        for code, texts in read.items()
    }


def _words(value: Any) -> tuple[str, ...]:
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()
