"""The wire shape of errors."""

from infra.errors import DomainError, StoreUnavailable


def test_the_shape_leaves_out_what_is_not_known() -> None:
    assert DomainError("full", "Try later.").as_dict() == {"code": "full", "message": "Try later.", "retryable": False}


def test_the_shape_with_everything() -> None:
    error = DomainError("bad", "No.", retryable=True, retry_after=1.5, fields={"name": "too long"})
    assert error.as_dict() == {
        "code": "bad",
        "message": "No.",
        "retryable": True,
        "retry_after": 1.5,
        "fields": {"name": "too long"},
    }


def test_a_store_that_is_out_can_be_tried_again() -> None:
    error = StoreUnavailable()
    assert (error.code, error.retryable, error.retry_after) == ("store_unavailable", True, 2.0)
