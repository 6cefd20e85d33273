"""The sentences that people read about files and rows: one for each code of rules and formats.

`problem` is about a whole file, `finding` about one row. A code without a sentence is a mistake
that a test finds; people then still see the code.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronda.devices.formats import FormatError, Kind
from ronda.devices.rules.compare import Outcome
from ronda.devices.rules.findings import Finding, shown

Text = str | Promise

PROBLEMS: Mapping[str, Text] = {
    "file_too_large": gettext_lazy(
        "The file has %(megabytes)s MB; the limit is %(limit)s MB. Split it, or raise RONDA_UPLOAD_MB."
    ),
    "empty_file": gettext_lazy("The file is empty."),
    "too_many_rows": gettext_lazy("The file has more than %(limit)s rows. Split it."),
    "too_many_columns": gettext_lazy("The file has more than %(limit)s columns."),
    "too_many_cells_in_sheet": gettext_lazy(
        "The sheet reaches too far: clear the cells far from the table and save it again."
    ),
    "cell_texts_too_long": gettext_lazy("Texts in the cells are far longer than any list needs."),
    "cell_too_long": gettext_lazy(
        "A cell is far too long; a quotation mark is probably missing nearby."
    ),
    "json_cut_off": gettext_lazy(
        "The file ends in the middle: it was not copied or sent whole. "
        "%(records)s records before the end are readable."
    ),
    "json_mistake": gettext_lazy("This is not valid JSON near “%(near)s”."),
    "json_no_list": gettext_lazy("A list of records is expected, not a single %(found)s."),
    "json_unknown": gettext_lazy(
        "These records are of no kind that we know; they have: %(found)s."
    ),
    "record_expected": gettext_lazy("A record is expected here, not a %(found)s."),
    "nested_too_deep": gettext_lazy("The file is nested deeper than any list."),
    "geojson_features": gettext_lazy("The GeoJSON has no list of features."),
    "encoding_unknown": gettext_lazy("The file is in %(encoding)s; save it as UTF-8."),
    "encoding_wrong": gettext_lazy(
        "The byte %(byte)s at offset %(offset)s is no valid character: "
        "the file is damaged or in another encoding. Save it as UTF-8."
    ),
    "text_cut_off": gettext_lazy(
        "The file ends inside a character (offset %(offset)s): it was not copied or sent whole."
    ),
    "nul_byte": gettext_lazy("There is a NUL byte in the text; the file is damaged."),
    "old_office_file": gettext_lazy(
        "This is an old or password-protected Office file. "
        "Remove the password or save it as .xlsx or CSV."
    ),
    "compressed_file": gettext_lazy("The file is compressed; unpack it first."),
    "no_list": gettext_lazy("This is no list (it looks like an image, a document or a database)."),
    "headings_not_found": gettext_lazy(
        "No line with headings was found; at least two of them, such as ID, Nama, IP, "
        "Latitude, Longitude, must be in one line. Found: %(found)s"
    ),
    "csv_cut_off": gettext_lazy(
        "The last line ends in the middle: the file was not copied or sent whole. "
        "%(records)s rows before it are readable."
    ),
    "quote_not_closed": gettext_lazy("A quotation mark that opens here is never closed."),
    "csv_mistake": gettext_lazy("A quotation mark stands where none may be."),
    "xml_cut_off": gettext_lazy(
        "The file ends in the middle: it was not copied or sent whole. "
        "%(records)s places before the end are readable."
    ),
    "xml_mistake": gettext_lazy("This is not valid XML."),
    "xml_no_kml": gettext_lazy("This is no KML; the file starts with <%(found)s>."),
    "xml_entities": gettext_lazy(
        "The file defines XML entities or a document type (in %(member)s). "
        "No list needs them and attacks do, so it is refused."
    ),
    "zip_cut_off": gettext_lazy("The file is damaged or was not copied or sent whole."),
    "zip_broken": gettext_lazy("The part %(member)s of the file is damaged."),
    "zip_members": gettext_lazy("The archive holds %(members)s files; no workbook has so many."),
    "zip_unknown": gettext_lazy("The archive holds neither a workbook (.xlsx) nor a KML."),
    "zip_bomb_size": gettext_lazy(
        "Unpacked, the file would take more than %(megabytes)s MB (%(member)s). It is refused."
    ),
    "zip_bomb_ratio": gettext_lazy(
        "The part %(member)s would grow to %(ratio)s times its size. It is refused."
    ),
    "protected_file": gettext_lazy("The file is protected by a password; save it without one."),
    "xlsx_broken": gettext_lazy("The workbook is damaged; open and save it again."),
}

#: Problems whose row is a line of the text; elsewhere it is a record or a row of a table.
LINES = frozenset({"json_cut_off", "json_mistake", "xml_cut_off", "xml_mistake"})

FINDINGS: Mapping[str, Text] = {
    "customer_id_missing": gettext_lazy("The customer ID is missing."),
    "customer_id_repeated": gettext_lazy(
        "Customer ID %(value)s stands in row %(first)s already, with other values."
    ),
    "row_repeated": gettext_lazy("The same row stands in row %(first)s already."),
    "customer_id_case": gettext_lazy(
        "Customer ID %(value)s differs from %(other)s in row %(first)s only in capitals."
    ),
    "not_text": gettext_lazy("A text or a number is expected, not “%(value)s”."),
    "control_character": gettext_lazy("There is a control character (%(character)s) in the text."),
    "too_long": gettext_lazy("The text has %(length)s characters; %(limit)s fit."),
    "formula": gettext_lazy(
        "“%(value)s” looks like a spreadsheet formula. It would be kept as plain text."
    ),
    "formula_cell": gettext_lazy(
        "The cell holds a formula; only its last computed value can be taken."
    ),
    "markup": gettext_lazy("“%(value)s” holds HTML. It would be kept as plain text."),
    "damaged_text": gettext_lazy("“%(value)s” was probably “%(proposed)s”."),
    "address_missing": gettext_lazy("There is no address: the ONT is listed but not watched."),
    "address_refused": gettext_lazy("“%(value)s” cannot be watched: %(reason)s."),
    "address_unclear": gettext_lazy("“%(value)s” was probably %(proposed)s."),
    "address_repeated": gettext_lazy(
        "Address %(value)s stands in row %(first)s too: it is probed once and shown on both."
    ),
    "address_alone": gettext_lazy(
        "Address %(value)s is alone in its network; look whether it is right."
    ),
    "name_repeated": gettext_lazy("Name and location are the same as in row %(first)s."),
    "category_unknown": gettext_lazy("“%(value)s” is none of CSR, APBD, general; it is left out."),
    "yes_or_no_expected": gettext_lazy("“%(value)s” is neither yes nor no; it is left out."),
    "coordinates_unreadable": gettext_lazy("“%(value)s” cannot be read as coordinates."),
    "angle_unreadable": gettext_lazy("“%(value)s” cannot be read as degrees."),
    "angle_read_as": gettext_lazy("“%(value)s” was read as %(read_as)s."),
    "angle_with_spaces": gettext_lazy(
        "“%(value)s” has a space inside and was probably %(proposed)s."
    ),
    "half_a_place": gettext_lazy("Only one of latitude and longitude is filled in."),
    "sign_missing": gettext_lazy(
        "%(value)s is far from the rest; a minus sign was probably lost: %(proposed)s."
    ),
    "swapped": gettext_lazy("Latitude and longitude were probably swapped: %(proposed)s."),
    "point_missing": gettext_lazy("%(value)s probably lost its decimal point: %(proposed)s."),
    "not_on_earth": gettext_lazy("%(value)s is no place; the ONT will not be on the map."),
    "far_away": gettext_lazy("%(value)s is far from all the others."),
    "too_many_cells": gettext_lazy("The row has more cells than there are headings."),
    "too_few_cells": gettext_lazy("The row ends before this column."),
    "not_a_point": gettext_lazy("The place is no point (%(value)s)."),
}

REASONS: Mapping[str, Text] = {
    "empty": gettext_lazy("it is empty"),
    "too_long": gettext_lazy("it is longer than a host name can be"),
    "whitespace": gettext_lazy("it contains a space or a control character"),
    "option_like": gettext_lazy("it starts with a hyphen"),
    "forbidden_character": gettext_lazy("it contains a character that no address has"),
    "malformed": gettext_lazy("it is neither an IPv4 address, an IPv6 address nor a host name"),
    "leading_zero": gettext_lazy("a number of the address starts with a zero"),
    "unspecified": gettext_lazy("it stands for “this network” and not for a device"),
    "loopback": gettext_lazy("it is this machine itself"),
    "multicast": gettext_lazy("it is a group (multicast) address"),
    "broadcast": gettext_lazy("it is a broadcast address"),
    "reserved": gettext_lazy("it is in a reserved range"),
    "link_local": gettext_lazy("an IPv6 link-local address needs an interface"),
    "metadata": gettext_lazy("clouds tell their machines secrets there"),
}

REMARKS: Mapping[str, Text] = {
    "encoding_guessed": gettext_lazy(
        "The file is not UTF-8; it was read as %(value)s. Look whether accents are right."
    ),
    "other_sheets": gettext_lazy("Other sheets of the workbook were left aside: %(value)s."),
    "columns_ignored": gettext_lazy("Columns that nobody reads were left aside: %(value)s."),
}

#: What a group of findings that can be accepted is called.
GROUPS: Mapping[str, Text] = {
    "angle_with_spaces": gettext_lazy("Spaces inside numbers"),
    "sign_missing": gettext_lazy("Lost minus signs"),
    "swapped": gettext_lazy("Swapped latitude and longitude"),
    "point_missing": gettext_lazy("Lost decimal points"),
    "address_unclear": gettext_lazy("Slips in addresses"),
    "damaged_text": gettext_lazy("Damaged words"),
    "formula": gettext_lazy("Texts like formulas, as plain text"),
    "formula_cell": gettext_lazy("Cells with formulas, by their last value"),
    "markup": gettext_lazy("Texts with HTML, as plain text"),
}

OUTCOMES: Mapping[Outcome, Text] = {
    Outcome.NEW: gettext_lazy("New"),
    Outcome.CHANGED: gettext_lazy("Changed"),
    Outcome.SAME: gettext_lazy("Same"),
    Outcome.HELD: gettext_lazy("Waiting for you"),
    Outcome.REFUSED: gettext_lazy("Refused"),
}

FIELDS: Mapping[str, Text] = {
    "name": gettext_lazy("Name"),
    "location": gettext_lazy("Location"),
    "latitude": gettext_lazy("Latitude"),
    "longitude": gettext_lazy("Longitude"),
    "address": gettext_lazy("Address"),
    "category": gettext_lazy("Category"),
    "area": gettext_lazy("Area"),
    "notes": gettext_lazy("Notes"),
    "monitored": gettext_lazy("Monitored"),
}

KINDS: Mapping[Kind, Text] = {
    Kind.ONTS: gettext_lazy("a list of ONTs"),
    Kind.STATUS_CACHE: gettext_lazy("a status cache of the older system"),
    Kind.NOTIFICATIONS: gettext_lazy("notifications of the older system"),
    Kind.OUTAGES: gettext_lazy("outages of the older system"),
    Kind.HISTORY: gettext_lazy("user counts of the older system"),
    Kind.USER_LOG: gettext_lazy("a user log of the older system"),
    Kind.EMPTY: gettext_lazy("a list without records"),
}


def _filled(text: Text | None, code: str, params: Mapping[str, object]) -> str:
    printable = {name: shown(v) if isinstance(v, str) else v for name, v in params.items()}
    return str(text) % printable if text is not None else code


def problem(error: FormatError) -> str:
    """Why the file was refused, with the row and the column where they are known."""
    text = _filled(PROBLEMS.get(error.code), error.code, error.params)
    if error.code in LINES and error.row is not None:
        where = _("Line %(row)s, column %(column)s") % {"row": error.row, "column": error.column}
    else:
        where = place(error.row, error.column)
    return f"{where}: {text}" if where else text


def place(row: int | None, column: int | str | None) -> str:
    """`Row 24, column 13`, or what is known of it."""
    if row is not None and column not in (None, ""):
        return _("Row %(row)s, column %(column)s") % {"row": row, "column": column}
    if row is not None:
        return _("Row %(row)s") % {"row": row}
    return _("Column %(column)s") % {"column": column} if column not in (None, "") else ""


def finding(found: Finding) -> str:
    """What was noticed, without the place (tables have a column for it)."""
    params: dict[str, object] = {"value": found.value, **found.params}
    if "reason" in params:
        params["reason"] = REASONS.get(str(params["reason"]), params["reason"])
    return _filled(FINDINGS.get(found.code), found.code, params)


def finding_at(found: Finding) -> str:
    """What was noticed and where: `Row 381, column latitude: ...`."""
    return f"{place(found.row, found.column)}: {finding(found)}"


def remark(code: str, value: str) -> str:
    """Something worth telling about the file as a whole."""
    return _filled(REMARKS.get(code), code, {"value": value})
