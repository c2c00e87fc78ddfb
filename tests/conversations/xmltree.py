"""Elements, as read from a stream or from a script, and an incremental reader of XML streams (expat)."""

from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

STREAM = 'http://etherx.jabber.org/streams'
CLIENT = 'jabber:client'
XML = 'http://www.w3.org/XML/1998/namespace'
SEPARATOR = '\f'  # XML forbids it in names and in namespaces


@dataclass
class Element:
    name: str
    namespace: str
    attributes: dict
    children: list = field(default_factory=list)
    text: str = ''

    def child(self, name):
        return next((child for child in self.children if child.name == name), None)

    def get(self, attribute, default=None):
        return self.attributes.get(attribute, default)

    def __str__(self):
        return self.written(CLIENT)

    def written(self, around, depth=0):
        if depth > 30:
            return '...'
        parts = ['<', ('stream:' if self.namespace == STREAM else '') + self.name]
        inside = around
        if self.namespace not in (STREAM, around):
            parts.append(f' xmlns={quoteattr(self.namespace)}')
            inside = self.namespace
        parts += [f' {name}={quoteattr(value)}' for name, value in self.attributes.items()]
        content = escape(self.text) + ''.join(child.written(inside, depth + 1) for child in self.children)
        parts.append(f'>{content}</{parts[1]}>' if content else '/>')
        return ''.join(parts)


def _split(name):
    namespace, _, local = name.rpartition(SEPARATOR)
    return namespace, local


class Reader:
    """Calls on_header for the opening tag of a stream, on_element for each complete child of it, on_end for its end."""

    def __init__(self, on_header, on_element, on_end):
        self.on_header, self.on_element, self.on_end = on_header, on_element, on_end
        self.open = []
        self.parser = expat.ParserCreate(namespace_separator=SEPARATOR)
        if hasattr(self.parser, 'SetReparseDeferralEnabled'):
            self.parser.SetReparseDeferralEnabled(False)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._finish
        self.parser.CharacterDataHandler = self._text

    def feed(self, data):
        self.parser.Parse(data, False)

    def _start(self, name, attributes):
        namespace, local = _split(name)
        plain = {}
        for key, value in attributes.items():
            where, attribute = _split(key)
            plain['xml:' + attribute if where == XML else attribute] = value
        element = Element(local, namespace, plain)
        if len(self.open) > 1:
            self.open[-1].children.append(element)
        self.open.append(element)
        if len(self.open) == 1:
            self.on_header(element)

    def _finish(self, _name):
        element = self.open.pop()
        if len(self.open) == 1:
            self.on_element(element)
        elif not self.open:
            self.on_end()

    def _text(self, text):
        if len(self.open) > 1:
            self.open[-1].text += text


def elements(text):
    """The elements of a piece of script: in jabber:client, with the prefix `stream` known."""
    found = []
    reader = Reader(lambda _: None, found.append, lambda: None)
    reader.feed(f'<script xmlns="{CLIENT}" xmlns:stream="{STREAM}">')
    reader.feed(text)
    reader.parser.Parse('</script>', True)
    return found
