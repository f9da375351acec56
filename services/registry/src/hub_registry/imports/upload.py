"""A file that was received whole, before anything is read from it."""

from dataclasses import dataclass
from typing import IO


@dataclass(slots=True)
class Received:
    """An uploaded file; ``file`` is at its beginning."""

    file: IO[bytes]
    sha256: str
    size_bytes: int

    def close(self) -> None:
        """Delete the temporary file."""
        self.file.close()
