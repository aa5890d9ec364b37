"""What an address may be: nothing that a header or SMTP could take for more than one mailbox."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.mail import MailServer, address, mailbox_of, sender, server_of


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("ayse@example.com", "ayse@example.com"),
        (" Ayse.Yilmaz+iade@Example.COM ", "Ayse.Yilmaz+iade@example.com"),
        ("o'brien@mail.example.co.uk", "o'brien@mail.example.co.uk"),
        ("ayse@örnek.example", "ayse@xn--rnek-4qa.example"),
    ],
)
def test_an_address_comes_in_one_spelling(typed: str, known: str) -> None:
    assert address(typed) == known


@pytest.mark.parametrize(
    "typed",
    [
        "", "@", "a@", "@b.example", "a@b", "a@localhost", "a b@c.example", "a@b.example, c@d.example",
        "a@b.example;c@d.example",
        "A <a@b.example>", "<a@b.example>",
        '"a b"@c.example', '"a\r\nBcc: c@d.example"@e.example', "a@b.example\r\nBcc: c@d.example",
        "a@b.example\n", "\na@b.example", "a@b.example%0ABcc:c@d.example", "a\x00@b.example", "a@[127.0.0.1]",
        "a@127.0.0.1",
        "a@b.example(comment)", "a@b..example", ".a@b.example", "a.@b.example", "a..b@c.example", "a@-b.example",
        "a@b.example.", "ayşe@b.example", "a@b@c.example", "a%c.example@b.example", f"{'a' * 65}@b.example",
        f"a@{'b' * 64}.example",
        f"a@{'.'.join(['b' * 60] * 5)}.example", "a\u202e@b.example", "a@b\u2028.example", "a@b\uff0eexample\r",
        "a\t@b.example",
    ],
)  # fmt: skip
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        address(typed)


PIECES = st.sampled_from(
    [*"ab.@<>,;:\"'()[]\\%!+ \r\n\t\x00\x7f\u2028\u202eşß", "example", ".com", "\r\nBcc: x@y.example", "xn--"]
)


@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=20).map("".join)))
def test_whatever_is_typed_what_passes_is_one_plain_line(typed: str) -> None:
    try:
        known = address(typed)
    except ValueError:
        return
    assert re.fullmatch(r"[!-~]{3,254}", known)
    assert known.count("@") == 1
    assert not set(known) & set('<>,;:"()[]\\ %')
    assert address(known) == known


def test_tags_lead_to_one_mailbox() -> None:
    assert mailbox_of("A+1@b.example") == mailbox_of("a+2@b.example") == "a@b.example"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp+starttls://u:p%40ss@mail.example", MailServer("mail.example", 587, "u", "p@ss", "starttls")),
        ("smtps://u:p@mail.example:2465/", MailServer("mail.example", 2465, "u", "p", "tls")),
        ("smtp://127.0.0.1", MailServer("127.0.0.1", 25, "", "", "none")),
    ],
)
def test_a_server_is_read_from_its_url(url: str, server: MailServer) -> None:
    assert server_of(url) == server


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://u@h", "smtp://h/x", "smtp://h?x=1"]
)
def test_a_bad_url_says_what_is_wrong_and_repeats_nothing(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|needs)") as refused:
        server_of(url)
    assert "u@h" not in str(refused.value)


def test_a_sender_may_have_a_name() -> None:
    assert sender("Our support <Support@Example.com>") == "Our support <Support@example.com>"
    assert sender("support@example.com") == "support@example.com"
    for bad in (
        "",
        "support",
        "A\r\nBcc: x@y.example <a@b.example>",
        'a"b <a@b.example>',
        "<a@b.example> <c@d.example>",
    ):
        with pytest.raises(ValueError, match="not an e-mail address"):
            sender(bad)
