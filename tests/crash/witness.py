"""What one subscriber has seen, and which of it a reconnection may bring again."""

from dataclasses import dataclass, field


@dataclass
class Sighting:
    message: dict
    repeatable: bool = False


@dataclass
class Witness:
    """Messages as they came, and the cursor of the last that is done with.

    A message without a cursor of its own is done with when the next cursor comes. Until then a connection that is lost
    leaves it open, and it may come again, or not if there is a newer value; everything else may come only once.
    """

    cursor: str | None = None
    sightings: list = field(default_factory=list)
    oddities: list = field(default_factory=list)
    settled: int = 0  # sightings that are done with
    _open: list = field(default_factory=list)

    def see(self, message, cursor=None):
        sighting = Sighting(message)
        self.sightings.append(sighting)
        self._open.append(sighting)
        if cursor is not None and cursor != self.cursor:
            self.settle(cursor)

    def settle(self, cursor):
        self.cursor = cursor
        self.settled += len(self._open)
        self._open.clear()

    @property
    def is_settled(self):
        return not self._open

    def lose_connection(self):
        for sighting in self._open:
            sighting.repeatable = True
        self._open.clear()

    def find_odd(self, what):
        """Something that no client should meet."""
        self.oddities.append(what)
