"""Shapes as trees: what is the same several times in a row is said once, with the number of times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

MAX_DEPTH = 120
"""What is nested deeper is counted, not shown."""
MAX_LINES = 200_000


class Shapes:
    """Nodes by number: two nodes that look alike are one, so that comparing costs nothing."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, tuple[tuple[int, int], ...]], int] = {}
        self._nodes: list[tuple[str, tuple[tuple[int, int], ...]]] = []

    def node(self, label: str, children: Iterable[int] = ()) -> int:
        """The node with this label and these children; the same several times in a row is one, counted."""
        runs: list[tuple[int, int]] = []
        for child in children:
            if runs and runs[-1][0] == child:
                runs[-1] = (child, runs[-1][1] + 1)
            else:
                runs.append((child, 1))
        key = (label, tuple(runs))
        if key not in self._numbers:
            self._numbers[key] = len(self._nodes)
            self._nodes.append(key)
        return self._numbers[key]

    def lines(self, node: int) -> Iterator[str]:
        """The node and what is in it, one line each."""
        todo = [(node, 1, 0)]
        written = 0
        while todo:
            number, times, depth = todo.pop()
            label, runs = self._nodes[number]
            yield f"{'  ' * depth}{f'{times} x ' if times > 1 else ''}{label}"
            written += 1
            if written == MAX_LINES:
                yield "(cut here: it goes on)"
                return
            todo += [(child, count, depth + 1) for child, count in reversed(runs)]
