"""On Windows, what takes a server's children along when it is killed: a job object that the server itself is in.

Windows has no process groups. A job object with JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE kills its members when its last handle is closed, which
happens to a process that ends in whatever way. Children of a member are members from their first instant on, and theirs too: a start costs
nothing more, and none is missed. The handle is never closed by hand: the server would kill itself.

Source: "Job Objects" and "JOBOBJECT_BASIC_LIMIT_INFORMATION" in Microsoft's documentation.
"""

from __future__ import annotations

import ctypes
import logging
import sys
from typing import Final

LOG = logging.getLogger(__name__)
KILL_ON_JOB_CLOSE: Final = 0x2000
EXTENDED_LIMIT_INFORMATION: Final = 9


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("PerProcessUserTimeLimit", ctypes.c_int64),
        ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", ctypes.c_uint32),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", ctypes.c_uint32),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", ctypes.c_uint32),
        ("SchedulingClass", ctypes.c_uint32),
    )


class ExtendedLimits(ctypes.Structure):
    """``JOBOBJECT_EXTENDED_LIMIT_INFORMATION``; the counters between are Windows's own."""

    _fields_ = (
        ("BasicLimitInformation", _BasicLimits),
        ("IoInfo", ctypes.c_uint64 * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    )


def end_children_with_this_process() -> bool:
    """Whether they will from now on; elsewhere than on Windows `process_guard` sees to it."""
    if sys.platform == "win32":
        try:
            _bind()
        except OSError as error:  # a job of somebody else's that allows none within
            LOG.warning("The processes of jobs would outlive this server's sudden end: %s", error)
        else:
            return True
    return False


def _bind() -> None:
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        handle = ctypes.c_void_p
        kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = handle
        kernel.CreateJobObjectW.argtypes = (handle, ctypes.c_wchar_p)
        kernel.SetInformationJobObject.argtypes = (handle, ctypes.c_int, handle, ctypes.c_uint32)
        kernel.AssignProcessToJobObject.argtypes = (handle, handle)
        limits = ExtendedLimits()
        limits.BasicLimitInformation.LimitFlags = KILL_ON_JOB_CLOSE
        job = kernel.CreateJobObjectW(None, None)
        is_bound = (
            job
            and kernel.SetInformationJobObject(
                job, EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), ctypes.sizeof(limits)
            )
            and kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())
        )
        if not is_bound:
            raise ctypes.WinError(ctypes.get_last_error())
