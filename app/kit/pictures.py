"""Pictures and scans as they are kept: judged by their bytes, decoded within bounds, turned
upright, scaled, and written anew, so that nothing of the camera's notes (place, device) remains."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO

import pypdfium2  # type: ignore[import-untyped]
from pi_heif import register_heif_opener  # type: ignore[import-untyped]
from PIL import Image, ImageOps, UnidentifiedImageError

from app.kit.pdfium import one_at_a_time
from app.kit.refusal import Refusal
from models.kit import clock

JPEG, PDF = "image/jpeg", "application/pdf"
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "HEIF")
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".heic", ".heif", ".pdf")

PHOTO, PAPER, PORTRAIT = (1600, 1600), (2000, 2000), (480, 640)
# the quality of a JPEG, and what is tried where it comes out bigger than this
QUALITIES, MOST = (80, 70, 60), 700_000
FILE_LIMIT = 60 * 2**20
# decoded, a pixel takes four bytes; a JPEG is read at a fraction of its size
PIXELS, JPEG_PIXELS = 40_000_000, 80_000_000
PDF_AS_IT_IS, PDF_PAGES = 2 * 2**20, 30
CONTENT_LIMIT = 12 * 2**20
TAKEN, EXIF_PART = 36867, 0x8769

register_heif_opener(thumbnails=False)


@dataclass(frozen=True, slots=True)
class Picture:
    """What is kept. ``width``, ``height`` of a PDF are those of its first page in points."""

    data: bytes
    media_type: str
    width: int
    height: int
    pages: int
    taken_on: date | None


def take_in(data: bytes, *, portrait: bool = False, paper: bool = False) -> Picture:
    """Make a file fit to be kept; raises `Refusal` with what is wrong with it. ``portrait`` is cut
    to 3 : 4, ``paper`` keeps more pixels."""
    if not data:
        raise Refusal("这个文件是空的")
    if len(data) > FILE_LIMIT:
        raise Refusal(f"文件太大（{len(data) // 2**20} MB），请先压缩到 60 MB 以内")
    if data[:1024].lstrip().startswith(b"%PDF-"):
        if portrait:
            raise Refusal("证件照要用图片，不能用 PDF")
        return _pdf(data)
    image, taken_on = _open(data, PORTRAIT if portrait else PAPER if paper else PHOTO)
    if portrait:
        image = ImageOps.fit(image, _within(image, PORTRAIT), Image.Resampling.LANCZOS)
    else:
        image.thumbnail(PAPER if paper else PHOTO, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return Picture(_jpeg(image), JPEG, image.width, image.height, 1, taken_on)


def small(data: bytes, media_type: str, side: int) -> bytes:
    """A thumbnail as JPEG, of a kept content; raises `Refusal` when it is damaged."""
    if media_type == PDF:
        image = page(data, 0, side)
    else:
        image, _ = _open(data, (side, side))
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _jpeg(image)


def page(data: bytes, number: int, side: int) -> Image.Image:
    """A page of a PDF, its longer side so many pixels."""
    with one_at_a_time:
        document = _document(data)
        try:
            sheet = document[number]
            share = side / max(1.0, *sheet.get_size())
            made: Image.Image = sheet.render(scale=share).to_pil()
            return made.convert("RGB")
        finally:
            document.close()


def _within(image: Image.Image, box: tuple[int, int]) -> tuple[int, int]:
    """The box, or as much of its shape as the picture has; nothing is blown up."""
    share = min(1.0, image.width / box[0], image.height / box[1])
    return max(1, round(box[0] * share)), max(1, round(box[1] * share))


def _open(data: bytes, box: tuple[int, int]) -> tuple[Image.Image, date | None]:
    """Decoded, upright, on white, in grey or RGB."""
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            _bounded(image)
            taken_on = _taken(image)
            if image.format in ("JPEG", "MPO"):
                image.draft(None, (2 * box[0], 2 * box[1]))
            image.load()
            return _plain(ImageOps.exif_transpose(image)), taken_on
    except Refusal:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many() from None
    except UnidentifiedImageError:
        words = "这不是能收的图片或 PDF（可收 JPG、PNG、WebP、BMP、HEIC、PDF）"
        raise Refusal(words) from None
    except Exception:  # whatever a decoder says of bytes from anywhere
        raise Refusal("图片不完整或已损坏，打不开。请重新拍一张或重新传一次") from None


def _bounded(image: Image.Image) -> None:
    limit = JPEG_PIXELS if image.format in ("JPEG", "MPO") else PIXELS
    if image.width * image.height > limit:
        raise _too_many()


def _too_many() -> Refusal:
    return Refusal("图片的像素太多，没有收。请用手机或扫描仪的普通清晰度再做一张")


def _taken(image: Image.Image) -> date | None:
    """The day the camera noted, where it can be one."""
    said = image.getexif().get_ifd(EXIF_PART).get(TAKEN)
    try:
        day = date.fromisoformat(str(said)[:10].replace(":", "-"))
    except ValueError:
        return None
    return day if date(1990, 1, 1) <= day <= clock.today() else None


def _plain(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # a scanner's 16 bits of grey, which would all become white
        return image.point(lambda grey: grey / 256).convert("L")
    if image.mode in ("1", "L"):
        return image.convert("L")
    if image.has_transparency_data:
        whole = image.convert("RGBA")
        white = Image.new("RGBA", whole.size, "white")
        return Image.alpha_composite(white, whole).convert("RGB")
    return image.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    bare = Image.frombytes(image.mode, image.size, image.tobytes())
    data = b""
    for quality in QUALITIES:
        out = BytesIO()
        bare.save(out, "JPEG", quality=quality, optimize=True)
        data = out.getvalue()
        if len(data) <= MOST:
            break
    return data


def _pdf(data: bytes) -> Picture:
    """A small one as it is, since it may be signed; a big one becomes pictures of its pages."""
    with one_at_a_time:
        document = _document(data)
        try:
            pages, (width, height) = len(document), document.get_page_size(0)
        finally:
            document.close()
    if pages > PDF_PAGES:
        raise Refusal(f"这个 PDF 有 {pages} 页，一份附件最多 {PDF_PAGES} 页，请拆开")
    if len(data) > PDF_AS_IT_IS:
        data = _scanned(data, pages)
    return Picture(data, PDF, round(width), round(height), pages, None)


def _document(data: bytes) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        raise Refusal("这个 PDF 打不开：已损坏，或者加了口令。请另存一份没有口令的") from None
    if len(document) < 1:
        raise Refusal("这个 PDF 里没有页面")
    return document


def _scanned(data: bytes, pages: int) -> bytes:
    sheets = [page(data, number, PAPER[0]) for number in range(pages)]
    out = BytesIO()
    sheets[0].save(
        out, "PDF", save_all=True, append_images=sheets[1:], quality=QUALITIES[0], resolution=170
    )
    if out.tell() > CONTENT_LIMIT:
        raise Refusal("这个 PDF 太大，请分成几份，或用普通清晰度重新扫描")
    return out.getvalue()
