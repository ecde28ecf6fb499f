"""The orders that tests publish, in the short form and as CloudEvents."""

SOUP = {"menuItemId": "i-1", "name": "Soup", "quantity": 2, "price": 3.5}


def created(order, customer="c-1", **more):
    data = {"customerId": customer, "merchantId": "m-1", "items": [SOUP], "total": 7, **more}
    return {"type": "OrderCreated", "subject": order, "data": data}


def status(order, to, **more):
    return {"type": "OrderStatusUpdated", "subject": order, "data": {"status": to, **more}}


def cloud_event(event, id, source="/tests"):
    return {"specversion": "1.0", "id": id, "source": source, "time": "2023-12-20T14:30:00Z", **event}


def is_status(order, value):
    """True for the message that shows this order in this status."""
    return lambda m: m.get("orderId") == order and m["data"]["status"] == value
