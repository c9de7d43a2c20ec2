"""Invented photos and papers, drawn: for the pictures of the screens and for trying."""

from io import BytesIO

from PIL import Image, ImageDraw

from app.kit.pictures import Picture, take_in

SKY, WALL, SKIN, HAIR, COAT = "#CFE3EA", "#E9DFCB", "#E9C4A4", "#8C959A", "#3C5560"
BLUISH = "#EEF3F7"


def portrait(hair: str = HAIR, coat: str = COAT) -> Picture:
    """A calm face of nobody."""
    image = Image.new("RGB", (480, 640), SKY)
    draw = ImageDraw.Draw(image)
    draw.ellipse((120, 110, 360, 400), fill=hair)
    draw.ellipse((150, 150, 330, 400), fill=SKIN)
    draw.rectangle((210, 370, 270, 470), fill=SKIN)
    draw.rounded_rectangle((60, 440, 420, 800), 120, fill=coat)
    draw.polygon([(200, 440), (280, 440), (240, 520)], fill="white")
    return take_in(_jpeg(image), portrait=True)


def doorway(hour: int = 9) -> Picture:
    """A building with a door and somebody before it."""
    image = Image.new("RGB", (1600, 1200), SKY)
    draw = ImageDraw.Draw(image)
    draw.rectangle((200, 200, 1400, 1200), fill=WALL)
    for left in range(320, 1200, 260):
        draw.rectangle((left, 300, left + 150, 480), fill="#8FB3C0", outline="white", width=10)
    draw.rectangle((700, 640, 920, 1200), fill="#7A5A40")
    draw.ellipse((1010 + 10 * hour, 700, 1110 + 10 * hour, 800), fill=SKIN)
    draw.rounded_rectangle((980 + 10 * hour, 790, 1140 + 10 * hour, 1200), 60, fill=COAT)
    return take_in(_jpeg(image))


def paper(tint: str = "#F7F3E8", pages: int = 1) -> Picture:
    """A sheet with lines where words would be; several pages make a PDF."""
    sheets = []
    for page in range(pages):
        image = Image.new("RGB", (1240, 1754), tint)
        draw = ImageDraw.Draw(image)
        draw.rectangle((420, 150, 820, 200), fill="#444444")
        for line in range(14):
            end = 1080 - (line * 137 + page * 71) % 420
            draw.rectangle((160, 320 + 80 * line, end, 344 + 80 * line), fill="#9A9A9A")
        draw.ellipse((820, 1380, 1060, 1620), outline="#B3261E", width=14)
        sheets.append(image)
    if pages == 1:
        return take_in(_jpeg(sheets[0]), paper=True)
    out = BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:], resolution=150)
    return take_in(out.getvalue())


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()
