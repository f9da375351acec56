"""Compiles a loop at its first use and keeps the machine code for the next process, where it can be kept.

The machine code of a loop has that of the loops it calls in it, and constants and the order of fields from other files;
numba itself looks at the loop's own file only. So what is kept is good for as long as none of those sources changes.
"""

import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile

_HERE = Path(__file__).parent
_LOOP = re.compile(rb"^@compiled$", re.MULTILINE)
_IMPORT = re.compile(rb"^from hub_allocation\.([\w.]+) import", re.MULTILINE)


def compiled(loop: Callable[..., Any]) -> Any:
    """Compile a function with numba; without a writable cache folder each process compiles anew.

    Where the code lies in a folder that can't be written to, NUMBA_CACHE_DIR may name another.
    """
    made = numba.njit(loop)
    try:
        made._cache = _Kept(loop)  # as njit's own ``cache=True`` does
    except RuntimeError as refused:
        if "cannot cache function" not in str(refused):
            raise
    return made


class _Kept(FunctionCache):
    """Keeps a loop's machine code; when any source of the loops is another, it is compiled anew and takes its place."""

    def __init__(self, loop: Callable[..., Any]) -> None:
        super().__init__(loop)  # type: ignore[no-untyped-call]
        self._cache_file = IndexDataCacheFile(  # type: ignore[no-untyped-call]
            self._cache_path, self._impl.filename_base, sources_sha256()
        )


@cache
def sources_sha256() -> str:
    """The hash of all files with loops and of what these import: a loop may see no other of this package."""
    text = {path: path.read_bytes() for path in _HERE.rglob("*.py")}
    found: set[Path] = set()
    look_at = [path for path in text if _LOOP.search(text[path])]
    while look_at:
        path = look_at.pop()
        if path in text and path not in found:
            found.add(path)
            for name in _IMPORT.findall(text[path]):
                place = _HERE.joinpath(*name.decode().split("."))
                look_at += [place.with_suffix(".py"), place / "__init__.py"]
    whole = hashlib.sha256()
    for path in sorted(found):
        whole.update(path.relative_to(_HERE).as_posix().encode() + b"\0" + hashlib.sha256(text[path]).digest())
    return whole.hexdigest()
