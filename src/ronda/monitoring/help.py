"""What the pages of outages and the watch are for, and how they are used."""

from django.utils.translation import gettext_lazy as _

from ronda.web.help import REST, Help, add

add(
    "monitoring",
    {
        "outages": Help(
            _("Every outage, from its first missed probe to its first good answer."),
            (
                _("A dash at the end means that it still lasts."),
                _("Time that nobody observed counts neither as up nor as down."),
            ),
        ),
        "summary": Help(_("Which ONTs fail most, and for how long.")),
        "health": Help(
            _(
                "Whether the watch itself is well: what it does not see, it does not report as down."
            ),
            (
                _("“Blind” means that our own line is lost; nothing becomes an outage then."),
                _("Reference addresses should lie outside the network that is watched."),
            ),
        ),
        "maintenance": Help(
            _("Planned work: what fails then counts neither against the uptime nor calls anybody."),
            (
                _("Once, or every week or month, for a site, an area or single ONTs."),
                _("What is still down when the work ends becomes an incident."),
            ),
        ),
        REST: Help(_("Part of watching the ONTs.")),
    },
)
