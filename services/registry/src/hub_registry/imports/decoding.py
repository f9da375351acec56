"""Which encoding a file is in: UTF-8 with or without BOM, or Windows-1252."""

import codecs
from dataclasses import dataclass
from typing import IO, Final, Literal

from hub_registry.imports.findings import Findings

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Encoding:
    """What was found: Python's name of the codec, ours for the receipt, and what there is to say about it."""

    codec: str
    label: str
    notices: tuple[str, ...] = ()


UTF_8: Final = Encoding("utf-8", "utf-8")
UTF_8_BOM: Final = Encoding("utf-8-sig", "utf-8-bom")
WINDOWS: Final = Encoding(
    "cp1252", "windows-1252", ("the file is not UTF-8 and was read as Windows-1252: look at names with accents",)
)


def detect(file: IO[bytes], findings: Findings) -> Encoding:
    """Look through the whole file and go back to its beginning; adds a finding when it can't be read."""
    start = file.read(4)
    file.seek(0)
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        findings.add(1, None, "bad_encoding", "the file is UTF-16: save it as CSV UTF-8")
        return UTF_8
    if start[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        findings.add(1, None, "bad_encoding", "this is a workbook, not a CSV file: save the sheet as CSV UTF-8")
        return UTF_8
    outcome, line = _utf_8(file)
    file.seek(0)
    match outcome:
        case "utf-8":
            return UTF_8_BOM if start.startswith(codecs.BOM_UTF8) else UTF_8
        case "nul":
            message = "has a NUL character: this is no text file, or it is damaged"
            findings.add(line, None, "bad_encoding", message)
            return UTF_8
        case "cut":
            findings.add(line, None, "cut_file", "the file ends in the middle of a character: it is cut off")
            return UTF_8
    _windows(file, findings)
    file.seek(0)
    return WINDOWS


def _utf_8(file: IO[bytes]) -> tuple[Literal["utf-8", "nul", "cut", "other"], int]:
    """Say whether the file is UTF-8, and if not, in which line it ceases to be."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    plain = True
    while chunk := file.read(_CHUNK):
        if (place := chunk.find(b"\0")) >= 0:
            return "nul", line + chunk[:place].count(b"\n")
        try:
            plain = decoder.decode(chunk).isascii() and plain
        except UnicodeDecodeError:
            return "other", line
        line += chunk.count(b"\n")
    if not decoder.getstate()[0]:
        return "utf-8", 0
    # A lone byte at the end of an otherwise plain file is an accent in Windows-1252 rather than half a character.
    return ("other" if plain else "cut"), line


def _windows(file: IO[bytes], findings: Findings) -> None:
    line = 1
    while chunk := file.read(_CHUNK):
        try:
            chunk.decode("cp1252")
        except UnicodeDecodeError as bad:
            message = f"byte 0x{chunk[bad.start]:02X} is neither UTF-8 nor Windows-1252: save the file as CSV UTF-8"
            findings.add(line + chunk[: bad.start].count(b"\n"), None, "bad_encoding", message)
            return
        line += chunk.count(b"\n")
