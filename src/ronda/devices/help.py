"""What the pages of lists of ONTs are for, and how they are used."""

from django.utils.translation import gettext_lazy as _

from ronda.web.help import REST, Help, add

add(
    "devices",
    {
        "onts": Help(
            _("Every ONT of your network, those that are down first."),
            (
                _(
                    "Type a name, customer id, place or address to find one; the filters narrow the list further."
                ),
                _("Tick several to move, pause or delete them together."),
                _("Deleting can be undone on the page Changes."),
            ),
        ),
        "ont": Help(
            _("One ONT: how it is, why, since when, and what it did before."),
            (
                _("“Why it is so” lists the probes behind the state."),
                _("The chart goes from hours to years; grey means nobody measured."),
            ),
        ),
        "ont-new": Help(
            _("Adds one ONT; many at once come by the import."),
            (_("Without an address it stands in the list but is not watched."),),
        ),
        "import": Help(
            _("Brings in a whole list; nothing changes before you agree."),
            (
                _("Doubtful rows come with a proposal that you accept or not."),
                _("The same file twice changes nothing, and every import can be undone."),
            ),
        ),
        "import-draft": Help(
            _("What this file would change, before it does."),
            (_("Look at the refused and suspicious rows first."),),
        ),
        "export": Help(
            _("The list as a file for other programs or a spreadsheet."),
            (_("What you export can be imported again."),),
        ),
        "duplicates": Help(
            _("ONTs that are probably the same one twice."),
            (_("The same address is pinged once and shown for all of them."),),
        ),
        "sites": Help(
            _("Sites are towns or projects, areas lie within them."),
            (_("A customer id is unique within its site."),),
        ),
        "changes": Help(_("Every change of the list with who made it; each can be undone.")),
        "backups": Help(
            _("Copies of the list and of the whole installation."),
            (
                _("Keep a copy on another machine: a disk takes its backups with it."),
                _("Restoring shows first what it changes, and can be undone."),
            ),
        ),
        REST: Help(_("Part of keeping the list of ONTs.")),
    },
)
