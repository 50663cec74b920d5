"""What a virtual job does is read off its command, variables and parameters."""

from __future__ import annotations

import pytest

from batchgauge.batchmodel.virtual_work import CountdownLines, virtual_work


@pytest.mark.parametrize(
    ("command", "duration_ms", "exit_code"),
    [
        (["countdown", "30"], 30_000, 0),
        (["sleep", "1.5"], 1_500, 0),
        (["powershell.exe", "-Command", "C:\\test\\countdown.exe", "60"], 60_000, 0),
        (["powershell.exe", "-Command", "C:\\test\\countdown.exe 60"], 60_000, 0),
        (["countdown", "5", "--exit-code", "3"], 5_000, 3),
        (["countdown", "--exit-code=3", "5"], 5_000, 3),
        (["python", "train.py"], None, 0),
        (["sleep", "-1"], None, 0),
        (["sleep", "inf"], None, 0),
        ([], None, 0),
    ],
)
def test_a_command_says_how_long_and_how_it_ends(command: list[str], duration_ms: float | None, exit_code: int) -> None:
    work = virtual_work(command, {}, {})
    assert (work.is_asked_for, work.duration_ms, work.exit_code) == (False, duration_ms, exit_code)


def test_variables_and_parameters_say_it_louder() -> None:
    told = {"BATCHGAUGE_VIRTUAL": "Yes", "BATCHGAUGE_VIRTUAL_SECONDS": "2", "BATCHGAUGE_VIRTUAL_EXIT_CODE": "9"}
    for environment, parameters in ((told, {}), ({}, told)):
        work = virtual_work(["countdown", "30"], environment, parameters)
        assert (work.is_asked_for, work.duration_ms, work.exit_code) == (True, 2_000, 9)
    assert not virtual_work([], {"BATCHGAUGE_VIRTUAL": "0"}, {}).is_asked_for


def test_a_complete_countdown_says_each_second_and_how_it_went() -> None:
    lines = list(CountdownLines(1_000.0, 3_500.0, 2.5, is_complete=True))
    assert [time_ms for time_ms, _ in lines] == [1_000.0, 2_000.0, 3_000.0, 3_500.0]
    assert [line.split(" utc")[0] for _, line in lines][:3] == [
        f"countdown seq={tick} remaining_s={left}" for tick, left in ((0, "2.5"), (1, "1.5"), (2, "0.5"))
    ]
    assert lines[-1][1].startswith("countdown done seconds=2.5 elapsed_s=2.500000 drift_ms=0.000")
    assert len(lines) == 4


def test_one_that_was_ended_says_what_it_came_to() -> None:
    lines = list(CountdownLines(0.0, 2_100.0, 30.0, is_complete=False))
    assert [line.split()[1] for _, line in lines] == ["seq=0", "seq=1", "seq=2"]
    assert len(lines) == 3


def test_one_that_was_slowed_ticks_slower() -> None:
    lines = list(CountdownLines(0.0, 6_000.0, 3.0, is_complete=True))
    assert [time_ms for time_ms, _ in lines] == [0.0, 2_000.0, 4_000.0, 6_000.0]
    assert "drift_ms=3000.000" in lines[-1][1]


@pytest.mark.parametrize("options", ["--cpu 2 --memory 512M", "--jitter 5 --io 7 --exit-code 0", "--cpu=2"])
def test_the_value_of_an_option_is_no_duration(options: str) -> None:
    assert virtual_work(["countdown", "30", *options.split()], {}, {}).duration_ms == 30_000
