"""Files that somebody else has open: Windows does not let them be moved."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchgauge.store.moving import HELD_BACK, WAITS_S, move


class Held:
    """A file that others hold for some tries."""

    def __init__(self, tries: int, winerror: int | None) -> None:
        self.left, self.winerror = tries, winerror
        self.waits: list[float] = []

    def replace(self, source: Path, target: Path) -> None:
        if self.left:
            self.left -= 1
            error = PermissionError(13, "Access is denied")
            error.winerror = self.winerror  # type: ignore[attr-defined,unused-ignore]
            raise error
        source.replace(target)

    def move(self, folder: Path, platform: str) -> None:
        (folder / "new").write_bytes(b"new")
        move(folder / "new", folder / "old", replace=self.replace, sleep=self.waits.append, platform=platform)


@pytest.mark.parametrize("winerror", sorted(HELD_BACK))
def test_on_windows_it_is_tried_until_it_is_let_go(winerror: int, tmp_path: Path) -> None:
    held = Held(3, winerror)
    held.move(tmp_path, "win32")
    assert (tmp_path / "old").read_bytes() == b"new"
    assert held.waits == list(WAITS_S[:3])


def test_who_never_lets_go_is_an_error_in_the_end(tmp_path: Path) -> None:
    held = Held(100, 32)
    with pytest.raises(PermissionError):
        held.move(tmp_path, "win32")
    assert held.waits == list(WAITS_S)
    assert sum(held.waits) < 2


def test_what_waiting_does_not_mend_is_an_error_at_once(tmp_path: Path) -> None:
    held = Held(1, 112)  # the disk is full
    with pytest.raises(PermissionError):
        held.move(tmp_path, "win32")
    assert held.waits == []


def test_elsewhere_nothing_is_waited_for(tmp_path: Path) -> None:
    held = Held(1, None)
    with pytest.raises(PermissionError):
        held.move(tmp_path, "linux")
    assert held.waits == []
