"""The trouble of being killed at a random moment, again and again."""

import asyncio

UP_S = (0.02, 0.7)      # how long a host that listens lives
STARTING_S = (0.0, 1.0)  # and one that is killed on its way up
STARTING = 0.25          # the share of rounds in which it is


def kill_repeatedly(rounds):
    async def trouble(run):
        dice = run.dice("kills")
        for _ in range(rounds):
            await run.victim.launch()
            await live_a_moment(run.victim, dice)
            await run.victim.kill()
        await run.victim.launch()

    return trouble


async def live_a_moment(victim, dice):
    if dice.random() < STARTING:
        await asyncio.sleep(dice.uniform(*STARTING_S))  # the moment itself, not a wait for anything
        return
    await victim.wait_until_listening()
    await asyncio.sleep(dice.uniform(*UP_S))
