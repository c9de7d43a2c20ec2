"""Pictures from anywhere become small, upright and silent, or are refused with a sentence."""

import zlib
from base64 import b64decode
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from app.kit.pictures import CONTENT_LIMIT, JPEG, PDF, small, take_in
from app.kit.refusal import Refusal

RED, BLUE = (200, 30, 30), (30, 30, 200)
ORIENTATION, EXIF, GPS, TAKEN, MAKER = 0x0112, 0x8769, 0x8825, 36867, 0x010F
# 64 x 48, left half blue, with a place in its notes; our reader of HEIC cannot write any
HEIC = b64decode(
    b"AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAA"
    b"AAAAAAAAAAADRpbG9jAAAAAERAAAIAAQAAAAAB4gABAAAAAAAAAF8AAgAAAAACQQABAAAAAAAAAKwAAAA4aWluZgAA"
    b"AAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA/Wlwcn"
    b"AAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroC"
    b"QGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm"
    b"5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AA"
    b"AAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAABppcmVmAAAAAAAAAA5jZHNjAAIAAQ"
    b"ABAAABE21kYXQAAABbKAGvE4D4EOGn//2AqK/9MvV/nK6YlW9543/9A1cX8XrA7u9ulImyi3xaFKEXqwSYX1NuqoOE"
    b"MdQ9w8+BTAyBQLs5mBpmBCS8Nh6xGbc+Mj4j9a7XNEk567BNsAAAAAZFeGlmAABNTQAqAAAACAADh2kABAAAAAEAAA"
    b"AyiCUABAAAAAEAAABYkAMAAgAAABQAAACOAAAAAAABkAMAAgAAABQAAABEAAAAADIwMjY6MTE6MjAgMDk6MDA6MDAA"
    b"AAIAAQACAAAAAk4AAAAAAgAFAAAAAwAAAHYAAAAAAAAAEgAAAAEAAAAPAAAAAQAAAAAAAAABMjAyNjoxMToyMCAwOT"
    b"owMDowMAA="
)


def halves(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Blue on the left, red on the right."""
    image = Image.new(mode, (width, height), RED)
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height), fill=BLUE)
    return image


def noise(width: int, height: int) -> Image.Image:
    """As hard to press as a photograph of leaves."""
    return Image.effect_noise((width // 4, height // 4), 60).resize((width, height)).convert("RGB")


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def notes(**more: object) -> Image.Exif:
    exif = Image.Exif()
    exif[MAKER] = "telephone"
    exif.get_ifd(EXIF)[TAKEN] = "2026:11:20 09:30:00"
    gps = exif.get_ifd(GPS)
    gps[1], gps[2] = "N", (18.0, 15.0, 9.0)
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_every_usual_kind_is_taken_and_kept_as_jpeg(kind: str, stopped_clock: datetime) -> None:
    made = take_in(saved(halves(900, 600), kind))
    assert (made.media_type, made.width, made.height) == (JPEG, 900, 600)
    assert opened(made.data).format == "JPEG"


def test_a_telephones_heic_is_taken_and_loses_its_place(stopped_clock: datetime) -> None:
    made = take_in(HEIC)
    left, right = opened(made.data).getpixel((8, 20)), opened(made.data).getpixel((56, 20))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert left[2] > 150 > left[0]
    assert right[0] > 150 > right[2]
    assert not opened(made.data).getexif()
    assert made.taken_on == date(2026, 11, 20)


def test_place_and_device_are_gone_and_the_day_is_known(stopped_clock: datetime) -> None:
    exif = notes()
    data = saved(halves(900, 600), "JPEG", exif=exif)
    assert opened(data).getexif().get_ifd(GPS)
    made = take_in(data)
    assert not opened(made.data).getexif()
    assert b"Exif" not in made.data
    assert b"telephone" not in made.data
    assert made.taken_on == date(2026, 11, 20)


def test_a_camera_with_a_wrong_clock_gives_no_day(stopped_clock: datetime) -> None:
    exif = notes()
    exif.get_ifd(EXIF)[TAKEN] = "2066:01:01 00:00:00"
    assert take_in(saved(halves(90, 60), "JPEG", exif=exif)).taken_on is None


def test_a_picture_held_sideways_is_turned_upright(stopped_clock: datetime) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be shown turned to the right by a quarter
    made = take_in(saved(halves(900, 600), "JPEG", exif=exif))
    assert (made.width, made.height) == (600, 900)
    top = opened(made.data).getpixel((300, 100))
    assert isinstance(top, tuple)
    assert top[2] > top[0]


def test_photos_are_scaled_papers_less_and_nothing_is_blown_up(stopped_clock: datetime) -> None:
    data = saved(noise(4000, 3000), "JPEG", quality=92)
    photo, paper = take_in(data), take_in(data, paper=True)
    assert (photo.width, photo.height) == (1600, 1200)
    assert (paper.width, paper.height) == (2000, 1500)
    assert len(photo.data) < 700_000
    tiny = take_in(saved(halves(40, 30), "PNG"))
    assert (tiny.width, tiny.height) == (40, 30)


def test_a_portrait_is_cut_to_three_by_four(stopped_clock: datetime) -> None:
    made = take_in(saved(noise(3000, 2000), "JPEG"), portrait=True)
    assert (made.width, made.height) == (480, 640)
    assert len(made.data) < 150_000
    small_one = take_in(saved(halves(300, 300), "PNG"), portrait=True)
    assert (small_one.width, small_one.height) == (225, 300)


def test_what_is_seen_through_becomes_white(stopped_clock: datetime) -> None:
    made = take_in(saved(Image.new("RGBA", (60, 60), (0, 0, 0, 0)), "PNG"))
    assert opened(made.data).getpixel((30, 30)) == (255, 255, 255)


def test_grey_scans_stay_grey(stopped_clock: datetime) -> None:
    made = take_in(saved(Image.new("1", (600, 800), 1), "PNG"), paper=True)
    assert opened(made.data).mode == "L"


def test_a_scan_of_sixteen_bits_does_not_become_a_white_page(stopped_clock: datetime) -> None:
    page = Image.new("I;16", (64, 48), 60_000)
    page.paste(Image.new("I;16", (32, 48), 8_000), (0, 0))
    got = opened(take_in(saved(page, "PNG"), paper=True).data)
    ink, ground = got.getpixel((8, 24)), got.getpixel((56, 24))
    assert (got.mode, abs(ink - 31) < 4, abs(ground - 234) < 4) == ("L", True, True)  # type: ignore[operator]


def test_the_same_picture_gives_the_same_bytes(stopped_clock: datetime) -> None:
    data = saved(noise(1200, 900), "JPEG")
    assert take_in(data).data == take_in(data).data


def test_the_name_of_a_file_says_nothing_its_bytes_do(stopped_clock: datetime) -> None:
    """A Word file called scan.jpg is refused; a PNG called scan.jpg is a PNG."""
    with pytest.raises(Refusal, match="不是能收的图片"):
        take_in(b"PK\x03\x04" + b"\0" * 500)
    with pytest.raises(Refusal, match="不是能收的图片"):
        take_in(saved(halves(60, 60), "TIFF"))


def bomb() -> bytes:
    """400 million pixels in 50 KB."""
    return saved(Image.new("1", (20_000, 20_000)), "PNG")


def wide() -> bytes:
    """Just beyond what we decode, below what the library warns of."""
    return saved(Image.new("1", (9_000, 9_000)), "PNG")


def lying() -> bytes:
    """A header that promises a billion pixels and no data for them."""
    head = (40_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    chunk = b"IHDR" + head
    return (
        b"\x89PNG\r\n\x1a\n"
        + len(head).to_bytes(4, "big")
        + chunk
        + zlib.crc32(chunk).to_bytes(4, "big")
        + b"\0\0\0\x09IDAT"
    )


@pytest.mark.parametrize("made", [bomb, wide, lying])
def test_bombs_are_refused_before_they_are_unpacked(made: Callable[[], bytes]) -> None:
    with pytest.raises(Refusal, match="像素太多"):
        take_in(made())


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_half_a_picture_is_refused(kind: str, share: float, stopped_clock: datetime) -> None:
    data = saved(noise(600, 400), kind)
    with pytest.raises(Refusal, match=r"打不开|不是能收"):
        take_in(data[: int(len(data) * share)])


def test_empty_and_huge_files_are_refused() -> None:
    with pytest.raises(Refusal, match="空的"):
        take_in(b"")
    with pytest.raises(Refusal, match="文件太大"):
        take_in(bytes(61 * 2**20))


def scan(pages: int, *, hard: bool = False) -> bytes:
    sheets = [noise(2480, 3508) if hard else halves(1240, 1754) for _ in range(pages)]
    return saved(sheets[0], "PDF", save_all=True, append_images=sheets[1:], quality=98)


def test_a_small_pdf_is_kept_as_it_is_since_it_may_be_signed(stopped_clock: datetime) -> None:
    data = scan(2)
    made = take_in(data)
    assert (made.data, made.media_type, made.pages) == (data, PDF, 2)


def test_a_big_pdf_becomes_pictures_of_its_pages(stopped_clock: datetime) -> None:
    data = scan(2, hard=True)
    assert len(data) > 2 * 2**20
    made = take_in(data)
    assert made.pages == 2
    assert made.data.startswith(b"%PDF")
    assert len(made.data) < min(len(data), CONTENT_LIMIT)


def test_a_broken_pdf_and_one_of_too_many_pages_are_refused() -> None:
    with pytest.raises(Refusal, match="PDF 打不开"):
        take_in(b"%PDF-1.7\n" + bytes(300))
    with pytest.raises(Refusal, match="31 页"):
        take_in(saved(halves(9, 9), "PDF", save_all=True, append_images=[halves(9, 9)] * 30))
    with pytest.raises(Refusal, match="证件照"):
        take_in(scan(1), portrait=True)


@pytest.mark.parametrize("paper", [True, False])
def test_thumbnails_are_small(paper: bool, stopped_clock: datetime) -> None:  # noqa: FBT001
    made = take_in(scan(1) if paper else saved(noise(2000, 1500), "JPEG"))
    little = opened(small(made.data, made.media_type, 160))
    assert max(little.size) == 160
    with pytest.raises(Refusal):
        small(b"nothing", JPEG, 160)
