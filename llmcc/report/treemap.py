"""Squarified tree maps (Bruls, Huizing, van Wijk 2000): rectangles with areas in proportion, as square as can be."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; the unit of length is the caller's."""

    x: float
    y: float
    width: float
    height: float

    def shrunk(self, top: float, margin: float) -> "Box":
        """What is left inside a margin and a strip at the top; never less than nothing."""
        width = max(self.width - 2 * margin, 0.0)
        height = max(self.height - top - 2 * margin, 0.0)
        return Box(self.x + margin, self.y + margin + top, width, height)


def squarify(sizes: Sequence[float], box: Box) -> list[Box]:
    """A box for each size, in order; sizes are not negative, and boxes the squarer the more they descend."""
    nothing = Box(box.x, box.y, 0.0, 0.0)
    if not box.width or not box.height:
        return [nothing for _ in sizes]
    boxes = iter(_squarify([size for size in sizes if size], box))
    return [next(boxes) if size else nothing for size in sizes]


def _squarify(sizes: Sequence[float], box: Box) -> list[Box]:
    scale = box.width * box.height / (sum(sizes) or 1.0)
    boxes: list[Box] = []
    row: list[float] = []
    for size in sizes:
        area = size * scale
        side = min(box.width, box.height)
        if row and _worst([*row, area], side) > _worst(row, side):
            placed, box = _place(row, box)
            boxes += placed
            row = []
        row.append(area)
    return boxes + _place(row, box)[0] if row else boxes


def _worst(row: Sequence[float], side: float) -> float:
    """The ratio of the sides of the least square of a row of areas along `side`."""
    total, smallest = sum(row), min(row)
    if not side:
        return float("inf")
    return max(side * side * max(row) / total**2, total**2 / (side * side * smallest))


def _place(row: Sequence[float], box: Box) -> tuple[list[Box], Box]:
    """Lay a row along the shorter side; its boxes, and what is left of `box`."""
    total = sum(row)
    boxes = []
    if box.width >= box.height:
        width = total / box.height if box.height else 0.0
        y = box.y
        for area in row:
            height = area / width if width else 0.0
            boxes.append(Box(box.x, y, width, height))
            y += height
        return boxes, Box(box.x + width, box.y, max(box.width - width, 0.0), box.height)
    height = total / box.width if box.width else 0.0
    x = box.x
    for area in row:
        width = area / height if height else 0.0
        boxes.append(Box(x, box.y, width, height))
        x += width
    return boxes, Box(box.x, box.y + height, box.width, max(box.height - height, 0.0))
