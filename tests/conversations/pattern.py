"""Does an element that was received fit the one that a script expects? README.md, "What fits", says how."""

import re

ANY, ABSENT, ONLY, DOTS = '{any}', '{absent}', '{only}', '...'
_PIECE = re.compile(r'\{(>[\w-]+|~.*|[\w-]+)\}', re.DOTALL)
_TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)')


def fits(expected, received, saved):
    """The values saved, with those that this element adds, or None where it does not fit."""
    if (expected.name, expected.namespace) != (received.name, received.namespace):
        return None
    for name, value in expected.attributes.items():
        saved = _value_fits(value, received.get(name), saved)
        if saved is None:
            return None
    text = expected.text.strip()
    only = ONLY in text
    text = text.replace(ONLY, '').strip()
    if text and text != DOTS:
        saved = _value_fits(text, received.text.strip(), saved)
        if saved is None:
            return None
    elif only and received.text.strip():
        return None
    present = [child for child in expected.children if child.text.strip() != ABSENT]
    if only and len(present) != len(received.children):
        return None
    for child in expected.children:
        if child.text.strip() == ABSENT and any(_fits_without_text(child, other, saved) for other in received.children):
            return None
    return _children_fit(present, received.children, saved)


def _fits_without_text(expected, received, saved):
    if (expected.name, expected.namespace) != (received.name, received.namespace):
        return False
    return all(_value_fits(value, received.get(name), saved) is not None
               for name, value in expected.attributes.items())


def _children_fit(expected, received, saved):
    if not expected:
        return saved
    for index, child in enumerate(received):
        more = fits(expected[0], child, saved)
        if more is not None:
            more = _children_fit(expected[1:], received[index + 1:], more)
        if more is not None:
            return more
    return None


def _value_fits(expected, received, saved):
    if expected == ABSENT:
        return saved if received is None else None
    piece = _PIECE.fullmatch(expected)
    if received is None and piece and piece[1].startswith('~'):
        received = ''
    if received is None:
        return None
    if not piece:
        return saved if _filled(expected, saved) == received else None
    word = piece[1]
    if word.startswith('>'):
        return {**saved, word[1:]: received} if received else None
    if word.startswith('~'):
        return saved if re.fullmatch(word[1:], received, re.DOTALL) else None
    if word == 'any':
        return saved if received else None
    if word == 'time':
        return saved if _TIME.fullmatch(received) else None
    return saved if saved.get(word) == received else None


def _filled(text, saved):
    return re.sub(r'\{([\w-]+)\}', lambda found: saved.get(found[1], found[0]), text)
