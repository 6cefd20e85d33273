"""Writes the neighbourhood as the files its people would send: every dialect the import reads.

The kalurahan's list comes three times (the older system's main file, its fallback with states that
never move, a spreadsheet's CSV with decimal commas), the town's list in the dialect of a converter,
and a few schools in the dialect of a sibling system.
"""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ronda.simulator.neighbourhood import Neighbourhood
from ronda.simulator.ont import Ont

Row = dict[str, Any]

MAIN = "wifi_wringinjalu.json"
FALLBACK = "onts.json"
TOWN = "csvjson.json"
SCHOOLS = "sekolah.json"
SPREADSHEET = "wringinjalu.csv"


def write_lists(neighbourhood: Neighbourhood, folder: Path) -> list[Path]:
    """Write every list into the folder, which is made if need be; return what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    schools = [ont for ont in neighbourhood.onts if ont.location.startswith("SDN ")]
    texts = {
        MAIN: _json(main_row(ont) for ont in neighbourhood.onts),
        FALLBACK: _json(fallback_row(ont) for ont in neighbourhood.onts),
        TOWN: _json(town_row(ont) for ont in neighbourhood.town),
        SCHOOLS: _json(school_row(ont) for ont in schools),
        SPREADSHEET: spreadsheet(neighbourhood.onts),
    }
    written = []
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="")
        written.append(path)
    return written


def main_row(ont: Ont) -> Row:
    """One row of the older system's main list."""
    return {
        "id": ont.number,
        "id_ccbs": ont.customer_id,
        "name": ont.name,
        "lokasi": ont.location,
        "latitude": ont.written[0],
        "longitude": ont.written[1],
        "ip": ont.address,
    }


def fallback_row(ont: Ont) -> Row:
    """The same with three fields that never change: useless as a state."""
    return {**main_row(ont), "status": "ON", "rto_count": 0, "last_on": None}


def town_row(ont: Ont) -> Row:
    """One row as a spreadsheet-to-JSON converter writes it."""
    return {
        "no": ont.number,
        "ID": ont.customer_id,
        "Nama": ont.name,
        "Lokasi": ont.location,
        "Latitude": ont.written[0],
        "Longitude": ont.written[1],
        "IP": ont.address,
        "Status": "",
    }


def school_row(ont: Ont) -> Row:
    """One row of the sibling system that watches schools; its dates are naive local time."""
    return {
        "id": ont.number,
        "id_pelanggan": f"SD{ont.number:06}",
        "name": ont.location,
        "lokasi": ont.name,
        "latitude": ont.latitude,
        "longitude": ont.longitude,
        "ip": ont.address,
        "Icon": "119",
        "status": "OFF(RTO)" if ont.number % 5 == 0 else "ON",
        "last_on": f"2025-09-03T{ont.number % 24:02}:54:31.407000",
    }


def spreadsheet(onts: Iterable[Ont]) -> str:
    """The list as a spreadsheet set to Indonesia saves it: semicolons, decimal commas, a BOM."""
    page = io.StringIO()
    writer = csv.writer(page, delimiter=";", lineterminator="\r\n")
    writer.writerow(
        ["id_pelanggan", "nama", "lokasi", "latitude", "longitude", "ip", "kategori", "padukuhan"]
    )
    for ont in onts:
        latitude, longitude = (str(part).replace(".", ",", 1) for part in ont.written)
        writer.writerow(
            [
                ont.customer_id,
                ont.name,
                ont.location,
                latitude,
                longitude,
                ont.address,
                ont.category,
                ont.area,
            ]
        )
    return "\ufeff" + page.getvalue()


def _json(rows: Iterable[Row]) -> str:
    return json.dumps(list(rows), ensure_ascii=False, indent=2) + "\n"
