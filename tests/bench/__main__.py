"""``poe bench [--full]``: a table of ratios, in minutes."""

import argparse
import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests.bench import desk, exchange
from tests.bench.measure import Line, memory_mb, table


def main() -> None:
    """Measure everything, one after the other, and print as it comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="40,000 records, 200 stations")
    full = parser.parse_args().full
    people, stations = (10_000, 200) if full else (2_000, 50)
    lines: list[Line] = []
    for part in (
        lambda: exchange.first_sync(people),
        lambda: exchange.peer_pouch(people),
        exchange.one_edit,
        lambda: exchange.outbox_price(people),
        lambda: desk.search(20_000 if full else 5_000),
        lambda: desk.papers(100),
        desk.first_paint,
        lambda: exchange.month_end(stations, 200),
    ):
        found = part()
        print("\n".join(f"{one.target} {one.reached} (wanted {one.wanted})" for one in found))
        lines += found
    print(f"\n{table(sorted(lines, key=lambda one: one.target))}\n")
    print(f"most memory of this process: {memory_mb()} MB")


if __name__ == "__main__":
    main()
