"""领取养老金资格认证表: one person a sheet, with the receipt below the cut line."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date

from app.printing.kit import barcode, stamp, words
from app.printing.kit.fit import BODY, SMALL
from app.printing.kit.page import Imprint, Paper

TITLE = "领取养老金资格认证表"
KINDS = ("企业退休", "企业离休", "退职", "机关事业退休", "供养遗属", "外地协助")
DOCUMENTS = ("身份证", "社保卡", "退休证", "户口簿", "护照", "其他")
HEALTH = ("健康", "一般", "长年有病", "生活半自理", "生活不能自理", "不详")

LEFT, RIGHT = 20.0, 190.0
LABEL = 22.0
PHOTO = 158.0  # where the photo column begins
MIDDLE, MIDDLE_VALUE = 89.0, 111.0  # label and value of the second pair beside the photo
FAR, FAR_VALUE = 113.0, 135.0  # the same below the photo
TOP = 46.0
ROW = 9.6
VALUE = LEFT + LABEL
METHOD, DECLARED, OPINION = 15.4, 25.4, 29.0  # heights of the three tall rows


@dataclass(frozen=True)
class Person:
    """One sheet; everything blank is the form to be filled in by hand."""

    number: str = ""
    payload: str = ""
    receipt_payload: str = ""
    print_count: int = 1
    period_from: str = ""
    period_to: str = ""
    due_on: date | None = None
    name: str = ""
    sex: str = ""
    born_on: date | None = None
    nation: str = ""
    id_no: str = ""
    social_card_no: str = ""
    employer: str = ""
    retired_on: str = ""
    hukou_address: str = ""
    living_address: str = ""
    phone: str = ""
    emergency_name: str = ""
    emergency_kin: str = ""
    emergency_phone: str = ""
    kind: str = ""
    photo: bytes | None = None


@dataclass(frozen=True)
class Forms:
    """`copies` names each copy, one sheet per person and copy; a death is told within
    `notify_days` working days."""

    imprint: Imprint
    people: tuple[Person, ...]
    notify_days: int
    notify_ground: str
    copies: tuple[str, ...] = ("第一联 本站留存",)
    receipt: bool = True


NOT_DATA = ("number", "payload", "receipt_payload", "print_count", "photo")


def fields(person: Person) -> dict[str, str]:
    """What the digest in the code vouches for: the printed data of the person."""
    facts = asdict(person)
    return {name: str(facts[name] or "") for name in facts if name not in NOT_DATA}


def texts(data: Forms) -> Iterator[str]:
    """Every text that may hold a character without a glyph."""
    yield data.notify_ground
    for person in data.people:
        yield from fields(person).values()


def sheets(data: Forms) -> int:
    return len(data.people) * len(data.copies)


def draw(data: Forms) -> bytes:
    """All sheets, person by person."""
    paper = Paper(TITLE)
    total = sheets(data)
    page = 0
    for person in data.people:
        for copy in data.copies:
            page += 1
            if page > 1:
                paper.next_page()
            _sheet(paper, data, person, copy)
            form = (
                f"资格认证表（第 {person.print_count} 次打印）"
                if person.print_count > 1
                else "资格认证表"
            )
            stamp.footer(paper, data.imprint, form, page, total)
    return paper.finish()


def _sheet(paper: Paper, data: Forms, person: Person, copy: str) -> None:
    paper.fixed("frame", lambda: _frame(paper, data))
    paper.fixed(f"copy-{copy}", lambda: stamp.copy_mark(paper, copy, 196, 60))
    _heading(paper, person)
    _values(paper, person)
    paper.fixed(f"due-{person.due_on}", lambda: _due_note(paper, person))
    if data.receipt:
        paper.fixed("receipt", lambda: _receipt_frame(paper, data.imprint))
        _receipt(paper, person)


# -- the part all sheets share ------------------------------------------------------------------


def _row(number: int) -> float:
    return TOP + ROW * number


OPINION_END = _row(11) + METHOD + DECLARED + OPINION
NOTES = OPINION_END + 5.2
STEP = 4.6  # between the lines of the notes
CUT = NOTES + 6 * STEP
RECEIPT_CODE = 17.0


def _frame(paper: Paper, data: Forms) -> None:
    stamp.corners(paper)
    stamp.title(paper, 25.5, TITLE)
    paper.beside(LEFT, 41, 95.5, f"社区：{data.imprint.station}")
    _beside_photo(paper)
    _below_photo(paper)
    _method(paper, _row(11))
    _declaration(paper, _row(11) + METHOD)
    _opinion(paper, _row(11) + METHOD + DECLARED)
    paper.box(LEFT, TOP, RIGHT - LEFT, OPINION_END - TOP, 0.8)
    _notes(paper, data)


def _beside_photo(paper: Paper) -> None:
    for number, title in enumerate(("姓  名", "出生日期", "身份证号", "退休单位")):
        paper.label(LEFT, _row(number), LABEL, ROW, title)
        paper.box(VALUE, _row(number), PHOTO - VALUE, ROW)
    for number, title in ((0, "性  别"), (1, "民  族"), (3, "退休时间")):
        paper.label(MIDDLE, _row(number), LABEL, ROW, title)
    paper.digit_lines(VALUE, _row(2), PHOTO - VALUE, ROW)
    paper.box(PHOTO, TOP, RIGHT - PHOTO, 4 * ROW)


def _below_photo(paper: Paper) -> None:
    rows = (
        "社保卡号",
        "户籍地址",
        "居住地址",
        "紧急联系人",
        "人员类别",
        "核对证件",
        "健康状况",
    )
    for number, title in enumerate(rows, 4):
        paper.label(LEFT, _row(number), LABEL, ROW, title)
        paper.box(VALUE, _row(number), RIGHT - VALUE, ROW)
    for number in (4, 7):
        paper.label(FAR, _row(number), LABEL, ROW, "联系电话")
    for number, options, gap in ((8, KINDS, 4.6), (9, DOCUMENTS, 5.5), (10, HEALTH, 4.2)):
        paper.ticks(VALUE + 2.6, _row(number) + ROW / 2, options, gap=gap)


def _method(paper: Paper, y: float) -> None:
    paper.label(LEFT, y, LABEL, METHOD, "认证方式\n（划 √ ）")
    paper.box(VALUE, y, RIGHT - VALUE, METHOD)
    paper.ticks(VALUE + 2.6, y + 4.4, ("本人到社区", "工作人员上门核验", "视频核验"))
    end = paper.tick(VALUE + 2.6, y + 11.2, "委托他人（受托人姓名：")
    paper.text(end + 22, y + 12.55, "与本人关系：")
    paper.text(end + 60, y + 12.55, "）")


def _declaration(paper: Paper, y: float) -> None:
    paper.label(LEFT, y, LABEL, DECLARED, "本人声明")
    paper.box(VALUE, y, RIGHT - VALUE, DECLARED)
    words_ = (
        "本人确认以上信息真实，现申请办理本次领取养老金资格认证。"
        "如有虚报、冒领，愿承担退还养老金等法律责任。"
    )
    paper.paragraph(VALUE + 2.8, y + 6, RIGHT - VALUE - 5.6, words_, indent=2)
    paper.text(VALUE + 2.8, y + 21.8, "本人（或受托人）签名：")
    paper.text(113, y + 21.8, "（按手印）")
    _hand_date(paper, y + 21.8)


def _opinion(paper: Paper, y: float) -> None:
    paper.label(LEFT, y, LABEL, OPINION, "社区意见")
    paper.box(VALUE, y, RIGHT - VALUE, OPINION)
    paper.ticks(VALUE + 2.6, y + 5, ("本人健在，信息相符", "信息有误，已更正", "需上门核验"))
    end = VALUE + 2.8 + paper.text(VALUE + 2.8, y + 14, "情况说明：")
    paper.dots(end + 1, y + 14.8, RIGHT - 4)
    paper.text(VALUE + 2.8, y + 25.4, "经办人签名：")
    paper.text(103, y + 25.4, "（社区盖章）")
    _hand_date(paper, y + 25.4)


def _hand_date(paper: Paper, y: float) -> None:
    for x, unit in ((140.5, "年"), (150, "月"), (159.5, "日")):
        paper.text(x, y, unit)


def _notes(paper: Paper, data: Forms) -> None:
    paper.text(LEFT, NOTES, "填表说明", SMALL, heavy=True)
    fill = "1. 请用黑色签字笔填写；打印内容有误的，划掉后在旁边写上正确内容，系统录入时会一并更正。"
    home = "2. 行动不便的，请致电社区预约上门核验"
    place = "  ".join(part for part in (data.imprint.station, data.imprint.call) if part)
    death = (
        f"4. 家属应在人员死亡等情形发生之日起 {data.notify_days} 个工作日内"
        f"告知社会保险经办机构（{data.notify_ground}）。"
    )
    paper.text(LEFT, NOTES + STEP, fill, SMALL)
    paper.cell(LEFT, NOTES + 2 * STEP - 3.17, RIGHT - LEFT, 4, f"{home}：{place}。", SMALL, pad=0)
    paper.cell(LEFT, NOTES + 5 * STEP - 3.17, RIGHT - LEFT, 4, death, SMALL, pad=0)


def _receipt_frame(paper: Paper, imprint: Imprint) -> None:
    y = CUT
    stamp.cut_line(paper, y, "沿此线裁开，下联交本人留存")
    paper.text(LEFT, y + 7.6, "回  执", 13, heavy=True)
    paper.text(LEFT, y + 24, "经办人：")
    paper.text(62, y + 24, "（社区盖章）")
    paper.beside(95, y + 24, RIGHT - RECEIPT_CODE - 2 - 95, f"查询电话：{imprint.call}")


# -- the part of one person -----------------------------------------------------------------------


def _heading(paper: Paper, person: Person) -> None:
    period = words.period_words(person.period_from, person.period_to)
    paper.text(paper.width / 2, 33.5, f"（{period}）", 11.5, align="center")
    number = f"编号：{person.number or '　　　　　　　　　'}"
    paper.text(161.6, 41, number, 10, align="right")
    if person.payload:
        barcode.qr(paper, 165, 15.5, 25, person.payload)
        paper.fixed("caption", lambda: _caption(paper))


def _caption(paper: Paper) -> None:
    paper.text(177.5, 44.3, "回收时扫此码", 8, align="center")


def _values(paper: Paper, person: Person) -> None:
    _value(paper, 0, VALUE, MIDDLE, person.name, size=13, heavy=True)
    _value(paper, 0, MIDDLE_VALUE, PHOTO, person.sex)
    _value(paper, 1, VALUE, MIDDLE, words.day_words(person.born_on, ""))
    _value(paper, 1, MIDDLE_VALUE, PHOTO, person.nation)
    paper.digits(VALUE, _row(2), PHOTO - VALUE, ROW, person.id_no)
    _value(paper, 3, VALUE, MIDDLE, person.employer)
    _value(paper, 3, MIDDLE_VALUE, PHOTO, words.spaced(person.retired_on))
    paper.cell(VALUE, _row(4), FAR - VALUE, ROW, person.social_card_no)
    paper.cell(FAR_VALUE, _row(4), RIGHT - FAR_VALUE, ROW, person.phone)
    paper.cell(VALUE, _row(5), RIGHT - VALUE, ROW, person.hukou_address)
    paper.cell(VALUE, _row(6), RIGHT - VALUE, ROW, person.living_address)
    paper.cell(VALUE, _row(7), FAR - VALUE, ROW, _with_kin(person))
    paper.cell(FAR_VALUE, _row(7), RIGHT - FAR_VALUE, ROW, person.emergency_phone)
    _tick_kind(paper, person.kind)
    _photo(paper, person.photo)


def _value(
    paper: Paper,
    row: int,
    x1: float,
    x2: float,
    text: str,
    *,
    size: float = BODY,
    heavy: bool = False,
) -> None:
    paper.cell(x1, _row(row), x2 - x1, ROW, text, size, heavy=heavy, align="center")


def _with_kin(person: Person) -> str:
    kin = f"（{person.emergency_kin}）" if person.emergency_kin else ""
    return f"{person.emergency_name}{kin}"


def _tick_kind(paper: Paper, kind: str) -> None:
    if kind not in KINDS:
        return
    x = VALUE + 2.6
    for word in KINDS[: KINDS.index(kind)]:
        x += paper.tick_width(word) + 4.6
    paper.tick_mark(x, _row(8) + ROW / 2)


def _photo(paper: Paper, photo: bytes | None) -> None:
    x, y, w, h = PHOTO + 2, TOP + 2, RIGHT - PHOTO - 4, 4 * ROW - 4
    if photo:
        paper.picture(x, y, w, h, photo)
    else:
        paper.fixed("no photo", lambda: _photo_place(paper, x, y, w, h))


def _photo_place(paper: Paper, x: float, y: float, w: float, h: float) -> None:
    paper.fill(x, y, w, h, 0.925)
    paper.text(x + w / 2, y + h / 2 - 0.6, "一寸近照", BODY, align="center", grey=0.55)
    paper.text(x + w / 2, y + h / 2 + 4.4, "（档案照片）", 8, align="center", grey=0.55)


def _due_note(paper: Paper, person: Person) -> None:
    until = f"请于 {words.day_words(person.due_on)} 前" if person.due_on else "请尽快"
    text = (
        f"3. {until}交回社区；未按期认证、经办机构又无法确认领取资格的，"
        "由社会保险经办机构按有关规定暂停发放；补认证后按规定恢复。"
    )
    paper.paragraph(LEFT, NOTES + 3 * STEP, RIGHT - LEFT, text, SMALL, leading=1.45, hang=3.6)


def _receipt(paper: Paper, person: Person) -> None:
    y = CUT
    period = words.period_words(person.period_from, person.period_to, "")
    covered = f"（{period}）" if period else ""
    paper.text(40, y + 7.6, f"编号：{person.number}")
    name = person.name or "　　　　　"
    text = f"{name} 的领取养老金资格认证表{covered}已于　　 年　　月　　日收到。"
    paper.cell(LEFT, y + 11.2, 145, 8, text, pad=0)
    if person.receipt_payload:
        barcode.qr(paper, RIGHT - RECEIPT_CODE, y + 5, RECEIPT_CODE, person.receipt_payload)
