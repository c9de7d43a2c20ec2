"""Several papers as one file: what is previewed, printed and saved is the same."""

import io
from collections.abc import Sequence

import pypdfium2  # type: ignore[import-untyped]


def joined(papers: Sequence[bytes]) -> bytes:
    """All pages in the order given; one paper alone stays byte for byte."""
    if len(papers) == 1:
        return papers[0]
    whole = pypdfium2.PdfDocument.new()
    for one in papers:
        part = pypdfium2.PdfDocument(one)
        whole.import_pages(part)
        part.close()
    file = io.BytesIO()
    whole.save(file)
    whole.close()
    return file.getvalue()


def page_count(paper: bytes) -> int:
    """How many sheets of paper it takes."""
    document = pypdfium2.PdfDocument(paper)
    count = len(document)
    document.close()
    return count
