"""`ronda jobs`: durable jobs that need a person."""

import json
from typing import Any

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--cancel", type=int, metavar="ID", help="Take back a job that has not started.")
def jobs(as_json: bool, cancel: int | None) -> None:
    """List jobs that are overdue, and those that failed within a day.

    Exit status 1 when there is any.
    """
    from ronda.app import boot

    boot.django()
    from ronda.work import jobs as durable

    if cancel is not None:
        if not durable.cancel(cancel):
            raise click.ClickException(f"job {cancel} is not waiting: it has started or is gone")
        click.echo(f"Job {cancel} is taken back.")
        return
    rows = [_row(job) for job in durable.trouble()]
    if as_json:
        click.echo(json.dumps({"jobs": rows}, indent=2))
    elif not rows:
        click.echo("No job needs attention.")
    for row in [] if as_json else rows:
        why = row["error"] or row["code"] or row["progress"] or "has not started"
        click.echo(
            f"{row['id']:>8}  {row['state']:<8} {row['kind']:<24} {row['lock'] or '-':<12} "
            f"since {row['created_at']}  {why}"
        )
    if rows:
        raise SystemExit(1)


def _row(job: Any) -> dict[str, Any]:
    return {
        "id": job.pk,
        "kind": job.kind,
        "state": job.state,
        "lock": job.lock,
        "created_at": job.created_at.isoformat(timespec="seconds"),
        "attempts": job.attempts,
        "progress": job.progress,
        "error": job.error,
        "code": job.code,
    }
