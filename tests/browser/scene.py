"""A platform at work, as messages: what the states of deliveries, merchants and windows show."""

import math
from datetime import datetime, timedelta, timezone

from events import created, status

STEPS = ["CONFIRMED", "PREPARING", "READY", "OUT_FOR_DELIVERY", "DELIVERED"]
CENTRE = (43.6532, -79.3832)
DISHES = [("Tom kha", 8.5), ("Pad thai", 11), ("Green curry", 12.5), ("Sticky rice", 3), ("Mango lassi", 4.2)]


def shown(topic, message):
    return {"type": "Shown", "subject": topic, "data": message}


def at(**delta):
    return (datetime.now(timezone.utc) + timedelta(**delta)).isoformat().replace("+00:00", "Z")


def near(east, south):
    """A place so many hundred metres from the centre."""
    return {"latitude": CENTRE[0] - south * 0.0009, "longitude": CENTRE[1] + east * 0.00124}


def driver(number, time, **more):
    """A driver on a round of its own, as it is at this time."""
    angle = number * 1.7 + time * 0.12
    radius = 4 + number % 5 * 3
    location = {
        **near(radius * math.cos(angle), 0.7 * radius * math.sin(angle)),
        "heading": round(math.degrees(math.atan2(-math.sin(angle), -0.7 * math.cos(angle))) % 360, 1),
        "speed": 31.5,
    }
    message = {"type": "driver_location", "driverId": f"d-{number}", "location": location, "timestamp": at(), **more}
    return shown(f"drivers/d-{number}", message)


def run(number, done, total, orders=(), **more):
    state = lambda i: "COMPLETED" if i < done else "PENDING"
    stop = lambda i: {
        "status": state(i),
        **near(3 * i - 8 + number, (-1) ** i * (2 + i) + number),
        **({"orderId": orders[i - done]} if 0 <= i - done < len(orders) else {}),
    }
    data = {
        "status": "IN_PROGRESS",
        "completedStops": done,
        "totalStops": total,
        "driverId": f"d-{number}",
        "orderIds": list(orders),
        "eta": at(minutes=9 + number),
        "stops": [stop(i) for i in range(total)],
        **more,
    }
    return shown(f"runs/r-{number}", {"type": "run_update", "runId": f"r-{number}", "data": data})


def merchant(number, is_open, promotions=()):
    items = [
        {"menuItemId": f"i-{i}", "name": name, "price": price, "available": i != 3}
        for i, (name, price) in enumerate(DISHES)
    ]
    data = {
        "open": is_open,
        "until": at(hours=3),
        "items": items,
        "promotions": [
            {"promotionId": f"p-{i}", "title": title, "endsAt": at(hours=2)} for i, title in enumerate(promotions)
        ],
    }
    return shown(f"merchants/m-{number}", {"type": "merchant_update", "merchantId": f"m-{number}", "data": data})


def window():
    types = {
        "DriverLocationUpdated": 412,
        "OrderStatusUpdated": 57,
        "OrderCreated": 14,
        "PaymentProcessed": 13,
        "RunUpdated": 9,
    }
    message = {
        "type": "window",
        "window_start": at(minutes=-2),
        "window_end": at(minutes=-1),
        "total_events": sum(types.values()),
        "event_types": types,
    }
    return shown("windows/windows", message)


def order(number, steps, **more):
    items = [
        {"menuItemId": f"i-{i}", "name": name, "quantity": 1 + (i + number) % 2, "price": price}
        for i, (name, price) in enumerate(DISHES[number % 3 : number % 3 + 2])
    ]
    total = sum(item["quantity"] * item["price"] for item in items)
    begun = created(
        f"o-{number}", f"c-{number % 4 + 1}", merchantId=f"m-{number % 3 + 1}", items=items, total=total, **more
    )
    paid = {
        "type": "PaymentProcessed",
        "subject": f"o-{number}",
        "data": {"paymentId": f"p-{number}", "status": "SUCCEEDED", "amount": total},
    }
    return [begun, paid, *(status(f"o-{number}", step) for step in STEPS[:steps])]


def platform():
    """Everything at once: orders in each status, runs, drivers on the move, merchants, a window."""
    orders = [event for number in range(14) for event in order(number, (number * 3) % 5)]
    brought = [
        *order(100, 3, note="Second floor, blue door"),
        status("o-100", "OUT_FOR_DELIVERY", driverId="d-2", eta=at(minutes=12)),
    ]
    lost = [*order(101, 1), status("o-101", "CANCELLED", reason="the kitchen has no more rice")]
    runs = [run(1, 1, 4, ["o-1"]), run(2, 2, 6, ["o-100", "o-3"]), run(3, 4, 5), run(4, 0, 3)]
    merchants = [merchant(1, True, ["Two curries for one"]), merchant(2, False), merchant(3, True)]
    return [
        *orders,
        *brought,
        *lost,
        *runs,
        *(driver(n, 0) for n in range(1, 9)),
        driver(9, 0, stale=True),
        *merchants,
        window(),
    ]
