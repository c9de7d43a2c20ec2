"""Several papers as one file: what is previewed, printed and saved is the same."""

import io
from collections.abc import Sequence

import pypdfium2  # type: ignore[import-untyped]

from app.kit.pdfium import one_at_a_time
from app.printing.kit.page import Drawn, lacking


def joined(papers: Sequence[bytes]) -> bytes:
    """All pages in the order given; one paper alone stays byte for byte."""
    if len(papers) == 1:
        return papers[0]
    file, blanks = io.BytesIO(), dict[str, int]()
    with one_at_a_time:
        whole = pypdfium2.PdfDocument.new()
        for one in papers:
            for char, page in lacking(one).items():
                blanks.setdefault(char, len(whole) + page)
            part = pypdfium2.PdfDocument(one)
            whole.import_pages(part)
            part.close()
        whole.save(file)
        whole.close()
    return Drawn(file.getvalue(), blanks)


def page_count(paper: bytes) -> int:
    """How many sheets of paper it takes."""
    with one_at_a_time:
        document = pypdfium2.PdfDocument(paper)
        count = len(document)
        document.close()
    return count
