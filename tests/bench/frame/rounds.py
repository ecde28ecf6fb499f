"""Repeats measurements so that a disturbance meets all contestants alike, and tells the middle."""

from statistics import median


def interleaved(contestants, rounds, on_round=None):
    """Runs each contestant (name: function) once a round; {name: [result of each round]}."""
    results = {name: [] for name in contestants}
    for n in range(rounds):
        # Every other round runs backwards: who always ran after the same neighbour would inherit its disk and cache.
        order = list(contestants) if n % 2 == 0 else list(reversed(contestants))
        for name in order:
            results[name].append(contestants[name]())
        if on_round:
            on_round(n)
    return results


def middle(results, field):
    return median(result[field] for result in results)


def spread(results, field):
    """Half of the distance from the least to the greatest, as part of the middle."""
    values = [result[field] for result in results]
    return (max(values) - min(values)) / 2 / median(values)


def ratio(results, others, field):
    """The middle of the ratios of each round: both met the same disturbance."""
    return median(mine[field] / theirs[field] for mine, theirs in zip(results, others))
