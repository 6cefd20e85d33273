"""What the pages of the shop are for, and how they are used."""

from django.utils.translation import gettext_lazy as _

from ronda.web.help import REST, Help, add

add(
    "shop",
    {
        "home": Help(
            _("Sell a voucher in two taps: choose the package, take the money."),
            (
                _("The code is on the router before it is shown."),
                _("A printed card is sold by typing its code below."),
            ),
        ),
        "sales": Help(_("Every single sale; a wrong one is taken back on its page.")),
        "shift": Help(
            _(
                "Open with the money in the drawer, count it when you close; the difference is kept on record."
            )
        ),
        "stock": Help(
            _("Printed vouchers that are not sold yet, and who holds them."),
            (_("What was used without having been sold stands at the top."),),
        ),
        "packages": Help(
            _("What you sell: price, speed, time and quota."),
            (_("The sentence under a package says when it ends; try it with your own times."),),
        ),
        "vouchers": Help(
            _("Every voucher; its page explains its life and what ended it."),
            (_("Search by the first characters of the code."),),
        ),
        "voucher": Help(
            _("The whole life of one voucher."),
            (_("Extend, move, void or restore it here; everything is kept on record."),),
        ),
        "batches": Help(
            _("Vouchers made together, for printing."),
            (_("A batch goes on by itself after a cut line or a restart, and never doubles."),),
        ),
        "batch-new": Help(
            _("Makes many codes at once and puts them on the router."),
            (_("Longer codes are harder to guess; the page says how hard."),),
        ),
        "orders": Help(
            _("What buyers ordered in the public shop, and where it stands."),
            (_("“Needs attention” is money that came in without a voucher going out."),),
        ),
        "inbox": Help(_("Money that does not fit an order: decide what becomes of it.")),
        "proofs": Help(
            _("Pictures of payments that wait for your look."),
            (_("Look into the bank account, not only at the picture."),),
        ),
        "methods": Help(
            _("How buyers pay, and whether it works."),
            (_("The self-test sends a signed call through the whole chain."),),
        ),
        "resellers": Help(_("Who sells for you, with balance and commission.")),
        "balance": Help(_("Your own balance: what you may still sell for.")),
        "reports": Help(
            _("What was sold in a period: by day, package, seller, router."),
            (_("Choose whether a day is that of the sale or of the first login."),),
        ),
        "trial-balance": Help(_("Every account with its movements; all sums together are zero.")),
        "members": Help(_("People who pay monthly: until when, reminders and invoices.")),
        "mikhmon": Help(
            _(
                "Takes over profiles, users and sales from Mikhmon; nothing on the router is deleted."
            ),
            (_("Reading changes nothing. The cut-over can be put back."),),
        ),
        "layouts": Help(_("How vouchers look on paper.")),
        "branding": Help(_("Name, colour and contact that buyers see.")),
        "fallback": Help(_("Lets a router end vouchers by their date while Ronda is away.")),
        "escaped": Help(_("Vouchers that work although they ended, or that nobody sold.")),
        REST: Help(_("Part of the shop.")),
    },
)
