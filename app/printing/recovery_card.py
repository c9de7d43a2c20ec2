"""恢复口令卡: the only way back when the passwords are lost; kept in the safe."""

from dataclasses import dataclass
from datetime import date

from app.printing.kit import stamp, words
from app.printing.kit.fit import BODY
from app.printing.kit.page import Imprint, Paper

TITLE = "恢复口令卡"
GROUP = 4
RULES = (
    "所有人都忘记口令，或电脑损坏要用备份恢复时，用这张卡打开本站的数据。",
    "每台电脑各有一张卡，请在信封上写明是哪台电脑的。",
    "请装入信封密封，由站长锁在保险柜里。不要拍照、抄录或存进电脑。",
    "本卡只打印一次。遗失或被人看过，请立即在“设置”里作废并重新生成。",
    "任何人（包括区中心、技术支持）都不会向您索要这组字符。",
)


@dataclass(frozen=True)
class RecoveryCard:
    imprint: Imprint
    code: str
    made_on: date
    serial: str = ""
    office_code: str = ""


def groups(code: str) -> list[str]:
    """Four characters at a time, as on the screen, where they are typed in again."""
    bare = "".join(char for char in code.upper() if char.isalnum())
    return [bare[start : start + GROUP] for start in range(0, len(bare), GROUP)]


def draw(data: RecoveryCard) -> bytes:
    paper = Paper(TITLE)
    stamp.title(paper, 32, TITLE, 22)
    paper.beside(20, 41, 170, data.imprint.station, 12, align="center")
    paper.box(20, 48, 170, 112, 1)
    _code(paper, data)
    y = 103.0
    for number, rule in enumerate(RULES, 1):
        y = paper.paragraph(28, y, 154, f"{number}. {rule}", 11.5, leading=1.55, hang=5)
    stamp.signatures(paper, 28, 150, 154, ("保管人签名", "封存日期", "监封人签名"))
    _stub(paper, data)
    stamp.footer(paper, data.imprint, TITLE, 1, 1, "含本站恢复口令，请密封保管")
    return paper.finish()


def _code(paper: Paper, data: RecoveryCard) -> None:
    paper.text(28, 59, f"卡号：{data.serial}", BODY)
    paper.text(182, 59, f"生成日期：{words.day_words(data.made_on)}", BODY, align="right")
    parts = groups(data.code)
    step = 158 / max(len(parts), 1)
    for number, part in enumerate(parts):
        x = 28 + step * number
        paper.box(x, 66, step - 4, 18)
        paper.text(x + step / 2 - 2, 78, part, 21, heavy=True, align="center")
    hint = "只有数字和大写字母，没有 I、L、O、U；输入时不分大小写，横线和空格可以不输"
    paper.text(105, 92, hint, 9.5, align="center")


def _stub(paper: Paper, data: RecoveryCard) -> None:
    """The register's half names the card but never its code."""
    stamp.cut_line(paper, 178, "沿此线裁开，下联存入登记簿，不含口令")
    paper.text(20, 192, f"{TITLE}登记存根", 13, heavy=True)
    paper.text(20, 202, f"卡号：{data.serial}")
    paper.text(105, 202, f"生成日期：{words.day_words(data.made_on)}")
    paper.beside(20, 211, 82, f"单位：{data.imprint.station}")
    if data.office_code:
        paper.text(105, 211, f"单位代码：{data.office_code}")
    stamp.signatures(paper, 20, 224, 170, ("经手人", "保管人", "存放处"))
