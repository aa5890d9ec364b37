"""Conversations in which something was said, and the tokens that speak for them."""

from __future__ import annotations

from queueing import tokens
from queueing.tokens import Ticket
from tests.queueing.world import Customer, Operator


def talk(*lines: str, cid: str = "c0nversat10n", name: str = "Ayşe", topic: str = "iade") -> Customer:
    """A call with Deniz in which the customer said these lines and he one."""
    customer, operator = Customer(name), Operator("deniz")
    operator.connect()
    customer.join(id=cid, topic=topic)
    operator.available()
    assert operator.serving == customer.cid
    for line in lines:
        customer.say(line)
    operator.say("buyurun")
    return customer


def ended(*lines: str, cid: str = "c0nversat10n", name: str = "Ayşe", topic: str = "iade") -> Customer:
    """The same, over by now."""
    customer = talk(*lines, cid=cid, name=name, topic=topic)
    customer.leave()
    return customer


def token_of(customer: Customer) -> str:
    return tokens.sign(Ticket(customer.cid, "1", customer.name, "video", "tr", "iade", "", False))
