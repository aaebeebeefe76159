"""Unified diffs of texts that may be large: lines that begin or end both texts alike are not compared."""

from difflib import unified_diff

CONTEXT = 3


def unified(before: bytes, after: bytes, name: str) -> str:
    """Return the unified diff of two texts, headed ``--- name`` and ``+++ name``; "" when they are the same."""
    if before == after:
        return ""
    head = common_start(before, after)
    start = _back_lines(before, head, CONTEXT)
    tail = common_end(before, after, min(len(before), len(after)) - head)
    end, other_end = _forward_lines(before, len(before) - tail, CONTEXT), None
    other_end = len(after) - (len(before) - end)
    offset = before.count(b"\n", 0, start)
    old = _lines(before[start:end])
    new = _lines(after[start:other_end])
    lines = list(unified_diff(old, new, name, name, n=CONTEXT))
    return "".join(_moved(line, offset) if line.startswith("@@ ") else line for line in lines)


def common_start(left: bytes, right: bytes) -> int:
    """Return how many bytes both begin with alike."""
    size, low = min(len(left), len(right)), 0
    step = 1 << 16
    while low < size and left[low : low + step] == right[low : low + step]:
        low += step
    low = min(low, size)
    while low < size and left[low] == right[low]:
        low += 1
    return low


def common_end(left: bytes, right: bytes, limit: int) -> int:
    """Return how many bytes, limit at most, both end with alike."""
    size, step = 0, 1 << 16
    while (
        size + step <= limit
        and left[len(left) - size - step : len(left) - size] == right[len(right) - size - step : len(right) - size]
    ):
        size += step
    while size < limit and left[len(left) - size - 1] == right[len(right) - size - 1]:
        size += 1
    return size


def _back_lines(text: bytes, at: int, lines: int) -> int:
    for _ in range(lines + 1):
        at = text.rfind(b"\n", 0, at)
        if at < 0:
            return 0
    return at + 1


def _forward_lines(text: bytes, at: int, lines: int) -> int:
    for _ in range(lines + 1):
        at = text.find(b"\n", at)
        if at < 0:
            return len(text)
        at += 1
    return at


def _lines(text: bytes) -> list[str]:
    lines = text.decode("utf-8", "replace").split("\n")
    full = [f"{line}\n" for line in lines[:-1]]
    if lines[-1]:
        full.append(f"{lines[-1]}\n\\ No newline at end of file\n")
    return full


def _moved(line: str, offset: int) -> str:
    """Return a hunk's head with its line numbers moved down."""
    parts = line.split(" ")
    for place in (1, 2):
        sign, numbers = parts[place][0], parts[place][1:].split(",")
        numbers[0] = str(int(numbers[0]) + offset)
        parts[place] = sign + ",".join(numbers)
    return " ".join(parts)
