"""Codes of reasons and topics, and what they mean."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from acrm.example.clock import Clock
from acrm.example.outbox import Outbox
from acrm.example.settings import DAY

REASONS = {
    "return": {
        "RET_SIZE": "Does not fit",
        "RET_LIKE": "Not liked",
        "RET_QUALITY": "Quality",
        "RET_LATE": "Came too late",
        "RET_CANCELLED": "Order cancelled",
    },
    "churn": {
        "CHURN_PRICE": "Too dear",
        "CHURN_UNUSED": "Not used",
        "CHURN_SERVICE": "Service",
        "CHURN_COMPETITOR": "Went to a competitor",
    },
    "complaint": {
        "CMP_LATE": "Late delivery",
        "CMP_QUALITY": "Poor quality",
        "CMP_STAFF": "Unfriendly",
        "CMP_PRICE": "Price",
    },
    "abnormal": {
        "LATE_CARRIER": "Carrier late",
        "LATE_STOCK": "Not in stock",
        "LATE_WEATHER": "Weather",
        "LATE_ADDRESS": "Address not found",
        "CANCELLED": "Cancelled by the customer",
    },
    "topic": {
        "TOP_DELIVERY": "Delivery",
        "TOP_RETURN": "Return",
        "TOP_PRODUCT": "Product",
        "TOP_PAYMENT": "Payment",
        "TOP_ACCOUNT": "Account",
    },
    "lead_lost": {
        "LOST_PRICE": "Too dear",
        "LOST_COMPETITOR": "Bought elsewhere",
        "LOST_NO_ANSWER": "No answer",
        "LOST_NO_NEED": "No need",
    },
    "enquiry": {
        "ENQ_STOCK": "Is it in stock?",
        "ENQ_SIZE": "Is there another size?",
        "ENQ_ADVICE": "Which one suits?",
        "ENQ_PRICE": "What does it cost?",
    },
}


def send_reasons(clock: Clock, outbox: Outbox) -> None:
    """Deliver all codes."""
    rows = [
        (code, kind, name)
        for kind, codes in REASONS.items()
        for code, name in codes.items()
    ]
    code, kind, name = zip(*rows, strict=True)
    outbox.send(
        "example_call_centre",
        "reasons",
        {
            "reason_code": pa.array(code),
            "reason_type": pa.array(kind),
            "reason_name": pa.array(name),
            "changed_at": clock.moment(np.full(len(rows), -900 * DAY)),
        },
    )
