"""A process that has imported the command, and becomes it whenever it is asked to: a fork costs a tenth of Python's start and the imports.

Each command is still a process of its own, with its own arguments, folder, environment, streams and exit code. A request is a JSON object
with `arguments`, `folder` and `environment`, and comes with four descriptors: the command's stdin, stdout and stderr, and one on which the
server tells the command's id and then its exit code, both as four bytes.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from importlib import import_module

LAYERS = ("aws", "bootstrap", "cli", "core", "host", "measure", "messages", "provision", "reports", "store")
"""What a command imports sooner or later; the embedded AWS is a process that it starts itself."""
LONGEST_REQUEST = 200_000
INT_BYTES = 4


def import_all() -> None:
    for layer in LAYERS:
        package = import_module(f"batchgauge.{layer}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    # What is imported stays as it is: shared with the commands, and not looked through by their collections.
    gc.collect()
    gc.freeze()


def told(number: int) -> bytes:
    return number.to_bytes(INT_BYTES, sys.byteorder, signed=True)


def serve(control: socket.socket) -> bytes | None:
    """The request, in the process that is to become its command; None at the end."""
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([control.fileno(), ended], [], [])
        if ended in ready:
            os.read(ended, LONGEST_REQUEST)
            for pid in list(running):
                found, status = os.waitpid(pid, os.WNOHANG)
                if found:
                    _tell(running.pop(pid), os.waitstatus_to_exitcode(status))
        if control.fileno() in ready:
            request, descriptors, _, _ = socket.recv_fds(control, LONGEST_REQUEST, 4)
            if not request:
                return None
            *streams, answer = descriptors
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for descriptor in (control.detach(), ended, wake, answer, *running.values()):
                    os.close(descriptor)
                for number, descriptor in enumerate(streams):
                    os.dup2(descriptor, number)
                    os.close(descriptor)
                return request
            for descriptor in streams:
                os.close(descriptor)
            os.write(answer, told(pid))
            running[pid] = answer


def _tell(answer: int, code: int) -> None:
    with suppress(BrokenPipeError):  # whoever asked has given up
        os.write(answer, told(code))
    os.close(answer)


def become(request: bytes) -> None:
    asked = json.loads(request)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    sys.argv[1:] = asked["arguments"]
    runpy.run_module("batchgauge", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    import_all()
    received = serve(socket.socket(fileno=int(sys.argv[1])))
    if received is not None:
        become(received)
