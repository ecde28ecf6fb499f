"""The harness as a whole can fail: a disk that only says that it has synced is found out."""

import asyncio

from disks import power_environment, until
from passes import Pass


async def launched(run):
    """Until events were acknowledged and seen, however long that takes: what nobody was promised is not missed."""
    acknowledged, seen = len(run.ledger.acknowledged), [s.witness.settled for s in run.subscribers]
    await run.victim.launch()
    await until(lambda: len(run.ledger.acknowledged) > acknowledged + 20, "publishing goes on by itself")
    await until(lambda: [s.witness.settled for s in run.subscribers] != seen, "somebody has seen events")


async def trouble(run):
    for _ in range(3):
        await launched(run)
        await run.victim.kill()
    await launched(run)


# What a lost event should have begun never ends, so nobody waits long for it.
def test_a_disk_that_lies_is_found_out(tmp_path):
    one = Pass("liar", 1, tmp_path, partitions=1, drain_s=10, environment=power_environment("lies", 1))
    report = asyncio.run(one.run(trouble))
    assert any("the log lost" in finding for finding in report.findings)
    assert any("never saw" in finding or "was not resumed" in finding for finding in report.findings)
