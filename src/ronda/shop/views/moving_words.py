"""The words of moving from Mikhmon: oddities, what happens at the end, and what a job does."""

from django.utils.translation import gettext_lazy as _

from ronda.shop.service.moving import cutting, looking, taking

JOBS = {
    looking.KIND: _("Reading the router"),
    taking.KIND: _("Taking over"),
    cutting.CUT: _("Cutting over"),
    cutting.BACK: _("Putting back"),
}
ENDS = {
    "remove": _("removed"),
    "block": _("blocked"),
    "slow": _("slowed down"),
    "notice": _("only told"),
}
ODDITIES = {
    "unlimited": _(
        "vouchers were used while their end was never written: Mikhmon would never end them; here their "
        "time runs from the recorded sale, or from taking over"
    ),
    "orphan-scheduler": _("schedulers bear the name of a user: a first login was cut off"),
    "no-monitor": _("plans have no job that ends their vouchers; Ronda will end them"),
    "deaf-monitor": _(
        "vouchers have an end in the new way of writing dates, which the router's old monitor does not "
        "read: they went on beyond their end"
    ),
    "unreadable-sale": _("sales cannot be read and are left out"),
    "unreadable-package": _("quick print packages cannot be read; nothing is lost by it"),
    "unreadable-validity": _("plans have a validity that cannot be read: set it after taking over"),
    "unreadable-price": _("plans have a price that cannot be read: set it after taking over"),
    "no-price": _("plans have no price: set it after taking over"),
    "price-changed": _(
        "plans were sold at another price before: of those sales only the recorded amount is known"
    ),
    "no-clock": _("the router's clock cannot be read: nothing is called over by its date"),
    "clock-off": _("the router's clock is wrong: ends that it wrote are wrong as well"),
    "no-clock-then": _(
        "vouchers have an end of a year that cannot be: the router had lost its clock at the first login"
    ),
    "records-nothing": _("plans do not record their sales: their income is not known"),
    "shifted": _("plans were written by a version that shifts every field; they are read rightly"),
    "locked": _("plans keep a voucher with its first device; that goes on after the cut-over"),
    "old": _("vouchers were made over a year ago and never used"),
    "same-name": _(
        "users have the name of another one on another hotspot server: only the first is taken"
    ),
    "code-taken": _("codes belong to a voucher of another router already: they are not taken"),
    "no-password": _(
        "users have no password, or the router does not show it (policy sensitive): they are not taken"
    ),
    "unfit-user": _(
        "users have a name or password that is too long or damaged: they are not taken"
    ),
}
