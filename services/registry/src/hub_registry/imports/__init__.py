"""Bulk import of CSV files: all or nothing, every error with row and column, a receipt.

How a concept uses it (see ``employers/`` for a short one):

1. ``columns.py`` describes the file: a ``Sheet`` of ``Column``s, each with its parser from ``imports.cells``, a
   sentence for the documentation and an example; ``key`` names the columns that occur once together; ``refused``
   the columns that may not be in it, with the reason; ``check`` looks at a whole row.
2. The router takes ``upload: Upload`` (``api.route.UploadRoute``) and the use case calls
   ``table = await read(upload, SHEET)``: raises FileRefused with the first 200 errors and counts by kind.
3. The use case looks up what the rows refer to, adds to a ``Findings`` what is unknown
   (``findings.add(record, "slot_ref", "unknown", "there is no slot …")``) and calls ``findings.refuse(SHEET)``.
4. ``compare(table.records, find)`` says what is new, changed and the same; unless it is a preview the
   repository writes it (``imports.rows.write``: one statement with ``jsonb_populate_recordset``), the facts are staged,
   and ``record_receipt(make_receipt(…))`` keeps the receipt: all in the caller's transaction.

A record holds only the columns that the file has, so that a column left out keeps what is stored.
"""

from hub_registry.imports.compare import Comparison, Update, compare
from hub_registry.imports.findings import Findings
from hub_registry.imports.reading import read
from hub_registry.imports.receipt import Receipt, make_receipt, record_receipt
from hub_registry.imports.sheet import Column, Record, Sheet, Table
from hub_registry.imports.upload import Received

__all__ = [
    "Column",
    "Comparison",
    "Findings",
    "Receipt",
    "Received",
    "Record",
    "Sheet",
    "Table",
    "Update",
    "compare",
    "make_receipt",
    "read",
    "record_receipt",
]
