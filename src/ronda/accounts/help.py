"""What the pages of people and rights are for, and how they are used."""

from django.utils.translation import gettext_lazy as _

from ronda.web.help import REST, Help, add

add(
    "accounts",
    {
        "people": Help(
            _("Who may sign in, and what for."),
            (
                _("Give nobody more rights than the job needs."),
                _("Disabling somebody ends their sessions and tokens at once."),
            ),
        ),
        "person": Help(_("One person: role, access and what they may do.")),
        "profile": Help(_("Your own name, language and security.")),
        "tokens": Help(
            _("Keys with which a program acts in your name."),
            (_("A token is shown once. Revoke it where you do not know who has it."),),
        ),
        "audit": Help(_("Who changed what, when and from where; nobody can edit it.")),
        "history": Help(
            _("Where and when you signed in, and tries that failed."),
            (_("End a session that you do not know, then change your password."),),
        ),
        REST: Help(_("Part of people and their rights.")),
    },
)
