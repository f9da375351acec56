"""Days as a person types them into the rows of a form."""


def days(number: int, first: str, last: str) -> dict[str, str]:
    """A row of first and last day as a person types it."""
    ends = (("from", first.split()), ("to", last.split()))
    parts = ("day", "month", "year")
    return {
        f"available-{number}-{end}-{part}": text for end, typed in ends for part, text in zip(parts, typed, strict=True)
    }
