"""照片和扫描件的打印: one picture on one A4 sheet, as large as it fits; a PDF as it is."""

from io import BytesIO

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from app.kit.pictures import PDF

MARGIN = 12 * mm
DENSEST = 72 / 110  # points a pixel takes at most: a small picture is not blown up to a whole sheet


def draw(data: bytes, media_type: str) -> bytes:
    """Lying where the picture lies."""
    if media_type == PDF:
        return data
    picture = ImageReader(BytesIO(data))
    wide, tall = picture.getSize()
    sheet = landscape(A4) if wide > tall else A4
    share = min((sheet[0] - 2 * MARGIN) / wide, (sheet[1] - 2 * MARGIN) / tall, DENSEST)
    out = BytesIO()
    canvas = Canvas(out, pagesize=sheet, invariant=True)
    at = (sheet[0] - wide * share) / 2, sheet[1] - MARGIN - tall * share
    canvas.drawImage(picture, *at, wide * share, tall * share)
    canvas.showPage()
    canvas.save()
    return out.getvalue()
