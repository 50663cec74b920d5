"""Appointments happen at their own times, in the order of time and then of planning."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchgauge.batchmodel.agenda import MANY_CALLED_OFF, Agenda


def test_each_happens_at_its_own_time_in_order() -> None:
    agenda, happened = Agenda(), list[tuple[float, str]]()

    def happen(name: str) -> None:
        happened.append((agenda.now_ms, name))

    for time_ms, name in ((30.0, "c"), (10.0, "a"), (30.0, "d"), (20.0, "b")):
        agenda.at(time_ms, happen, name)
    agenda.run_until(30.0)
    assert happened == [(10.0, "a"), (20.0, "b"), (30.0, "c"), (30.0, "d")]
    assert agenda.next_ms() is None


def test_what_is_planned_for_now_happens_now() -> None:
    agenda, happened = Agenda(), list[float]()
    agenda.at(5.0, lambda _: agenda.at(agenda.now_ms, lambda _: happened.append(agenda.now_ms)))
    agenda.run_until(9.0)
    assert happened == [5.0]
    assert agenda.now_ms == 9.0


def test_what_is_called_off_does_not_happen() -> None:
    agenda, happened = Agenda(), list[int]()
    appointments = [agenda.at(number, happened.append, number) for number in range(4 * MANY_CALLED_OFF)]
    for appointment in appointments[1:]:
        agenda.call_off(appointment)
        agenda.call_off(appointment)
    assert agenda.next_ms() == 0
    agenda.run_until(1e9)
    assert happened == [0]
    agenda.call_off(appointments[0])
    assert agenda.next_ms() is None


@given(st.lists(st.tuples(st.floats(0, 1000), st.booleans())), st.lists(st.floats(0, 1000)))
def test_the_size_of_steps_does_not_matter(planned: list[tuple[float, bool]], stops: list[float]) -> None:
    def happened(stops: list[float]) -> list[tuple[float, int]]:
        agenda, seen = Agenda(), list[tuple[float, int]]()
        for number, (time_ms, is_called_off) in enumerate(planned):
            appointment = agenda.at(time_ms, lambda number: seen.append((agenda.now_ms, number)), number)
            if is_called_off:
                agenda.call_off(appointment)
        for stop in sorted(stops):
            agenda.run_until(stop)
        return seen

    assert happened([*stops, 1000.0]) == happened([1000.0])
