"""`ronda openapi`: the description of the API for other people's programs."""

import json

import click


@click.command()
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, writable=True), help="Write to this file."
)
def openapi(output: str | None) -> None:
    """Print the OpenAPI document of /api/v1."""
    from ronda.app import boot

    boot.django()
    from ronda.app.api import v1

    text = json.dumps(v1.get_openapi_schema(path_prefix="/api/v1/"), ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
    else:
        with click.open_file(output, "w", encoding="utf-8") as file:
            file.write(text + "\n")
