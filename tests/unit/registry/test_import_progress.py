"""How far an import has come: rows read, compared and written, told only to who listens."""

import io

from hub_registry.imports import compare
from hub_registry.imports.progress import Progress, Step, current, told_to
from hub_registry.imports.reading import parse
from hub_registry.schools.columns import SCHOOLS


def file(rows: int) -> io.BytesIO:
    """A register of so many schools."""
    lines = [f"{100_000 + at},School {at},L1 8JX" for at in range(rows)]
    return io.BytesIO("\n".join(["URN,EstablishmentName,Postcode", *lines, ""]).encode())


def test_rows_are_counted_as_they_are_read_compared_and_written() -> None:
    progress = Progress()
    with told_to(progress):
        table = parse(file(600), SCHOOLS)
        assert progress.step == Step("reading", 500, 600)
        compare(table.records, lambda _: None)
        assert progress.step == Step("comparing", 500, 600)
        current().wrote(400)
        assert progress.step == Step("writing", 400, 600)
        current().wrote(200)
        assert progress.step == Step("writing", 600, 600)


def test_nobody_is_told_where_nobody_listens() -> None:
    progress = Progress()
    with told_to(progress):
        pass
    parse(file(600), SCHOOLS)
    assert progress.step == Step()


def test_more_rows_than_lines_or_none_to_write_never_tell_more_than_all() -> None:
    progress = Progress()
    progress.began("reading", 3)
    progress.did(250)
    assert progress.step == Step("reading", 3, 3)
    progress.wrote(5)
    assert progress.step == Step("writing", 5, 0)
