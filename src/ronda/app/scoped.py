"""What each door does for people who are narrowed to some sites; a door that is not here is shut to them.

A page is named as Django names it, an operation of the API `v1:` or `older:`, its slice and its
function. With
`POST` in front, the rule is about methods that change something, where it differs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from ronda.alerts.models import Notice
from ronda.devices.models import Area, Change, ImportDraft, Ont, Site
from ronda.devices.service.recording import sites_of_change
from ronda.devices.service.scope import within
from ronda.hotspot.models import Action, HotspotProfile, HotspotUser, Instruction
from ronda.incidents.models import Incident
from ronda.kernel.ids import LARGEST_ID
from ronda.routers.models import Router
from ronda.shop.models import (
    Batch,
    Invoice,
    Member,
    Order,
    Package,
    PaymentEvent,
    PaymentProof,
    Sale,
    Voucher,
)
from ronda.shop.service.packages import sold_within
from ronda.upkeep.models import Copy

Given = Mapping[str, Any]

#: allauth's own doors, which show the caller's account alone.
ALLAUTH = ("account_", "mfa_", "usersessions_", "socialaccount_")


@dataclass(frozen=True, slots=True)
class Rule:
    """Whether a door opens to narrowed people, and for which values of its address (None: for all).

    `model` is what the value `by` of the address names, by its column `key`.
    """

    opens: bool = True
    within: Callable[[Given, frozenset[int]], bool] | None = None
    model: Any = None
    by: str = "pk"
    key: str = "pk"


def of(model: Any, path: str = "site", *, by: str = "pk", key: str = "pk") -> Rule:
    """The row that `by` of the address names belongs to one of the sites, which lie at `path`."""

    def inside(given: Given, sites: frozenset[int]) -> bool:
        value = given[by]
        if isinstance(value, int) and not 0 < value <= LARGEST_ID:
            return False
        return bool(within(model.objects.filter(**{key: value}), sites, path).exists())

    return Rule(True, inside, model, by, key)


def _change(by: str) -> Rule:
    def inside(given: Given, sites: frozenset[int]) -> bool:
        change = Change.objects.filter(pk=given[by]).first()
        return change is not None and sites_of_change(change) <= sites

    return Rule(True, inside, Change, by)


def _instruction(given: Given, sites: frozenset[int]) -> bool:
    instruction = Instruction.objects.filter(pk=given["pk"])
    places = Action.objects.filter(instruction__in=instruction).values_list("router__site")
    found = {site for (site,) in places}
    return bool(found) and found <= sites


def _incident(given: Given, sites: frozenset[int]) -> bool:
    touches = Q(site__in=sites) | Q(members__ont__site__in=sites)
    return Incident.objects.filter(touches, pk=min(given["number"], LARGEST_ID)).exists()


def _package(given: Given, sites: frozenset[int]) -> bool:
    return sold_within(Package.objects.filter(pk=given["pk"]), sites).exists()


#: Shows nothing of any site, or only what is the caller's own, or what everybody may see.
OPEN = Rule()
#: Lists narrow themselves, and what is posted is looked up among the person's own.
THEIRS = Rule(by="")
INCIDENT = Rule(True, _incident, Incident, "number")
INSTRUCTION = Rule(True, _instruction, Instruction)
PACKAGE = Rule(True, _package, Package)
#: What belongs to all sites, or to none.
SHUT = Rule(opens=False)

_BY_RULE: tuple[tuple[Rule, str], ...] = (
    (
        OPEN,
        """accounts:setup-needed accounts:setup accounts:welcome accounts:tokens accounts:token-revoke
        accounts:session-end accounts:profile accounts:history
        alerts:mine alerts:chat-link alerts:chat-state alerts:address alerts:for-me
        v1:alerts.list_addresses v1:alerts.add_address v1:alerts.act_on_address
        v1:alerts.remove_address v1:alerts.list_mine
        accounts:program-end alerts:read-mine alerts:push-worker alerts:push-subscribe shop:buy-find
        web:theme web:language
        v1:accounts.me v1:accounts.sign_in v1:accounts.refresh v1:accounts.revoke
        v1:accounts.list_tokens v1:accounts.make_token v1:accounts.revoke_token
        v1:openapi-json v1:openapi-view v1:api-root older:shop.settings older:api-root
        overview:public overview:base-map overview:metrics hotspot:speed-preview
        overview:wall-enter overview:screens overview:screen-end
        shop:buy shop:buy-package shop:buy-mine shop:buy-order shop:buy-state shop:buy-method
        shop:buy-proof shop:buy-cancel shop:logo shop:look shop:voucher-status shop:callback
        shop:method-picture shop:balance v1:shop.own_balance shop:print-style
        shop:shift shop:shift-summary""",
    ),
    (
        THEIRS,
        """devices:onts devices:ont-new devices:onts-bulk devices:sites devices:export
        devices:duplicates devices:import
        v1:devices.list_onts v1:devices.create_ont v1:devices.change_onts v1:devices.list_sites
        v1:devices.list_areas v1:devices.create_area
        v1:devices.export v1:devices.find_duplicates v1:devices.list_imports v1:devices.upload
        routers:routers routers:router-new routers:router-import routers:setup
        v1:routers.list_routers v1:routers.add_router older:routers.settings_list
        upkeep:fleet v1:upkeep.all_health
        monitoring:outages monitoring:summary monitoring:export
        monitoring:maintenance monitoring:maintenance-new monitoring:maintenance-preview
        monitoring:maintenance-edit monitoring:maintenance-end
        v1:monitoring.windows
        v1:monitoring.works
        v1:monitoring.create
        v1:monitoring.edit
        v1:monitoring.end
        v1:monitoring.list_outages v1:monitoring.summarise_outages v1:monitoring.group_uptime
        older:monitoring.list_outages older:monitoring.summarise_outages
        hotspot:online hotspot:tiles hotspot:users hotspot:user-new hotspot:adopt
        hotspot:profiles hotspot:profile-new hotspot:hours hotspot:act hotspot:instructions
        hotspot:drift hotspot:decide hotspot:refresh hotspot:others
        v1:hotspot.list_online v1:hotspot.list_users v1:hotspot.add_user v1:hotspot.act
        v1:hotspot.list_profiles v1:hotspot.add_profile
        v1:hotspot.list_differences v1:hotspot.decide v1:hotspot.list_hours v1:hotspot.state_hours
        older:hotspot.users older:hotspot.delete_user older:hotspot.profiles
        older:hotspot.active_users older:routers.test_settings
        overview:dashboard overview:map overview:wallboard overview:ongoing
        overview:wall overview:wall-ongoing
        overview:reports overview:report-csv overview:report-xlsx v1:overview.report
        overview:usage overview:usage-sessions overview:usage-chart overview:usage-csv
        overview:usage-xlsx v1:overview.usage v1:overview.list_sessions
        shop:home shop:sell-card shop:sales shop:stock shop:packages shop:orders shop:orders-csv
        shop:orders-xlsx shop:inbox shop:reports shop:report-csv shop:report-xlsx
        shop:vouchers shop:escaped shop:fallback shop:batches shop:batch-new shop:batch-resistance
        shop:batch-import shop:print shop:print-preview shop:print-sheets shop:print-pdf
        shop:used-unsold shop:give-back shop:proofs shop:members shop:member-new
        v1:shop.list_sales v1:shop.sell v1:shop.sales_report v1:shop.list_orders
        v1:shop.new_order v1:shop.list_packages
        v1:shop.voucher_list v1:shop.voucher_make v1:shop.batch_list v1:shop.batch_make v1:shop.list_members
        older:shop.transactions older:shop.new_transaction older:shop.vouchers older:shop.make_voucher
        incidents:incidents v1:incidents.incidents incidents:often v1:incidents.often
        alerts:notices alerts:read alerts:delete v1:alerts.notices v1:alerts.mark_read v1:alerts.delete
        alerts:told v1:alerts.list_told older:alerts.notifications older:alerts.clear_all""",
    ),
    (
        of(Ont),
        """devices:ont devices:ont-edit devices:ont-delete devices:ont-delete-older""",
    ),
    (
        of(Ont, by="ont_id"),
        """v1:devices.read_ont v1:devices.edit_ont v1:devices.delete_ont monitoring:why monitoring:chart
        monitoring:ont-outages incidents:of-ont v1:monitoring.explain v1:monitoring.ont_uptime
        v1:monitoring.ont_history older:monitoring.report_status""",
    ),
    (
        of(Site, "pk"),
        "devices:site devices:site-edit devices:site-delete devices:areas-merge hotspot:placement",
    ),
    (of(Site, "pk", by="site_id"), "v1:devices.rename_site v1:devices.delete_site"),
    (of(Site, "pk", by="site"), "v1:hotspot.state_placement"),
    (of(Area), "devices:area-edit devices:area-delete"),
    (
        of(Area, by="area_id"),
        "v1:devices.rename_area v1:devices.delete_area v1:devices.merge_areas",
    ),
    (_change("pk"), "devices:change"),
    (_change("change_id"), "v1:devices.read_change v1:devices.undo_change"),
    (
        of(ImportDraft),
        """devices:import-draft devices:import-discard devices:import-undo
        v1:devices.preview v1:devices.choose v1:devices.discard v1:devices.commit""",
    ),
    (
        of(Router),
        """routers:router routers:router-edit routers:router-delete routers:router-restore
        routers:router-active routers:router-test routers:router-test-progress
        routers:router-password routers:router-setup routers:router-forget
        v1:routers.get_router v1:routers.change_router v1:routers.delete_router
        v1:routers.restore_router v1:routers.find_out_again
        v1:routers.begin_test v1:routers.get_test
        upkeep:router upkeep:part upkeep:series upkeep:log upkeep:log-read upkeep:copies
        upkeep:copy-now v1:upkeep.one_health v1:upkeep.history v1:upkeep.connections
        v1:upkeep.read_log v1:upkeep.begin_log
        v1:upkeep.copies v1:upkeep.begin_copy hotspot:of-router shop:fallback-set""",
    ),
    (of(Copy, "router__site"), "upkeep:copy-file upkeep:copy-difference v1:upkeep.copy_file"),
    (
        of(HotspotUser, "router__site"),
        "hotspot:user hotspot:user-edit hotspot:hours-user",
    ),
    (
        of(HotspotProfile, "router__site"),
        """hotspot:profile hotspot:profile-edit hotspot:profile-delete hotspot:profile-adopt
        hotspot:hours-profile v1:hotspot.edit_profile v1:hotspot.delete_profile""",
    ),
    (
        INSTRUCTION,
        "hotspot:instruction hotspot:instruction-undo v1:hotspot.one_instruction v1:hotspot.undo",
    ),
    (PACKAGE, "shop:sell shop:package v1:shop.one_package"),
    (of(Sale, "router__site"), "shop:sale shop:sale-undo v1:shop.one_sale v1:shop.take_sale_back"),
    (
        of(Order, "router__site", by="number", key="number"),
        "shop:order shop:order-act v1:shop.one_order",
    ),
    (of(Order, "router__site"), "alerts:messages-of-order"),
    (of(PaymentEvent, "order__router__site"), "shop:settle"),
    (of(PaymentProof, "order__router__site"), "shop:proof shop:proof-picture"),
    (
        of(Voucher, "router__site"),
        """shop:voucher shop:voucher-again shop:voucher-act shop:ticket v1:shop.voucher_one
        v1:shop.voucher_void""",
    ),
    (
        of(Batch, "router__site"),
        "shop:batch shop:batch-void shop:batch-restore shop:batch-export v1:shop.batch_one",
    ),
    (
        of(Member, "router__site"),
        """shop:member shop:member-edit shop:member-end shop:member-renew shop:member-invoice
        v1:shop.one_member v1:shop.renew_member""",
    ),
    (of(Invoice, "member__router__site"), "shop:invoice-pdf"),
    (
        INCIDENT,
        """incidents:incident incidents:act v1:incidents.incident v1:incidents.act
        alerts:told-of-incident v1:alerts.told_of_incident""",
    ),
    (of(Notice, "ont__site", by="notice_id"), "older:alerts.mark_read"),
)

#: What changes something at a door whose rule for looking does not fit.
_CHANGES: tuple[tuple[Rule, str], ...] = ((SHUT, "devices:sites"),)

RULES: Mapping[str, Rule] = {name: rule for rule, names in _BY_RULE for name in names.split()} | {
    f"POST {name}": rule for rule, names in _CHANGES for name in names.split()
}
