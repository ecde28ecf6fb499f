"""The harness as a whole can fail: a disk that only says that it has synced is found out."""

import asyncio

from disks import power_environment
from kills import kill_repeatedly
from passes import Pass


# What a lost event should have begun never ends, so nobody waits long for it.
def test_a_disk_that_lies_is_found_out(tmp_path):
    one = Pass("liar", 1, tmp_path, partitions=1, drain_s=10, environment=power_environment("lies", 1))
    report = asyncio.run(one.run(kill_repeatedly(3, starting=0)))
    assert any("the log lost" in finding for finding in report.findings)
    assert any("never saw" in finding or "was not resumed" in finding for finding in report.findings)
