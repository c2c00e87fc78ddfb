"""Reads a conversation: the language is described in README.md."""

import re
from dataclasses import dataclass, field
from pathlib import Path


class ScriptError(Exception):
    """The conversation itself is wrong."""


@dataclass
class Line:
    """One statement, with its continuation lines joined to it."""
    number: int
    text: str


@dataclass(frozen=True)
class Account:
    localpart: str
    domain: str

    def __str__(self):
        return f'{self.localpart}@{self.domain}'


@dataclass
class Script:
    path: Path
    config: dict = field(default_factory=dict)  # key -> TOML value, of this conversation's own server
    lines: list = field(default_factory=list)
    accounts: set = field(default_factory=set)


_WHO = r"[\w.~-]+(?:@[\w.-]+)?(?:/[^\s,]+)?"
_STATEMENT = re.compile(rf'({_WHO})\s+(\S.*)', re.DOTALL)


def account_of(who):
    bare = who.partition('/')[0]
    localpart, _, domain = bare.partition('@')
    return Account(localpart, domain or 'localhost')


def read(path):
    script = Script(path)
    text = path.read_text(encoding='utf-8')
    if not text.startswith('# '):
        raise ScriptError(f'{path}:1: a conversation begins with a comment that says what it is about')
    for number, line in enumerate(text.splitlines(), 1):
        _take(script, number, line.rstrip())
    for line in script.lines:
        script.accounts |= _accounts(line.text)
    return script


def _take(script, number, line):
    if not line or line.lstrip().startswith('#'):
        return
    if line[0].isspace():
        if not script.lines:
            raise ScriptError(f'{script.path}:{number}: this continues nothing')
        script.lines[-1].text += _glue(script.lines[-1].text, line.strip()) + line.strip()
    elif line.startswith('server:'):
        key, equals, value = line.removeprefix('server:').partition('=')
        if not equals:
            raise ScriptError(f'{script.path}:{number}: server: KEY = VALUE')
        script.config[key.strip()] = value.strip()
    else:
        script.lines.append(Line(number, line))


def _glue(before, after):
    return '' if before.endswith('>') and after.startswith('<') else ' '


def _accounts(statement):
    words = statement.split()
    if words[0] == 'server':
        return set()
    if words[0] == 'account':
        return {account_of(words[1])}
    if words[1:2] == ['and'] and words[3:5] == ['are', 'contacts']:
        return {account_of(words[0]), account_of(words[2])}
    return {account_of(words[0])}


def who_and_what(text):
    found = _STATEMENT.fullmatch(text)
    if not found:
        raise ScriptError(f'not understood: {text}')
    return found[1], found[2]


def unescaped(text):
    """The bytes of a quoted string: \\n, \\r, \\t, \\", \\\\ and \\xHH; all else is UTF-8."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise ScriptError('raw text stands in double quotes')
    escapes = {b'n': b'\n', b'r': b'\r', b't': b'\t', b'0': b'\0'}

    def byte(found):
        code = found[1]
        return bytes([int(code[1:], 16)]) if code[:1] == b'x' else escapes.get(code, code)

    return re.sub(rb'\\(x[0-9a-fA-F]{2}|.)', byte, text[1:-1].encode(), flags=re.DOTALL)
