"""SQL of what changes whenever rows do, so that what was made of them can be kept until then."""


def of_rows(table: str, condition: str = "true") -> str:
    """Give an expression for the version of the rows of ``table t`` that meet a condition.

    Any change of a row gives it a new xmin, so that the sum changes with it; a maximum would miss a late commit. Sums
    of small whole numbers take half the time of large ones.
    """
    return (
        f"(SELECT concat(count(*), ' ', sum((t.xmin::text::bigint % 2147483647)::int)) FROM {table} WHERE {condition})"
    )
