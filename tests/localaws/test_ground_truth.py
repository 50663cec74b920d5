"""Transitions are kept, and written as JSON lines where a file is named."""

from __future__ import annotations

import json
from pathlib import Path

from batchgauge.batchmodel.boundary import Transition
from batchgauge.localaws.ground_truth import GroundTruth


def test_every_transition_is_a_line_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    path.write_text('{"earlier": 1}\n')
    truth = GroundTruth(path)
    truth.append(Transition("job:1", 1000.25, "RUNNABLE", "STARTING", 1, "placed"))
    truth.flush()
    earlier, line = path.read_text().splitlines()
    assert json.loads(earlier) == {"earlier": 1}
    assert json.loads(line) == {
        "type": "transition",
        "jobId": "job:1",
        "timeMs": 1000.25,
        "fromState": "RUNNABLE",
        "toState": "STARTING",
        "attempt": 1,
        "cause": "placed",
    }
    truth.close()
    truth.close()


def test_without_a_file_the_newest_are_kept_in_memory() -> None:
    truth = GroundTruth()
    transition = Transition("job", 1.0, None, "SUBMITTED", 0, "SubmitJob")
    truth.append(transition)
    truth.flush()
    assert truth.records(0, 10) == [transition]
    assert truth.records(1, 10) == []
