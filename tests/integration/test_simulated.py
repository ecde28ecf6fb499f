"""What the simulator tells, held against the model of the orders that the other tests use."""

from recording import LIFECYCLE, fold
from simulated import record

OF_ORDERS = ("OrderCreated", "PaymentProcessed", "OrderStatusUpdated")


def test_every_order_lives_by_the_rules_to_its_end():
    events = record(orders=500)
    result = fold([event for event in events if event["type"] in OF_ORDERS])
    assert (result.rejected, result.duplicates) == (0, 0)
    assert len(result.history) == 500
    ends = {status for status, following in LIFECYCLE.items() if not following}
    assert {result.final(order)["status"] for order in result.history} == ends


def test_the_same_seed_tells_the_same():
    assert record(orders=20, seed=3) == record(orders=20, seed=3)
    assert record(orders=20, seed=3) != record(orders=20, seed=4)


def test_events_of_every_kind_are_told():
    assert {event["type"] for event in record(orders=50)} == {
        *OF_ORDERS,
        "RunUpdated",
        "DriverLocationUpdated",
        "RestaurantStatusChanged",
        "MenuItemUpdated",
        "PromotionPublished",
    }
