"""What the embedded AWS does differently on Windows, decided by functions that are told the platform."""

from __future__ import annotations

import signal
import socket

from batchgauge.localaws.execution import platform_environment
from batchgauge.localaws.server import address_option, ends


def test_a_port_is_never_shared() -> None:
    """On Windows SO_REUSEADDR would let a second server take the first one's port."""
    assert address_option("linux") == (socket.SO_REUSEADDR, 1)
    assert address_option("darwin") == (socket.SO_REUSEADDR, 1)
    assert address_option("win32") == (getattr(socket, "SO_EXCLUSIVEADDRUSE", -5), 1)


def test_ctrl_break_ends_a_server_on_windows() -> None:
    assert ends("linux") == (signal.SIGINT, signal.SIGTERM)
    assert ends("win32")[2:] == (getattr(signal, "SIGBREAK", 21),)


def test_jobs_get_what_programs_of_windows_do_not_start_without_and_nothing_else() -> None:
    environ = {"SYSTEMROOT": "D:\\Windows", "TEMP": "D:\\Temp", "SECRET": "x", "PATH": "p"}
    assert platform_environment("win32", environ) == {
        "SYSTEMROOT": "D:\\Windows",
        "PATHEXT": ".COM;.EXE;.BAT;.CMD",
        "TEMP": "D:\\Temp",
    }
    assert platform_environment("win32", {})["SYSTEMROOT"] == "C:\\Windows"
    assert platform_environment("linux", environ) == {"LANG": "C.UTF-8"}
