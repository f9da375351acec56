"""Waiting that ends early when something happens."""

import asyncio


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """Wait, or return True at once when ``stop`` is set."""
    await first(stop, longest_s=seconds)
    return stop.is_set()


async def first(*events: asyncio.Event, longest_s: float | None = None) -> None:
    """Wait until one of the events is set, or for so long."""
    tasks = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, timeout=longest_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
