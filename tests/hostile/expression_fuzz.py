"""Makes expressions that mean harm: by the grammar, as heaps of words, and by damaging what is known (for H5)."""

from __future__ import annotations

import random

from tests.security.payloads import LONG, PAYLOADS

NAMES = (
    "amount", "name", "flag", "items", "facts", "day", "secret", "missing", "金额", "facts.a", "items[0]", "many",
    "too_many", "?",
)  # fmt: skip
LITERALS = (
    "0", "1", "7.25", "-3", "9999999999999999999999999999", "0.0000000001", "true", "false", "null", "''", "'abc'",
    '"x"', r"'\u0041\n'", "'2024-02-29'", "date('2024-01-31')", "[]", "[1, 2]", "['abc', name]",
)  # fmt: skip
OPERATORS = (
    "+", "-", "*", "/", "%", "div", "mod", "==", "!=", "eq", "ne", "<", "<=", ">", ">=", "lt", "ge", "=", "&&", "||",
    "and", "or", "in", "between", "..", "**", "//", "<<", "|", "&", "^", ":=", "instanceof",
)  # fmt: skip
FUNCTIONS = ("size", "contains", "min", "max", "abs", "lower", "date", "days")
STRANGERS = (
    "eval", "exec", "open", "getattr", "type", "print", "format", "str", "__import__", "compile", "globals", "vars",
    "input", "breakpoint", "matches", "concat", "string", "now", "execution", "T", "java", "Runtime", "lambda",
)  # fmt: skip
MEMBERS = (
    "__class__", "__mro__", "__subclasses__", "__globals__", "__dict__", "__init__", "_private", "a", "b", "upper",
    "format", "append", "real", "numerator", "as_integer_ratio", "gi_frame", "f_globals", "func_code", "mro", "class",
)  # fmt: skip
PIECES = (
    "(", ")", "[", "]", "{", "}", ",", ".", ":", ";", "?", "!", "@", "#", "$", "${", "#{", "\\", "'", '"', "`", "~",
    "\n", "\t", "\0", "\x1b", " ", "\u00a0", "\u200b", "\u202e", "\ufeff", "\ud800", "\U0010ffff", "＋", "１", "ｅval",
    "ª", "𝓮𝔁𝓮𝓬", "not(", "not ", "empty ", "if ", " then ", " else ", " for x in ", "f'", "b'", "r'", "%s", "%(a)s",
    "{0.__class__}", "[1..", "(1..2)", "]0..9[", "..", "/*", "//", "--", "<![CDATA[", "&amp;", "R/PT0S", "1e999",
    "0x1f", "1_000", "١", "∞", "NaN",
)  # fmt: skip


class Maker:
    """Makes one expression after the other; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def next(self) -> str:
        """An expression: some by the grammar, some words in a heap, some damaged; any of them perhaps damaged again."""
        chance = self.chance
        kind = chance.random()
        if kind < 0.45:
            text = self.grown(chance.randrange(1, 5))
        elif kind < 0.5:
            text = self.chained()
        elif kind < 0.65:
            text = self.heap()
        elif kind < 0.99:
            text = self.damaged(chance.choice(PAYLOADS))
        else:
            text = chance.choice(LONG)
        if chance.random() < 0.4:
            text = self.damaged(text)
        if chance.random() < 0.2:
            text = f"${{{text}}}"
        return text

    def grown(self, depth: int) -> str:
        """An expression by the grammar of both languages, with strangers for names and members here and there."""
        chance = self.chance
        if depth <= 0:
            return chance.choice(NAMES) if chance.random() < 0.5 else chance.choice(LITERALS)
        match chance.randrange(12):
            case 0 | 1 | 2 | 3:
                return f"{self.grown(depth - 1)} {chance.choice(OPERATORS)} {self.grown(depth - 2)}"
            case 4:
                return f"({self.grown(depth - 1)})"
            case 5:
                function = chance.choice(FUNCTIONS) if chance.random() < 0.8 else chance.choice(STRANGERS)
                given = (self.grown(depth - 2) for _ in range(chance.randrange(4)))
                return f"{function}({', '.join(given)})"
            case 6:
                member = chance.choice(MEMBERS)
                return f"{self.grown(depth - 1)}" + chance.choice((f".{member}", f"['{member}']", f".{member}()"))
            case 7:
                return f"{self.grown(depth - 1)}[{self.grown(depth - 2)}]"
            case 8:
                return f"{self.grown(depth - 2)} ? {self.grown(depth - 1)} : {self.grown(depth - 2)}"
            case 9:
                return f"{chance.choice(('!', '-', 'not ', 'empty ', 'not('))}{self.grown(depth - 1)}"
            case 10:
                ends = chance.choice(("[]", "()", "][", "(]", "[)"))
                return f"{ends[0]}{self.grown(depth - 2)}..{self.grown(depth - 2)}{ends[1]}"
            case _:
                return ", ".join(self.grown(depth - 2) for _ in range(chance.randrange(1, 4)))

    def chained(self) -> str:
        """Many operands in a row, of one kind mostly, so that the steps and sizes of a whole text are tried."""
        chance = self.chance
        operands, operators = chance.choice(
            (
                (("1", "amount", "7.25", "金额", "days(day, day)"), ("+", "-", "*", "/", "%")),
                (("flag", "amount > 1", "899 in many", "not flag", "1 in many"), ("&&", "||", "and", "or")),
                (("name", "'abc'", "lower(name)", "'x'"), ("+",)),
                ((*NAMES, *LITERALS), OPERATORS),
            )
        )
        operator = chance.choice(operators)
        return f" {operator} ".join(chance.choice(operands) for _ in range(chance.randrange(2, 200)))

    def heap(self) -> str:
        """Words of the languages and of others in any order."""
        chance = self.chance
        kinds = (NAMES, LITERALS, OPERATORS, FUNCTIONS, STRANGERS, MEMBERS, PIECES)
        between = chance.choice(("", " "))
        return between.join(chance.choice(chance.choice(kinds)) for _ in range(chance.randrange(1, 25)))

    def damaged(self, text: str) -> str:
        """The text with one to four wounds: cut, doubled, spliced, nested, pieces put in, bytes turned over."""
        chance = self.chance
        for _ in range(chance.randrange(1, 5)):
            at = chance.randrange(len(text) + 1)
            end = at + chance.randrange(1, 12)
            match chance.randrange(7):
                case 0:
                    text = text[:at] + text[end:]
                case 1:
                    text = text[:end] + text[at:]
                case 2:
                    text = text[:at] + chance.choice(PIECES) + text[at:]
                case 3:
                    text = text[:at] + chance.choice(PAYLOADS)[-end:]
                case 4:
                    text = f"{chance.choice('([')}{text}{chance.choice(')]')}"
                case 5:
                    text = text[:at] + chr(chance.randrange(1, 0x3000)) + text[at + 1:]
                case _:
                    text = _flipped(text, chance)
        return text[:1_500]


def _flipped(text: str, chance: random.Random) -> str:
    """One bit of the text's bytes turned over; what is no UTF-8 any more comes as lone surrogates, as a file would."""
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return data.decode("utf-8", "surrogateescape")
