"""Request bodies: JSON within a limit; files streamed to a temporary file while they are counted and hashed."""

import hashlib
import tempfile
from collections.abc import AsyncIterator
from typing import IO, Any

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from hub_registry.errors import Finding, Invalid, TooLarge
from hub_registry.imports.upload import Received

_IN_MEMORY_BYTES = 8_000_000
_CSV_TYPES = frozenset({"text/csv", "application/csv", "application/vnd.ms-excel", "application/octet-stream", ""})


async def receive_json(request: Request, *, limit_bytes: int) -> bytes:
    """Read the whole body, where FastAPI will find it again; raises TooLarge."""
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit_bytes:
            raise TooLarge(f"the body is larger than {limit_bytes} bytes", limit_bytes=limit_bytes)
        parts.append(part)
    request._body = b"".join(parts)  # where request.body() itself keeps it
    return request._body


async def receive(request: Request, *, limit_bytes: int) -> Received:
    """Stream a file from the body, or from the first file of a multipart form.

    Raises:
        TooLarge: it is larger than the limit; known early where the caller says the length.
        Invalid: neither CSV nor a form with a file.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > limit_bytes + 10_000:  # the form around the file
        raise _too_large(limit_bytes)
    spool = _Spool(limit_bytes)
    try:
        if kind == b"multipart/form-data":
            await _from_form(request.stream(), options.get(b"boundary", b""), spool)
        elif kind.decode("latin-1") in _CSV_TYPES:
            async for part in request.stream():
                spool.write(part)
        else:
            message = "send the file as text/csv, or as the file of a multipart/form-data form"
            raise Invalid("this is no CSV file", [Finding(field="Content-Type", message=message)])
    except BaseException:
        spool.file.close()
        raise
    return spool.received()


class _Spool:
    """A temporary file with a limit."""

    def __init__(self, limit_bytes: int) -> None:
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 -- Received closes it
        self._hash = hashlib.sha256()
        self._size = 0
        self._limit = limit_bytes

    def write(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit:
            raise _too_large(self._limit)
        self._hash.update(part)
        self.file.write(part)

    def received(self) -> Received:
        self.file.seek(0)
        return Received(file=self.file, sha256=self._hash.hexdigest(), size_bytes=self._size)


class _FirstFile:
    """Callbacks of the form parser: passes on the data of the first part that has a filename."""

    def __init__(self, spool: _Spool) -> None:
        self.found = False
        self.ended = False
        self._spool = spool
        self._inside = False
        self._name = b""
        self._value = b""
        self._disposition = b""

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._field,
            "on_header_value": self._more_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._all,
        }

    def _begin(self) -> None:
        self._name = self._value = self._disposition = b""

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _more_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name = self._value = b""

    def _headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._inside = not self.found and b"filename" in options
        self.found = self.found or self._inside

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._inside:
            self._spool.write(data[start:end])

    def _end(self) -> None:
        self._inside = False

    def _all(self) -> None:
        self.ended = True


async def _from_form(stream: AsyncIterator[bytes], boundary: bytes, spool: _Spool) -> None:
    first = _FirstFile(spool)
    try:
        parser = MultipartParser(boundary, first.callbacks())  # type: ignore[arg-type]
        async for part in stream:
            parser.write(part)
        parser.finalize()
    except FormParserError as broken:
        raise Invalid("the form can't be read", [Finding(field="body", message=str(broken))]) from broken
    if not first.found:
        raise Invalid("the form has no file", [Finding(field="file", message="attach the CSV file as a form file")])
    if not first.ended:
        raise Invalid(
            "the form is cut off", [Finding(field="body", message="its last boundary is missing; send it anew")]
        )


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(f"the file is larger than {limit_bytes} bytes; split it", limit_bytes=limit_bytes)
