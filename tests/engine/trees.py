"""Random trees of blocks: what the diagrams are made of that the engine and the token game play."""

from __future__ import annotations

import random

Block = tuple  # ("step",) | ("seq", blocks) | ("xor" | "par" | "inc", blocks) | ("loop", block) | …


def tree(chance: random.Random, leaves: int) -> Block:
    """A tree of that many leaves. Every loop holds a step, so that no token runs in circles by itself."""
    if leaves == 1:
        match chance.randrange(9):
            case 0:
                return "many", chance.randrange(5), chance.randrange(1, 5), chance.random() < 0.5
            case 1:
                return "timed", chance.random() < 0.5
            case 2:
                return chance.choice(("loop", "sub", "call")), ("step",)
            case 3:
                return "late", ("step",), chance.random() < 0.5
            case 4:
                return "shout", chance.choice(("signal", "escalation")), chance.choice("AB")
            case 5:
                return "again", chance.randrange(1, 4), chance.random() < 0.5
        return ("step",)
    if leaves >= 3 and chance.random() < 0.08:  # several that wait for what one of them shouts
        name, rest = chance.choice("AB"), tree(chance, leaves - 2)
        waiting = [("border", inner, "signal", name, chance.random() < 0.5) for inner in (("step",), rest)]
        return "par", [*waiting, ("shout", "signal", name)]
    if chance.random() < 0.3:
        kind = chance.choice(("loop", "loop", "sub", "call", "late", "link", "signal", "escalation", "condition"))
        if kind in ("signal", "escalation", "condition"):
            name = chance.choice(("A", "B", "")) if kind == "escalation" else chance.choice("AB")
            return "border", tree(chance, leaves), kind, name, chance.random() < 0.5
        inner = tree(chance, leaves)
        return ("late", inner, chance.random() < 0.5) if kind == "late" else (kind, inner)
    parts, left = [], leaves
    for other in range(chance.randrange(2, min(leaves, 3) + 1) - 1, -1, -1):
        size = left if other == 0 else chance.randrange(1, left - other + 1)
        parts.append(tree(chance, size))
        left -= size
    kind = chance.choice(("seq", "xor", "par", "par", "inc", "fork"))
    return ("fork", activity(chance), chance.random() < 0.5, parts) if kind == "fork" else (kind, parts)


def activity(chance: random.Random) -> Block:
    """A block that is one activity."""
    match chance.randrange(6):
        case 0:
            return "many", chance.randrange(5), chance.randrange(1, 5), chance.random() < 0.5
        case 1:
            return "again", chance.randrange(1, 4), chance.random() < 0.5
        case 2:
            return chance.choice(("sub", "call")), ("step",)
    return ("step",)


def with_asides(block: Block, chance: random.Random, *, joined: bool = True) -> Block:
    """The tree with splits here and there of which one branch ends at an end event of its own and nothing joins.

    joined: also inside of branches that are joined.
    """
    match block:
        case ("seq" | "xor" | "par" | "inc" as kind, parts) if joined or kind in ("seq", "xor"):
            block = kind, [with_asides(part, chance, joined=joined) for part in parts]
        case ("loop" | "sub" | "call" | "link" as kind, body):
            block = kind, with_asides(body, chance, joined=joined)
        case ("late" | "border" as kind, body, *rest):
            block = kind, with_asides(body, chance, joined=joined), *rest
        case ("fork", body, asking, parts) if joined:
            block = "fork", body, asking, [with_asides(part, chance) for part in parts]
    if chance.random() < 0.2:
        beside = "aside", chance.choice(("par", "inc", "user"))
        return "seq", chance.choice(([beside, block], [block, beside], [beside, block, beside]))
    return block
