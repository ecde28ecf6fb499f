"""io_uring, as this machine allows it, and a program that may not use it."""

import ctypes
import os
import shlex
import sys
from pathlib import Path

SETUP, ENTER = 425, 426  # the numbers of io_uring_setup and io_uring_enter, on every architecture
FLAGS = 1 << 7 | 1 << 12 | 1 << 13  # SUBMIT_ALL, SINGLE_ISSUER, DEFER_TASKRUN


def refused_for():
    """The errno with which the kernel refuses a ring; 0 if it does not."""
    libc = ctypes.CDLL(None, use_errno=True)
    how = (ctypes.c_uint32 * 30)()  # struct io_uring_params: sizes, then flags
    how[2] = FLAGS
    ring = libc.syscall(SETUP, 8, ctypes.byref(how))
    if ring < 0:
        return ctypes.get_errno()
    os.close(ring)
    return 0


def forbid(call, command):
    """Runs a program to which this system call is not permitted, as in many a container."""
    PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
    LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
    ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1  # EPERM

    class Step(ctypes.Structure):
        _fields_ = [("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32)]

    class Program(ctypes.Structure):
        _fields_ = [("len", ctypes.c_uint16), ("filter", ctypes.POINTER(Step))]

    steps = (Step * 4)(Step(LOAD, 0, 0, 0), Step(JUMP_IF_EQUAL, 0, 1, call), Step(RETURN, 0, 0, REFUSE), Step(RETURN, 0, 0, ALLOW))
    program = Program(len(steps), steps)
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, FILTER, ctypes.byref(program))):
        if libc.prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    os.execv(command[0], command)


def forbidding(folder, call, program):
    """A program that runs the other one without this system call."""
    launcher = Path(folder) / "without-io-uring"
    launcher.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, __file__, str(call), str(program)])} "$@"\n')
    launcher.chmod(0o755)
    return str(launcher)


if __name__ == "__main__":
    forbid(int(sys.argv[1]), sys.argv[2:])
