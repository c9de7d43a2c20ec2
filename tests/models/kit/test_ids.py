"""Ids: what is made later sorts later."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from models.kit import clock
from models.kit.ids import _Births, new_id, next_id

NOW = datetime(2026, 11, 30, 1, tzinfo=UTC)


def test_ids_of_one_millisecond_sort_as_they_were_made() -> None:
    with clock.freeze(NOW):
        made = [new_id() for _ in range(5000)]
    assert made == sorted(set(made))


def test_an_id_is_a_uuid_of_version_7_with_its_millisecond() -> None:
    late = datetime(2090, 1, 1, tzinfo=UTC)
    births = _Births()
    millis, counter = births.next(int(late.timestamp() * 1000))
    assert datetime.fromtimestamp(millis / 1000, UTC) == late
    assert counter < 2**41
    one = uuid.UUID(hex=new_id())
    assert (one.version, one.variant) == (7, uuid.RFC_4122)


def test_a_clock_that_goes_back_does_not_take_the_order_along() -> None:
    before = new_id()
    with clock.freeze(clock.now() - timedelta(days=400)):
        assert new_id() > before


def test_a_full_counter_goes_on_in_the_next_millisecond() -> None:
    births = _Births()
    births.next(7)
    births._counter = 2**42 - 1
    assert births.next(7)[0] == 8
    assert births.next(7)[0] == 8


def test_many_threads_never_make_the_same_id_and_each_sees_its_own_rise() -> None:
    def some(_: int) -> list[str]:
        return [new_id() for _ in range(500)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(some, range(8)))
    assert all(one == sorted(one) for one in found)
    assert len({key for one in found for key in one}) == 4000


def test_a_new_stream_follows_the_one_before_also_after_a_start_with_the_clock_put_right() -> None:
    late = f"{int(datetime(2066, 1, 1, tzinfo=UTC).timestamp() * 1000):012x}{new_id()[12:]}"
    found = [late]
    for _ in range(3):
        found.append(next_id(found[-1]))
    assert found == sorted(set(found))
    assert uuid.UUID(hex=found[-1]).version == 7
