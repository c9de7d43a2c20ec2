"""The stations of the demo, and the one password of everybody in it."""

from dataclasses import dataclass

PASSWORD = "Sangyu-2026"  # noqa: S105 - for invented people, told to everybody
SEED = 2026


@dataclass(frozen=True, slots=True)
class Place:
    """One station of the demo."""

    key: str
    name: str
    code: str
    head: str
    employer: str
    seed: int


PLACES = (
    Place("station-network", "临春社区", "460203198901", "刘桂兰", "市棉纺织厂", SEED),
    Place("station-stick", "丹州社区", "460203198902", "符秀英", "市糖业公司", SEED + 1),
)
