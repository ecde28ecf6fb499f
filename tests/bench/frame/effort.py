"""How much a run of the benches may take."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Effort:
    rounds: int = 5
    seconds: float = 3.0  # that count, of each measurement under load
    warm_up: float = 1.0
    part: float = 1.0  # of the sizes of what is prepared, such as logs
    store: bool = False  # keep counts of instructions
    clients: int = 1_000_000  # that one server gets at most
    only: str = ""  # a part of the names of the measurements to make; empty = all

    @classmethod
    def quick(cls):
        return cls(rounds=2, seconds=1.2, warm_up=0.4, part=0.2, clients=4_000)

    @classmethod
    def smoke(cls):
        return cls(rounds=1, seconds=0.3, warm_up=0.1, part=0.005, clients=40)

    @property
    def hurried(self):
        return self.part < 1

    def but(self, **changes):
        return replace(self, **{name: value for name, value in changes.items() if value})

    def wants(self, name):
        return self.only in name
