"""A disk that is soon full."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from process import program

WRAPPER = """#!/bin/sh
exec nsenter --user --mount --preserve-credentials --wd=/ --target {holder} -- {program} "$@"
"""


class SmallDisk:
    """A file system in memory. `inside` is its path for Apus, `outside` that for the tests."""

    def __init__(self, inside, outside, wrapper=None):
        self.inside, self.outside = Path(inside), Path(outside)
        #: What has to be started instead of Apus so that it sees the disk; None when everybody sees it.
        self.wrapper = wrapper

    @property
    def free(self):
        """Bytes."""
        status = os.statvfs(self.outside)
        return status.f_bavail * status.f_frsize

    def fill(self, leave=0):
        """Takes all space but `leave` bytes."""
        with open(self.outside / "filler", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(self.free - leave, 1))

    def empty(self):
        (self.outside / "filler").unlink()


@contextmanager
def small_disk(directory, size):
    """A disk of `size` bytes, mounted by root or in an own name space; skips the test where neither is allowed."""
    point = directory / "disk"
    point.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=777", "tmpfs", str(point)]
    if os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0:
        try:
            yield SmallDisk(point, point)
        finally:
            subprocess.run(["umount", "--lazy", str(point)], check=True)
        return
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        pytest.skip("mounting needs root, or unshare and nsenter")
    script = 'mount -t tmpfs -o "size=$1,mode=777" tmpfs "$2" && echo mounted && exec cat'
    holder = subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", str(size), str(point)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        if holder.stdout.readline() != "mounted\n":
            pytest.skip(f"neither root nor a name space of users may mount here: {holder.stderr.read().strip()}")
        wrapper = directory / "in-name-space"
        wrapper.write_text(WRAPPER.format(holder=holder.pid, program=program()))
        wrapper.chmod(0o755)
        yield SmallDisk(point, Path("/proc", str(holder.pid), "root", *point.parts[1:]), wrapper)
    finally:
        holder.stdin.close()
        holder.wait(10)
