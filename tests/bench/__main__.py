"""``poe bench``: a table of ratios, in minutes."""

import os
from collections.abc import Callable, Iterator
from functools import partial

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests.bench import against_pouch, crowd, desk, exchange, register
from tests.bench.measure import Line, memory_mb, table

PEOPLE, MANY = 10_000, 100_000
STATIONS, CHANGES, ALL = 100, 200, 500


def main() -> None:
    """Measure everything, one after the other, and print as it comes."""
    lines: list[Line] = []
    for part in parts():
        found = part()
        for one in found:
            print(f"{one.target} {one.what}: {one.reached} (wanted {one.wanted}); {one.note}")
        lines += found
    print(f"\n{table(sorted(lines, key=lambda one: one.target))}\n")
    print(f"most memory of this process: {memory_mb()} MB")


def parts() -> Iterator[Callable[[], list[Line]]]:
    """What is short comes first; the last ones share one register."""
    yield desk.first_paint
    yield partial(desk.papers, 100)
    yield exchange.one_edit
    yield partial(exchange.outbox_price, 2_000)
    yield partial(exchange.first_sync, PEOPLE)
    yield partial(against_pouch.peer_pouch, PEOPLE)
    yield partial(exchange.month_end, STATIONS, CHANGES)
    yield partial(crowd.years_at_once, MANY // 50)
    yield partial(crowd.all_at_once, ALL, CHANGES)
    with register.register(MANY) as (here, station):
        yield partial(register.search, station, MANY)
        yield partial(register.growth, here, station, MANY, PEOPLE)
        yield partial(register.first_page, station, MANY)
        yield partial(register.against_like, station, MANY)


if __name__ == "__main__":
    main()
