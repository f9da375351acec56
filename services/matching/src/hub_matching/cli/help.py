"""Help as a person reads it: an argument by its name alone, and a range of numbers in words where it says something."""

from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperOption


class _Argument(TyperArgument):
    def display_type_rich(self, ctx: Any) -> None:
        """Nothing: the name says it."""

    def _usage_display_name(self) -> str:
        return self.display_name_raw + ("..." if self.nargs != 1 else "")


class _Option(TyperOption):
    def _get_number_range_help_str(self) -> str | None:
        """From what to what; that a number can't be less than none goes without saying."""
        return f"{self.min} to {self.max}" if self.min is not None and self.max is not None else None


class PlainCommand(TyperCommand):
    """A command whose help says what a person needs, and nothing of types."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for one in self.params:  # typer makes them itself and takes no class of ours
            if isinstance(one, TyperArgument):
                one.__class__ = _Argument
            elif isinstance(one, TyperOption):
                one.__class__ = _Option
