"""Acknowledging in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from devices.receipts import Receipts


@given(order=st.permutations(range(8)))
def test_acknowledgements_go_out_in_order_of_receipt(order: list[int]) -> None:
    """In whatever order the work ends, every message is acknowledged once and in order."""
    receipts = Receipts()
    generation = receipts.renew()
    owed = [receipts.received(generation, mid, 1) for mid in range(8)]
    due = [receipt.mid for place in order for receipt in receipts.settle(owed[place])]
    assert due == list(range(8))
    assert not len(receipts)


def test_an_acknowledgement_of_an_older_connection_is_dropped() -> None:
    """The same packet id on a new connection is another message's."""
    receipts = Receipts()
    old = receipts.received(receipts.renew(), 7, 1)
    new = receipts.received(receipts.renew(), 7, 1)
    assert receipts.settle(old) == ()
    assert receipts.dropped == 1
    assert receipts.settle(new) == (new,)


def test_settling_twice_acknowledges_once() -> None:
    """A second settling is nothing."""
    receipts = Receipts()
    receipt = receipts.received(receipts.renew(), 1, 1)
    assert receipts.settle(receipt) == (receipt,)
    assert receipts.settle(receipt) == ()


def test_quality_zero_owes_nothing() -> None:
    """What was sent without acknowledgement does not wait in the line."""
    receipts = Receipts()
    receipt = receipts.received(receipts.renew(), 0, 0)
    assert not len(receipts)
    assert receipts.settle(receipt) == ()
