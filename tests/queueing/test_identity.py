"""Signed identities: the site's server vouches, nobody else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from infra.errors import DomainError
from queueing.identity import verify

SECRET = "of-the-site-" + "0123456789" * 6


@pytest.fixture(autouse=True)
def _with_secret(settings: Any) -> None:
    settings.IDENTITY_SECRET = SECRET


def token(secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    return jwt.encode({"sub": "42", "name": "Ada", "exp": soon} | claims, secret, algorithm=algorithm)


def test_a_good_token_says_who_it_is() -> None:
    found = verify(token(email="ada@example.com"))
    assert (found.sub, found.name, found.email) == ("42", "Ada", "ada@example.com")


@pytest.mark.parametrize(
    "bad",
    [
        token(secret="somebody-elses-0123456789-0123456789-0123456789"),
        token(exp=datetime.now(UTC) - timedelta(minutes=5)),
        token(exp=datetime.now(UTC) + timedelta(days=30)),
        token(sub=""),
        token(sub="4\x002"),
        token(sub="4\ud8002"),
        token(sub="x" * 129),
        token(algorithm="HS512"),
        jwt.encode({"sub": "42", "exp": datetime.now(UTC) + timedelta(minutes=5)}, None, algorithm="none"),
        jwt.encode({"sub": "42"}, SECRET, algorithm="HS256"),
        "not a token",
    ],
    ids=[
        "other secret",
        "expired",
        "a month",
        "nobody",
        "a NUL",
        "half a character",
        "too long",
        "other algorithm",
        "unsigned",
        "no end",
        "no token",
    ],
)
def test_anything_else_is_refused(bad: str) -> None:
    with pytest.raises(DomainError) as refused:
        verify(bad)
    assert refused.value.code == "identity_invalid"


def test_without_a_secret_no_identity_is_believed(settings: Any) -> None:
    settings.IDENTITY_SECRET = ""
    with pytest.raises(DomainError):
        verify(token())


def test_what_no_column_takes_is_cleaned_from_name_and_address() -> None:
    found = verify(token(name="Ada\x00 \x1b[1m\n Lovelace", email="ada\x00@example.com"))
    assert (found.name, found.email) == ("Ada [1m Lovelace", "ada @example.com")
