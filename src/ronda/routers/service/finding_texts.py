"""What each finding says to people: a title, and what it means and what to do."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from ronda.web.words import Text

STEPS: Mapping[str, Text] = {
    "name": _("Name"),
    "port": _("Port"),
    "tls": _("Encryption"),
    "greeting": _("Greeting"),
    "login": _("Sign-in"),
    "facts": _("First questions"),
    "policy": _("Rights of the user"),
    "version": _("Version"),
    "clock": _("Clock"),
    "device_mode": _("Device mode"),
    "licence": _("Licence"),
    "hotspot": _("Hotspot"),
    "profiles": _("User profiles"),
    "exposure": _("Who can reach it"),
    "firewall": _("Firewall"),
    "log": _("Log"),
}

TEXTS: Mapping[str, tuple[Text, Text]] = {
    "connected": (
        _("Signed in by %(service)s on port %(port)s"),
        _("Connecting took %(ms)s ms in all."),
    ),
    "passed_over": (_("%(service)s on port %(port)s did not work"), "%(why)s"),
    "not_tried": (_("Nothing was tried"), _("The test ended before it began; run it again.")),
    "name_unknown": (
        _("The name %(host)s has no address"),
        _("Check the spelling, or enter the router's IP address instead of its name."),
    ),
    "port_refused": (
        _("Port %(port)s refuses connections"),
        _(
            "The router answers, but nothing listens there for us. Most likely the service %(service)s is "
            "disabled, listens on another port, or its address list leaves Ronda out; or a firewall rule rejects it."
        ),
    ),
    "port_silent": (
        _("No answer from %(host)s on port %(port)s"),
        _(
            "Three causes, most likely first: the address or port is wrong or the router is off; the service "
            "%(service)s is disabled; a firewall rule drops the port. The commands show the services and the "
            "dropping rules, and put a rule for Ronda above them."
        ),
    ),
    "no_route": (
        _("There is no way to %(host)s"),
        _("The network between Ronda and the router is down, or no route leads to that address."),
    ),
    "kept_tls": (
        _("Only the encrypted connection was tried"),
        _(
            "It worked by TLS before, and Ronda does not go back to sending the password in clear by itself. If "
            "TLS was switched off on purpose, press Find out again on the router's page."
        ),
    ),
    "tls_none": (
        _("%(service)s has no certificate"),
        _(
            "Without a certificate the encrypted service takes no ordinary connection. The commands make one and "
            "assign it. Signing takes up to a minute; wait for it before you go on."
        ),
    ),
    "tls_changed": (
        _("The router shows another certificate than before"),
        _(
            "Either it was replaced or got a new certificate, or somebody stands in between. Nothing was sent. "
            "Compare the fingerprint on the router; if it is yours, press Find out again on the router's page."
        ),
    ),
    "tls_untrusted": (
        _("The certificate cannot be trusted"),
        _("%(text)s. Choose to trust the first certificate, or install one of a known authority."),
    ),
    "not_tls": (
        _("Port %(port)s does not speak TLS"),
        _(
            "Another service listens there, most often the one without encryption. Look at the ports."
        ),
    ),
    "hung": (
        _("It takes the connection and then says nothing"),
        _(
            "The router is overloaded or restarting, or something else listens on port %(port)s. Try again in a "
            "minute, and look at its CPU load."
        ),
    ),
    "other_service": (
        _("What answers on port %(port)s is not %(service)s"),
        _("%(text)s. Look at the ports of the services and enter the right one."),
    ),
    "login_wrong": (
        _("The router refuses the user %(user)s"),
        _(
            "Three causes: the user name or password is wrong (type it again); the user is disabled or may not "
            "come from Ronda's address; its group lacks the policy api (or rest-api for REST). The router's log "
            "says which. It said: %(text)s"
        ),
    ),
    "facts_failed": (
        _("Signed in, but the first questions were refused"),
        _("The user's group probably lacks the policy read. It said: %(text)s"),
    ),
    "plain": (
        _("The connection is not encrypted"),
        _(
            "Whoever can listen between Ronda and the router reads the password and every voucher. The commands "
            "make a certificate and open the encrypted service; afterwards test again."
        ),
    ),
    "tls_verified": (_("Encrypted, the certificate is verified"), ""),
    "tls_pinned": (
        _("Encrypted, with the certificate of the first time"),
        _("Fingerprint (SHA-256): %(certificate)s"),
    ),
    "tls_first": (
        _("Encrypted; this certificate is trusted from now on"),
        _("Fingerprint (SHA-256): %(certificate)s"),
    ),
    "tls_anybody": (
        _("Encrypted, but it could be anybody"),
        _("No certificate is asked for. The commands make one, so that Ronda knows its router."),
    ),
    "policy_ok": (_("The group %(group)s has the rights it needs"), ""),
    "policy_missing": (
        _("The group %(group)s lacks: %(missing)s"),
        _(
            "Without them Ronda cannot read the router, change hotspot users or keep the connection."
        ),
    ),
    "policy_excess": (
        _("The group %(group)s may do more than needed: %(excess)s"),
        _("Who learns this password owns the router. The commands make a group with just enough."),
    ),
    "policy_unknown": (
        _("The rights of %(user)s could not be read"),
        _(
            "The user may come from RADIUS, or may not see users. What is missing shows when it is needed."
        ),
    ),
    "policy_no_rotation": (
        _("Ronda cannot change this password by itself"),
        _("That needs the policy password in the group; without it you change it by hand."),
    ),
    "version_ok": (_("RouterOS %(version)s on %(board)s"), ""),
    "version_old": (
        _("RouterOS %(version)s is very old"),
        _("It signs in by a method that is not safe any more. Update it to the long-term version."),
    ),
    "version_unknown": (_("The version could not be read: %(version)s"), ""),
    "version_other": (
        _("It runs %(found)s, entered was %(hint)s"),
        _("Ronda goes by what the router says; correct the entry when you edit it next."),
    ),
    "clock_ok": (_("Its clock is right: %(time)s (%(zone)s)"), ""),
    "clock_unread": (_("Its clock could not be read"), ""),
    "clock_unset": (
        _("Its clock is not set: %(time)s"),
        _(
            "Since the last restart it never learnt the time. Schedules and logs are wrong until it does."
        ),
    ),
    "clock_wrong": (
        _("Its clock is off by %(away)s: %(time)s (%(zone)s)"),
        _("Schedules, logs and certificates go by it. The commands let it ask a time server."),
    ),
    "device_mode_ok": (_("Device mode %(mode)s allows the hotspot"), ""),
    "device_mode_forbids": (
        _("Device mode %(mode)s forbids the hotspot"),
        _(
            "New boards come so from the factory. After the command, confirm within five minutes: press the "
            "button on the board, or take its power away for a moment. Then test again."
        ),
    ),
    "device_mode_no_scheduler": (
        _("Device mode %(mode)s forbids the scheduler"),
        _("Office hours kept by the router need it. Confirm the command at the board, as it asks."),
    ),
    "device_mode_flagged": (
        _("The router has flagged itself"),
        _(
            "It found settings that malware leaves behind, and restricted itself. Have it looked after."
        ),
    ),
    "licence_ok": (_("Licence level %(level)s"), ""),
    "licence_limit": (
        _("Licence level %(level)s: %(active)s of %(most)s users at once"),
        "",
    ),
    "licence_near": (
        _("Licence level %(level)s: %(active)s of %(most)s users at once"),
        _(
            "When it is full, the next guest cannot sign in. A higher level is bought from MikroTik."
        ),
    ),
    "licence_full": (
        _("The licence is full: %(active)s of %(most)s users at once (level %(level)s)"),
        _("Nobody else can sign in now. End sessions, or buy a higher level from MikroTik."),
    ),
    "hotspot_ok": (
        _("Hotspot %(names)s works"),
        _("%(users)s users, %(active)s of them signed in."),
    ),
    "hotspot_none": (
        _("There is no hotspot yet"),
        _("The set-up guide has the commands in the right order: pool, profile, then hotspot."),
    ),
    "hotspot_invalid": (
        _("The hotspot %(name)s is invalid"),
        _("Its interface %(interface)s is missing or part of a bridge, or device mode forbids it."),
    ),
    "hotspot_disabled": (_("The hotspot %(name)s is disabled"), ""),
    "hotspot_radius": (
        _("The hotspot %(name)s asks RADIUS"),
        _("With use-radius in its profile %(profile)s the users kept on the router do not count."),
    ),
    "hotspot_unknown": (
        _("There is no hotspot %(name)s"),
        _("The router has: %(names)s. Correct the entry, or leave it empty."),
    ),
    "interface_other": (
        _("No hotspot is on the interface %(name)s"),
        _("They are on: %(names)s. Correct the entry, or leave it empty."),
    ),
    "profiles_ok": (_("%(count)s user profiles"), "%(names)s"),
    "profile_unknown": (
        _("Profile not found: %(name)s"),
        _("The router has: %(names)s. Correct the spelling in the entry, or make the profile."),
    ),
    "menu_unread": (_("%(menu)s could not be read"), _("It said: %(text)s")),
    "services_ok": (_("Its services take only known addresses"), ""),
    "services_open": (
        _("Open to every address: %(names)s"),
        _(
            "Anybody who reaches the router may try passwords there. Give each service the addresses it is for, "
            "and switch off what nobody uses."
        ),
    ),
    "services_unread": (_("Its services could not be read"), ""),
    "plain_in_public": (
        _("Password in clear over the internet"),
        _("%(host)s is no private address, and the connection is not encrypted. Use TLS or a VPN."),
    ),
    "user_from_anywhere": (
        _("The user %(user)s may sign in from anywhere"),
        _("Ronda comes from %(server)s; the command allows only that."),
    ),
    "firewall_open": (_("No firewall rule drops what comes to the router"), ""),
    "firewall_drops": (
        _("%(count)s firewall rules drop what comes to the router"),
        _(
            "They stand below what lets Ronda in, or Ronda would not be here. A rule moved above cuts it off."
        ),
    ),
    "log_ok": (_("Nothing alarming in its log"), ""),
    "log_unread": (_("Its log could not be read"), ""),
    "log_failures": (
        _("%(count)s failed sign-ins in its log"),
        _("Who tried, from where, by which service, how often:"),
    ),
    "log_errors": (_("%(count)s errors in its log"), _("The newest:")),
}

#: What each right is needed for, where it is missing.
POLICIES: Mapping[str, Text] = {
    "read": _("see users, profiles, health and log"),
    "write": _("make, change and end hotspot users"),
    "api": _("sign in by the API at all"),
    "test": _("ping and measure from the router"),
    "rest-api": _("sign in by REST"),
}

#: The sentence above the report.
HEADLINES: Mapping[str, Text] = {
    "good": _("Everything works"),
    "note": _("It works; some remarks"),
    "warn": _("It works, with something to put right"),
    "bad": _("It works only in part: something has to be repaired"),
    "down": _("It cannot be connected to"),
}
MEANT = _("Was %(near)s meant?")
