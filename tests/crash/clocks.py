"""The trouble of a wall clock that is wrong, at a boot and as a jump, between kills: a log that keeps an hour lets nothing go."""

from kills import live_a_moment

SAYS = ["+0", "+1d", "-1d", "+1000d", "@1970-01-01 00:01:00"]


def jump_repeatedly(rounds, clock):
    """Each round boots under one clock, jumps to another, and is a kill; in the end the clock is right."""

    async def trouble(run):
        dice = run.dice("clock")
        victim = run.victim
        victim.base["sources"]["events"]["retention"] = {"age": "1h"}
        victim.edit()
        for number in range(rounds):
            clock.set(SAYS[number % len(SAYS)])
            await victim.launch()
            await live_a_moment(victim, dice)
            clock.set(dice.choice(SAYS))
            await live_a_moment(victim, dice)
            await victim.kill()
        clock.set("+0")
        await victim.launch()

    return trouble
