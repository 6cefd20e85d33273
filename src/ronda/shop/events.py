"""What is told on the event feed about the shop."""

PAID = "shop.paid"
"""Money for an order was accepted: `{"order": id, "number": …}`."""

DELIVERED = "shop.delivered"
"""The router holds the user of a paid order: `{"order": id, "voucher": id}`; the buyer may be told now. The voucher is
null where a member paid months."""

TROUBLE = "shop.trouble"
"""Money came in and nobody got anything for it, or it was settled: `{"order": id or null, "number": …,
"event": id or null, "reason": …, "amount_idr": …, "on": true}`; reason one of `rules.inbox.Reason`."""

MEMBER_DUE = "shop.member-due"
"""A member's paid time ends soon, or ended: `{"member": id, "days": 7, 3 or 1, "until": "2026-12-01"}`; once each."""

MEMBER_STATE = "shop.member-state"
"""A member is active, in the days of grace, suspended or ended: `{"member": id, "state": …, "until": …}`."""

FINDING = "shop.finding"
"""A buyer looks for orders of a number that has some: `{"finding": id}`; `service.finding.to_send` is the code."""
