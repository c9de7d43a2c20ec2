"""Names as people type them: pinyin, initials, every reading of a surname; keys for search."""

import os
import re
from collections.abc import Callable
from functools import cache, lru_cache, partial
from itertools import product

from models.kit import plain

MOST_READINGS = 8
SHORTEST_RUN = 3


def _table(line: str) -> dict[str, tuple[str, ...]]:
    """单shan/dan -> {单: (shan, dan)}."""
    return {one[0]: tuple(one[1:].split("/")) for one in line.split()}


_COMPOUND = {
    "尉迟": ("yu chi", "wei chi"),
    "万俟": ("mo qi", "wan si"),
    "长孙": ("zhang sun", "chang sun"),
    "澹台": ("tan tai", "dan tai"),
    "单于": ("chan yu", "shan yu", "dan yu"),
    "令狐": ("ling hu",),
    "鲜于": ("xian yu",),
    "尉犁": ("yu li", "wei li"),
}
_SURNAME = _table(
    "单shan/dan 曾zeng/ceng 解xie/jie 仇qiu/chou 区ou/qu 查zha/cha 盖ge/gai 翟zhai/di"
    " 覃qin/tan 朴piao/pu/po 缪miao/mou/miu 乐yue/le/lao 员yun/yuan 种chong/zhong 繁po/fan"
    " 祭zhai/ji 折she/zhe 黑he/hei 冼xian/xi 洗xian/xi 谌chen/shen 郇xun/huan 褚chu/zhu"
    " 秘bi/mi 宓mi/fu 召shao/zhao 那na/nuo/ne 都du/dou 车che/ju 柏bai/bo 薄bo/bao 牟mou/mu"
    " 角jue/jiao 句gou/ju 乜nie/mie 隗wei/kui 郗xi/chi 郄qie/xi 尉wei/yu 蔚yu/wei 任ren 华hua"
    " 燕yan 应ying 宁ning 葛ge 纪ji 哈ha 过guo 干gan 石shi 曲qu 强qiang/jiang 盛sheng/cheng"
    " 藏zang/cang 相xiang 占zhan 瞿qu/ju 俞yu/shu 贾jia/gu 费fei/bi 沈shen/chen 冯feng/ping"
    " 卜bu/bo 撒sa 洪hong 晁chao 禚zhuo 佘she 幺yao 逄pang 逯lu 眭sui 呙guo 厍she 亓qi"
    " 仉zhang 恽yun 钭tou 訾zi 阚kan 殷yin 於yu 长zhang/chang 重chong/zhong 少shao"
    " 行xing/hang 不bu/fou 适kuo/shi 教jiao 会gui/hui 南nan 大da 尹yin 咸xian 谷gu/yu 鲍bao"
    " 祝zhu 莫mo 巴ba 吾wu 羊yang 符fu 麦mai 邢xing 吉ji 蒲pu 𠮷ji"
)
_GIVEN = _table(
    "乐le/yue 长chang/zhang 行xing/hang 重chong/zhong 朝chao/zhao 茜qian/xi 传chuan/zhuan"
    " 单dan/shan 盛sheng/cheng 娜na/nuo 阿a/e 柏bai/bo 隽jun/juan 晟sheng/cheng 曾zeng/ceng"
    " 调diao/tiao 仔zi/zai 宿su/xiu 降jiang/xiang 兴xing 华hua 少shao 胜sheng 强qiang 好hao"
    " 和he 会hui 南nan 中zhong 佑you 芊qian 嬛huan/xuan 莎sha/suo 弟di 干gan 大da 卓zhuo"
    " 伽jia/qie 婼ruo/chuo 省sheng/xing 都du/dou 卜bu/bo 𠮷ji"
)


@lru_cache(maxsize=20_000)
def _syllable(one: str) -> str:
    if one.isascii():
        return one.lower() if one.isalnum() else ""
    found = _readings()(one)
    return found[0].replace("ü", "v") if found else ""


@cache
def _readings() -> Callable[[str], list[str]]:
    """Loaded where it is wanted. We ask for single characters: its phrases are 190,000 objects and
    45 MB that change none of them."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    return partial(lazy_pinyin, style=Style.NORMAL, errors="ignore")


def _bare(name: str) -> str:
    return plain.tight(name).replace("·", "")


@lru_cache(maxsize=4_096)
def _spellings(name: str) -> tuple[tuple[str, ...], ...]:
    """Every reading as its syllables, the likeliest first."""
    name = _bare(name)
    taken, heads = _surname(name)
    tails = [_GIVEN.get(one, (_syllable(one),)) for one in name[taken:]]
    found: dict[tuple[str, ...], None] = {}
    for head, *tail in product(heads, *tails):
        found[tuple(part for part in (*head.split(), *tail) if part)] = None
        if len(found) >= MOST_READINGS * len(heads):
            break
    return tuple(one for one in found if one)


def _surname(name: str) -> tuple[int, tuple[str, ...]]:
    if name[:2] in _COMPOUND and len(name) > 2:
        return 2, _COMPOUND[name[:2]]
    if not name:
        return 0, ("",)
    return 1, _SURNAME.get(name[0]) or (_syllable(name[0]),)


def readings(name: str) -> list[str]:
    """Full pinyin and initials of every reading: 单雄信 -> shanxiongxin, sxx, danxiongxin, dxx."""
    found: dict[str, None] = {}
    for one in _spellings(name):
        found["".join(one)] = None
        found["".join(part[0] for part in one)] = None
    return list(found)


def full(name: str) -> str:
    """The likeliest reading in one word, for the record; empty where nothing can be read."""
    spelled = _spellings(name)
    return "".join(spelled[0]) if spelled else ""


def initials(name: str) -> str:
    """The first letters of the likeliest reading."""
    spelled = _spellings(name)
    return "".join(part[0] for part in spelled[0]) if spelled else ""


@lru_cache(maxsize=4_096)
def name_keys(name: str) -> frozenset[str]:
    """Suffixes of the name, of each reading (syllable by syllable) and of its initials; what a
    longer one begins with is none."""
    bare = _bare(name).lower()
    keys = {bare[at:] for at in range(len(bare))}
    for one in _spellings(name):
        letters = "".join(part[0] for part in one)
        keys.update("".join(one[at:]) for at in range(len(one)))
        keys.update(letters[at:] for at in range(len(one) - 1))
    return frozenset(keys)


def run_keys(number: str) -> list[str]:
    """Suffixes long enough to be typed: every other one of digits, since a run of them is found
    with any digit in front as well (`models.kit.search.found`)."""
    signs = term(number)
    step = 2 if is_run(signs) else 1
    return [signs[at:] for at in range(0, max(1, len(signs) - SHORTEST_RUN + 1), step) if signs]


def is_run(text: str) -> bool:
    """Digits, of an ID number perhaps with the X at its end."""
    return text.isascii() and text.removesuffix("X").isdigit()


def term(text: str) -> str:
    """What a typed search becomes: narrow, no blanks, numbers bare with X, letters small."""
    if text.isascii() and text.isdigit():  # most of what a roster is searched by
        return text
    bare = plain.tight(text).replace("·", "")
    number = bare.replace("-", "").upper()
    if number.rstrip("X").isdigit() and number.isascii():
        return number
    # No syllable ends in l, but many end in n: linyu is 林玉.
    return re.sub("^nyu", "nv", bare.lower().replace("ü", "v").replace("lyu", "lv"))
