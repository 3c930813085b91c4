# SPDX-License-Identifier: EUPL-1.2
"""Runs one command for tests/run.py: logged, told while it runs, and ended with all it started."""
import os
import signal
import subprocess
import sys
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOGS = os.path.join(ROOT, "build", "logs")


def run(command, log, quiet=False, seconds=None, **more):
    """Runs a command in a session of its own, so that what it started ends with it. Returns its
    exit status (124 after `seconds`) and what it printed, which is also in build/logs/<log>."""
    path = os.path.join(LOGS, log)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True, **more)
        copying = threading.Thread(target=copy, args=(process.stdout, file, quiet), daemon=True)
        copying.start()
        try:
            status = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            status = 124
        finally:
            end_session(process)
            copying.join(timeout=5)  # a child that fled the session may still hold the pipe
    with open(path, encoding="utf-8", errors="replace") as file:
        return status, file.read()


def copy(pipe, file, quiet):
    for line in pipe:
        if file.closed:
            return
        file.write(line)
        file.flush()
        if not quiet:
            sys.stderr.buffer.write(line)
            sys.stderr.flush()


def end_session(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
