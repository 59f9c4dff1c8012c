"""Runs a program for as long as somebody holds the other end of stdin: lifeline.py PROGRAM [ARGUMENT...].

A test runner that is killed outright cannot end what it started; its pipes close all the same.
"""

import os
import signal
import subprocess
import sys
import threading

child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)


def watch():
    sys.stdin.buffer.read()
    # This process leads the group.
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=watch, daemon=True).start()
signal.signal(signal.SIGTERM, lambda *_: child.terminate())
code = child.wait()
# The thread holds stdin's lock: an ordinary exit would wait for it.
os._exit(code if code >= 0 else 1)
