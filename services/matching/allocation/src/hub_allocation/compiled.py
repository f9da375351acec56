"""Compiles a loop at its first use and keeps the machine code for the next process, where it can be kept."""

from collections.abc import Callable
from typing import Any

import numba


def compiled(loop: Callable[..., Any]) -> Any:
    """Compile a function with numba; without a writable cache folder each process compiles anew.

    Where the code lies in a folder that can't be written to, NUMBA_CACHE_DIR may name another.
    """
    try:
        return numba.njit(cache=True)(loop)
    except RuntimeError as refused:
        if "cannot cache function" not in str(refused):
            raise
        return numba.njit(loop)
