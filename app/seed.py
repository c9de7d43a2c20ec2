"""Invented people for demos, tests and benchmarks; the same seed is the same people, any day.

Nobody here exists: area code 519902 is unassigned, every phone has 0000 in its middle.
"""

from calendar import monthrange
from datetime import date
from random import Random

from models.kit import id_number

AREA = "519902"
AS_OF = date(2026, 1, 1)
YOUNGEST, OLDEST = 50, 101

_COMMON = (
    ("陈", 12), ("王", 9), ("李", 9), ("符", 8), ("林", 8), ("吴", 6), ("黄", 6), ("黎", 5),
    ("邢", 4), ("张", 4), ("周", 4), ("刘", 4), ("董", 3), ("麦", 3), ("蒲", 3),
    ("羊韩苏郑云曾冯谢吉潘", 2), ("容单解仇区查盖翟覃", 1),
)  # fmt: skip
_SURNAMES = "".join(names * share for names, share in _COMMON)
_HUI = "哈海蒲江刘米李杨"
_LI = "符黎董王李吉苏"
_COMPOUND = ("欧阳", "尉迟", "司徒", "上官")


def _words(line: str) -> tuple[str, ...]:
    return tuple(line.split())


_MALE = _words(
    "建国 国强 志明 德明 文华 金水 庆云 振邦 福来 永福 家栋 学文 世雄 亚弟 亚明 海生 大海 运昌"
    " 开泰 汉民 启祥 光荣 正雄 明德 昌盛 道明 成业 传芳 其武 泽民 春生 立新 卫东 向阳 爱军 援朝"
    " 解放"
)
_FEMALE = _words(
    "秀英 玉兰 桂花 玉珠 素琴 惠芬 桂兰 少芬 秀珍 月娥 金花 亚妹 海燕 春梅 丽华 爱莲 凤英 美玲"
    " 淑贞 玉梅 兰英 彩霞 瑞芳 翠莲 荷花 木兰 卫红 爱华 小妹 琼花 月桂 玉莲 亚女 明珠 雪梅 群英"
    " 文秀"
)
_SINGLE = "英兰芳明华海琼珍军平"
_RARE = "𬭎䶮㛃𠮷𫖯"
_DOTTED = ("买买提·吐尔逊", "阿依古丽·买买提", "古丽娜尔·艾山", "才让·多杰", "阿卜杜拉·玉素甫")

ESTATES = (
    ("桂苑一区", 12, 7), ("桂苑二区", 9, 7), ("桂苑三区", 8, 6), ("临春一区", 15, 8),
    ("海棠花园", 6, 18), ("棉纺厂宿舍", 5, 6), ("盐场老区", 7, 4),
)  # fmt: skip
STREETS = ("滨江路", "河东一路", "榕树巷", "解放四路")
VILLAGES = ("红光村", "落塘村")
EMPLOYERS = (
    ("市棉纺织厂", "3"), ("崖海盐业公司", "3"), ("南岭农场", "2"), ("市第二建筑工程公司", "3"),
    ("滨海罐头厂", "5"), ("市公共汽车公司", "3"), ("鹿城百货商场", "5"), ("三江水产供销公司", "7"),
)  # fmt: skip
_TAGS = ("T02", "T03", "T04", "T05", "T06", "T07", "T10", "T11", "T15")
_KIN = {"1": ("21", "22", "31", "32", "12"), "2": ("21", "22", "31", "32", "11")}


def people(n: int, seed: int = 1) -> list[dict[str, object]]:
    """Invented retirees under the field ids of the register; numbers are all different."""
    dice = Random(f"people {seed}")  # noqa: S311  nothing here is a secret
    taken: set[str] = set()
    return [_person(dice, taken) for _ in range(n)]


def _person(dice: Random, taken: set[str]) -> dict[str, object]:
    sex = dice.choice("12")
    years = min(OLDEST, max(YOUNGEST, round(dice.gauss(73, 9))))
    number = _number(dice, sex, years, taken)
    nation = dice.choices(("01", "19", "03", "06"), (80, 14, 4, 2))[0]
    name = _name(dice, sex, nation)
    employer, kind = dice.choice(EMPLOYERS)
    person: dict[str, object] = {
        "name": name,
        "id_no": number,
        "sex": sex,
        "birth_on": id_number.birth_on(number),
        "nation": "05" if "·" in name else nation,
        "politics": "01" if dice.random() < 0.22 else "13",
        "education": dice.choices(("81", "71", "61", "41", "31", "21"), (20, 35, 20, 12, 8, 5))[0],
        "marriage": "30" if dice.random() < (years - 55) / 90 else "20",
        "employer_name": employer,
        "employer_kind": kind,
        "health_state": dice.choices("12345", (35, 35, 20, 7, 3))[0],
        "pension_scheme": "1",
    }
    person |= _career(dice, sex, years, number)
    person |= _reach(dice, sex, name)
    tags = [one for one in _TAGS if dice.random() < 0.03]
    return person | {"tags": tags + (["T01"] if years >= 80 else [])}


def _number(dice: Random, sex: str, years: int, taken: set[str]) -> str:
    while True:
        year, month = AS_OF.year - years - 1, dice.randint(1, 12)
        born = date(year, month, dice.randint(1, monthrange(year, month)[1]))
        serial = dice.randrange(1, 495) * 2 - (sex == "1")
        first17 = f"{AREA}{born:%Y%m%d}{serial:03d}"
        number = first17 + id_number.check_digit(first17)
        if number not in taken and not number.endswith("00"):
            taken.add(number)
            return number


def _name(dice: Random, sex: str, nation: str) -> str:
    luck = dice.random()
    if luck < 0.008:
        return dice.choice(_DOTTED)
    pool = _HUI if nation == "03" else _LI if nation == "19" else _SURNAMES
    surname = dice.choice(_COMPOUND) if luck < 0.016 else dice.choice(pool)
    given = dice.choice(_MALE if sex == "1" else _FEMALE)
    if luck > 0.985:
        given = dice.choice(_RARE) + given[1]
    elif luck > 0.9:
        given = dice.choice(_SINGLE)
    return surname + given


def _career(dice: Random, sex: str, years: int, number: str) -> dict[str, object]:
    born = id_number.birth_on(number) or AS_OF
    at, kind = (60, "1") if sex == "1" else (dice.choice((50, 50, 55)), "1")
    if years <= at:
        at, kind = max(45, years - dice.randint(1, 3)), dice.choice("24")
    retired = f"{born.year + at}-{born.month:02d}"
    started = f"{born.year + dice.randint(17, 24)}-{dice.randint(1, 12):02d}"
    found: dict[str, object] = {
        "work_start": started,
        "retired_on": retired,
        "retiree_kind": "2",
        "retire_type": kind,
        "pension_start": retired,
        "monthly_pension_fen": dice.randrange(2_200_00, 5_800_00, 1_01),
    }
    if dice.random() < 0.6:
        found["last_certified_on"] = date(2025, dice.randint(2, 12), dice.randint(1, 28))
    return found


def _reach(dice: Random, sex: str, name: str) -> dict[str, object]:
    found: dict[str, object] = {"live_address": address(dice), "hukou_address": address(dice)}
    luck = dice.random()
    if luck < 0.86:
        found["mobile"] = mobile(dice)
    elif luck < 0.96:
        found["phone"] = f"0898-0000{dice.randrange(10_000):04d}"
    else:
        found["no_phone"] = True
    if dice.random() < 0.8:
        relation = dice.choice(_KIN[sex])
        theirs = dice.choice(_MALE if relation[0] == "2" else _FEMALE)
        surname = name[0] if relation[0] in "23" and "·" not in name else dice.choice(_SURNAMES)
        found |= {"contact1_name": surname + theirs, "contact1_relation": relation}
        found["contact1_phone"] = mobile(dice)
    return found


def mobile(dice: Random) -> str:
    """A number that nobody has."""
    return f"1{dice.choice('3578')}{dice.randint(0, 9)}0000{dice.randrange(10_000):04d}"


def address(dice: Random) -> str:
    """Where somebody lives, in one of the ways people write it."""
    luck = dice.random()
    if luck < 0.08:
        number, storey = dice.randint(1, 90), dice.randint(1, 8)
        return f"{dice.choice(STREETS)}{number}号{storey}0{dice.randint(1, 4)}"
    if luck < 0.14:
        return f"{dice.choice(VILLAGES)}{dice.randint(1, 9)}组{dice.randint(1, 60)}号"
    estate, buildings, floors = dice.choice(ESTATES)
    building, room = dice.randint(1, buildings), f"{dice.randint(1, floors)}0{dice.randint(1, 4)}"
    ways = (
        f"{estate}{building}栋{room}",
        f"{estate} {building}栋 {room}",
        f"{estate}{building}-{room}",
        f"{estate}{building}号楼{dice.randint(1, 4)}单元{room}",
        f"{estate}{building}栋{dice.randint(1, 4)}单元{room}室",
    )
    return dice.choices(ways, (4, 2, 3, 2, 2))[0]
