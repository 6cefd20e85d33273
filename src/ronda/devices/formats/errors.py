"""Why a file could not be read, as a code with a place; the sentences are made elsewhere."""

from __future__ import annotations


class FormatError(Exception):
    """A file that cannot be taken; nothing of it was used.

    `row` is the line, sheet row or record (from 1) and `column` the column number or heading,
    where they are known. `params` go into the sentence that `devices.service.wording` makes of
    `code`.
    """

    def __init__(
        self,
        code: str,
        *,
        row: int | None = None,
        column: int | str | None = None,
        **params: str | float,
    ) -> None:
        self.code = code
        self.row = row
        self.column = column
        self.params = params
        where = [f"row {row}"] if row is not None else []
        where += [f"column {column}"] if column is not None else []
        where += [f"{name} {value}" for name, value in params.items()]
        super().__init__(f"{code} ({', '.join(where)})" if where else code)


class FileTooLarge(FormatError):
    """More bytes, rows or cells than we take."""


class FileEmpty(FormatError):
    """Nothing in it."""


class FileTruncated(FormatError):
    """The file ends in the middle; whoever sent it should send it again."""


class WrongEncoding(FormatError):
    """Bytes that are no text in any encoding we read."""


class FileUnreadable(FormatError):
    """Not one of our formats, or broken within."""


class FileDangerous(FormatError):
    """Made to hurt: a zip bomb, XML entities, endless nesting."""
