"""Channels to people outside: one file each, named here; docs/channels.md says how to add one."""

from ronda.alerts.channels import cloud, gateway, inside, mail, ntfy, push, telegram, webhook
from ronda.alerts.channels.port import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        gateway.KIND,
        cloud.KIND,
        telegram.KIND,
        mail.KIND,
        ntfy.KIND,
        push.KIND,
        webhook.KIND,
        inside.KIND,
    )
}
