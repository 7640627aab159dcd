"""Exclude patterns as Glue understands them: globs over the key below the include path.

Source: "Include and exclude patterns" in the AWS Glue developer guide.
"""

from __future__ import annotations

import re


def compile_glob(pattern: str) -> re.Pattern[str]:
    """A pattern that fully matches the keys which ``pattern`` excludes.

    ``*`` and ``?`` stay within a folder, ``**`` crosses folders, ``[a-z]`` and ``[!a-z]`` are one character,
    ``{a,b}`` is either, and a backslash takes the next character as it is.
    """
    out: list[str] = []
    position = 0
    in_braces = False
    while position < len(pattern):
        char = pattern[position]
        position += 1
        if char == "*" and pattern.startswith("*", position):
            position += 1
            out.append(".*")
        elif char in _ONE:
            out.append(_ONE[char])
        elif char == "[" and (end := pattern.find("]", position + 1)) != -1:
            out.append(_class(pattern[position:end]))
            position = end + 1
        elif char == "{":
            in_braces = True
            out.append("(?:")
        elif char == "}" and in_braces:
            in_braces = False
            out.append(")")
        elif char == "," and in_braces:
            out.append("|")
        elif char == "\\" and position < len(pattern):
            out.append(re.escape(pattern[position]))
            position += 1
        else:
            out.append(re.escape(char))
    return re.compile("".join(out) + (")" if in_braces else ""), re.DOTALL)


_ONE = {"*": "[^/]*", "?": "[^/]"}


def _class(members: str) -> str:
    negated = members[:1] == "!"
    escaped = re.sub(r"([\\\[\]^&~|])", r"\\\1", members[1:] if negated else members)
    return f"(?!/)[{'^' if negated else ''}{escaped}]"
