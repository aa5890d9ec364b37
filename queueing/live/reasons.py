"""Why a conversation ends: a closed set, for each of them is a counter in Redis and a label in Prometheus for ever."""

SAID = ("left", "hangup", "customer", "operator", "connection")
"""What a page may say. Any other word of a page is recorded as `other`."""
DECIDED = (
    "abandoned", "customer-lost", "operator-lost", "max-wait", "removed", "blocked", "erased", "repaired",
    "callback-missed",
)  # fmt: skip
"""What the server alone decides; some of them give a customer the head of the queue."""
LOST = ("customer-lost", "operator-lost", "connection")
"""Ends of a call that the network made: the customer may go back to the head of the queue."""
OTHER = "other"
ALL = (*SAID, *DECIDED, OTHER)


def said(word: str) -> str:
    """The reason for a page's word."""
    return word if word in SAID else OTHER
