"""What is told on the event feed about the shop."""

PAID = "shop.paid"
"""Money for an order was accepted: `{"order": id, "number": …}`."""

DELIVERED = "shop.delivered"
"""The router holds the user of a paid order: `{"order": id, "voucher": id}`; the buyer may be told now."""

TROUBLE = "shop.trouble"
"""Money came in and nobody got anything for it, or it was settled: `{"order": id or null, "number": …,
"event": id or null, "reason": …, "amount_idr": …, "on": true}`; reason one of `rules.inbox.Reason`."""
