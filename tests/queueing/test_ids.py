"""Public ids of conversations are words of letters and digits: no command takes one for an option."""

from queueing.admission import new_id


def test_ids_are_plain_words_and_differ() -> None:
    ids = {new_id() for _ in range(2_000)}
    assert len(ids) == 2_000
    assert all(len(cid) == 16 and cid.isalnum() and cid.isascii() for cid in ids)
