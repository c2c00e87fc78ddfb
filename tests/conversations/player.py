"""Plays one conversation against one server."""

import base64
import contextlib
import re
import ssl
import time

from login import hashed_token, salted_password
from pattern import fits
from script import ScriptError, account_of, unescaped, who_and_what
from stream import END, Failure, Stream
from xml.parsers import expat
from xmltree import STREAM, Element, elements

PASSWORD = 'secret'
STREAM_ERRORS = 'urn:ietf:params:xml:ns:xmpp-streams'
NEGOTIATION = {'stream', 'features'}   # passed over unless expected


class Player:
    def __init__(self, script, server, patience):
        self.script, self.server, self.patience = script, server, patience
        self.streams = {}
        self.saved = {}
        self.ignored = {}   # name -> kinds of stanzas that do not matter to it
        self.out_of_touch = set()   # pairs of accounts whose messages do not reach each other
        self.current = None
        self.last = None    # the stream of the current line

    async def play(self):
        for line in self.script.lines:
            self.current = line
            await self._statement(line.text)

    def leave(self):
        for stream in self.streams.values():
            with contextlib.suppress(Exception):
                stream.abort()

    # -- statements

    async def _statement(self, text):
        words = text.split()
        if words[0] == 'account':
            return
        if words[0] == 'server':
            await self._server(text.removeprefix('server').strip())
        elif words[1:2] == ['and'] and words[3:] == ['are', 'contacts']:
            await self._contacts(words[0], words[2])
        elif words[1:2] == ['and'] and words[3:] == ['are', 'out', 'of', 'touch']:
            self.out_of_touch.add(frozenset(account_of(name) for name in (words[0], words[2])))
        else:
            await self._action(*who_and_what(text))

    async def _server(self, what):
        await self._settle()
        verb, _, rest = what.partition(' ')
        if what == 'restarts':
            await self.server.stop()
            await self.server.start()
        elif what == 'stops':
            await self.server.stop()
        elif what == 'is killed':
            await self.server.kill()
        elif what == 'starts':
            await self.server.start()
        elif verb == 'reloads':
            await self.server.reload(rest.removeprefix('with').strip())
        elif found := re.fullmatch(r'runs "([^"]*)"(?: saying (.*))?', what, re.DOTALL):
            output = await self.server.run(*found[1].split())
            if found[2] and not re.search(found[2], output):
                raise Failure(f'it said {output!r}')
        else:
            raise ScriptError(f'a server does not know: {what}')

    async def _action(self, who, what):
        for pattern, method in _ACTIONS:
            if found := re.fullmatch(pattern, what, re.DOTALL):
                if method not in (Player._receives, Player._is_closed, Player._is_refused):
                    await self._settle(self.streams.get(who))
                self.last = self.streams.get(who)
                await method(self, who, *found.groups())
                return
        raise ScriptError(f'nobody knows how to: {what}')

    async def _settle(self, but=None):
        """What others sent before is handled before this line happens."""
        for stream in self.streams.values():
            if stream is not but and stream.unsettled:
                await stream.ping()

    # -- coming

    def _new(self, who, resource=None):
        old = self.streams.get(who)
        stream = Stream(account_of(who), resource or who.partition('/')[2] or 'home', self.patience)
        if old:
            stream.record = old.record + ['  (a new connection)']
        self.streams[who] = self.last = stream
        return stream

    async def _connects(self, who, options=''):
        want = _connect_options(options)
        self.ignored[who] = want['ignoring']
        stream = self._new(who, want['resource'])
        await self._log_in(stream, want)
        if want['roster']:
            await stream.ask("<query xmlns='jabber:iq:roster'/>")
        if want['presence']:
            priority = f"<priority>{want['priority']}</priority>" if want['priority'] else ''
            await stream.send(f'<presence>{priority}</presence>')
        await stream.ping()

    async def _log_in(self, stream, want):
        await stream.open(self.server.port_of('tls' if want['over'] == 'tls' else 'plain'),
                          self._tls(True) if want['over'] == 'tls' else None)
        await stream.open_stream()
        if want['over'] == 'starttls':
            await stream.start_tls(self._tls(False))
            await stream.open_stream()
        answer = await stream.authenticate(want['mechanism'], want['password'])
        if answer.name != 'success':
            raise Failure(f'{stream.account} was not let in: {answer}')
        await stream.open_stream()
        await stream.bind()

    def _tls(self, direct):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if direct:
            context.set_alpn_protocols(['xmpp-client'])
        return context

    async def _contacts(self, one, other):
        """A mutual subscription, made the ordinary way by two sessions that are gone before the next line."""
        sessions = []
        for who in (one, other):
            sessions.append(Stream(account_of(who), 'setup', self.patience))
            self.last = sessions[-1]
            await self._log_in(sessions[-1], _connect_options(''))
        for asks, grants in (sessions, sessions[::-1]):
            await asks.send(f"<presence to='{grants.account}' type='subscribe'/>")
            await asks.mark(grants)
            await grants.send(f"<presence to='{asks.account}' type='subscribed'/>")
            await grants.mark(asks)
        for session in sessions:
            roster = await session.ask("<query xmlns='jabber:iq:roster'/>")
            states = [item.get('subscription') for item in roster.child('query').children]
            if 'both' not in states:
                raise Failure(f'{one} and {other} did not become contacts: {roster}')
            await session.close()

    async def _opens_a_socket(self, who, over=None, certificate=None):
        stream = self._new(who)
        stream.careful = False
        context = self._tls(True) if over else None
        if certificate:
            context.load_cert_chain(*await self.server.client_certificate(certificate))
        await stream.open(self.server.port_of('tls' if over else 'plain'), context)

    async def _opens_a_stream(self, who, domain=None, sender=None, over=None, certificate=None):
        if who not in self.streams or self.streams[who].closed:
            await self._opens_a_socket(who, over, certificate)
        await self.streams[who].open_stream(domain, sender)

    async def _starts_tls(self, who):
        await self._get(who).encrypt(self._tls(False))

    async def _authenticates(self, who, options=''):
        want = _connect_options(options)
        stream = self._get(who)
        answer = await stream.authenticate(want['mechanism'], want['password'])
        if answer.name != 'success':
            raise Failure(f'{stream.account} was not let in: {answer}')
        await stream.open_stream()

    async def _logs_in(self, who, options, inside):
        want = _connect_options(options)
        await self._get(who).log_in(want['mechanism'], want['password'], self._filled(inside or ''))

    async def _binds(self, who):
        await self._get(who).bind()

    def _get(self, who):
        if who not in self.streams:
            raise ScriptError(f'{who} is not connected')
        return self.streams[who]

    # -- sending

    async def _sends(self, who, text):
        if who not in self.streams:
            await self._connects(who)
        stream = self.streams[who]
        await stream.send(self._filled(text))
        stream.unsettled = True

    async def _sends_raw(self, who, text):
        stream = self._get(who)
        await stream.send_bytes(unescaped(self._filled(text)))
        stream.unsettled = False

    async def _sends_pieces(self, who, text):
        """Quoted strings: each is read by the server before the next one leaves."""
        stream = self._get(who)
        for piece in re.findall(r'"(?:[^"\\]|\\.)*"', self._filled(text)):
            await stream.send_bytes(unescaped(piece))
            await stream.until_read(self.server.port_of('plain'))

    async def _sends_split(self, who, size, text):
        await self._get(who).send_split(self._filled(text).encode(), int(size), self.server.port_of('plain'))

    def _filled(self, text):
        text = re.sub(r'\{repeat (\d+) ([^}]*)\}', lambda found: int(found[1]) * found[2], text)
        text = re.sub(r'\{base64 ([^}]*)\}',
                      lambda found: base64.b64encode(unescaped(f'"{found[1]}"')).decode(), text)
        text = re.sub(r'\{certificate (\S+)\}', lambda found: self.server.base64_of(found[1]), text)
        text = re.sub(r'\{token (\S+) (\w+)\}', lambda found: base64.b64encode(
            hashed_token(found[1], self.saved[found[2]])).decode(), text)
        text = re.sub(r'\{salted (\S+) (\w+) (\w+)\}', lambda found: salted_password(
            found[1], PASSWORD, self.saved[found[2]], self.saved[found[3]]), text)
        return re.sub(r'\{([\w-]+)\}', lambda found: self.saved.get(found[1], found[0]), text)

    # -- receiving

    async def _receives(self, who, within, how, text):
        if who not in self.streams:
            await self._connects(who)
        deadline = time.monotonic() + (float(within) if within else self.patience)
        expected = _expectations(how, text)
        if how == 'in any order':
            while expected:
                expected.remove(await self._take(who, expected, deadline))
        elif how == 'one of':
            await self._take(who, expected, deadline)
        else:
            for pattern in expected:
                await self._take(who, [pattern], deadline)

    async def _take(self, who, patterns, deadline):
        """Takes the next element that matters, which must fit one of the patterns; returns that pattern."""
        stream = self.streams[who]
        while True:
            if stream.broken:
                raise Failure(stream.broken)
            for index, element in enumerate(stream.received):
                for pattern in patterns:
                    saved = fits(pattern, element, self.saved)
                    if saved is not None:
                        self.saved = saved
                        _forget(stream.received, index)
                        return pattern
                if not self._passed_over(who, element, patterns):
                    raise Failure(f'instead came {element}')
            if stream.closed:
                raise Failure('instead the connection was closed')
            if not await stream.wait(deadline):
                raise Failure('nothing (more) came')

    def _passed_over(self, who, element, patterns):
        """Messages and iqs are expected in their order, presence in its own."""
        if _is_presence(element) and not all(map(_is_presence, patterns)):
            return True
        if not _is_presence(element) and all(map(_is_presence, patterns)):
            return element.name != 'error' or element.namespace != STREAM
        return element.name in NEGOTIATION or _is_old_message(element) or self._does_not_matter(who, element)

    def _does_not_matter(self, who, element):
        ignored = self.ignored.get(who, ())
        if element.name == 'presence' and element.get('type') in (None, 'unavailable'):
            bare, _, resource = element.get('from', '').partition('/')
            if bare == str(account_of(who)) or (element.get('type') == 'unavailable' and not resource):
                return True  # our own; or the answer to the probe of a contact who is offline (RFC 6121 section 4.3.2)
        roster_push = element.name == 'iq' and element.get('type') == 'set' and element.child('query') is not None
        return element.name in ignored or (roster_push and 'pushes' in ignored)

    async def _may_receive(self, who, text):
        """For what the standards leave to the server: takes it if it is there."""
        stream = self._get(who)
        await self._everything_arrives(stream)
        for pattern in _expectations('', text):
            if any(fits(pattern, element, self.saved) is not None for element in stream.received):
                await self._take(who, [pattern], time.monotonic())

    async def _receives_nothing(self, who, kind):
        stream = self._get(who)
        await self._everything_arrives(stream)
        for element in stream.received:
            if (kind == 'nothing' or kind.endswith(element.name)) and not self._does_not_matter(who, element):
                raise Failure(f'but there came {element}')
        if stream.closed:
            raise Failure('the connection was closed')

    async def _everything_arrives(self, stream):
        if not stream.live and not stream.closed:
            raise ScriptError('only a bound stream can prove that nothing comes')
        for other in self.streams.values():
            if other is not stream and other.live:
                await other.ping()
                if frozenset((other.account, stream.account)) in self.out_of_touch:
                    await stream.ping()  # what has come from one shard to the other is before its answer
                elif other.live and stream.live:
                    await other.mark(stream)
        await stream.ping()

    # -- going

    async def _disconnects(self, who):
        await self._get(who).close()

    async def _drops(self, who):
        self._get(who).abort()

    async def _is_closed(self, who, within):
        stream = self._get(who)
        await stream.closes(float(within) if within else self.patience)
        for element in stream.received:
            if element.name == 'error' and element.namespace == STREAM:
                raise Failure(f'it was closed with {element}')

    async def _is_refused(self, who, within):
        """Closed, with or without a word."""
        await self._get(who).closes(float(within) if within else self.patience)

    async def _is_connected(self, who):
        stream = self._get(who)
        await stream.ping()
        if not stream.live:
            raise Failure('the connection was closed')

    async def _ignores(self, who, what):
        self.ignored[who] = {*self.ignored.get(who, ()), _kind(what)}


_WITHIN = r'(?:within (\d+(?:\.\d+)?) s )?'
_ACTIONS = [
    (r'connects?((?: .*)?)', Player._connects),
    (r'opens a socket(?: (over tls))?(?: with certificate (\S+))?', Player._opens_a_socket),
    (r'opens a stream(?: to (\S+))?(?: from (\S+))?(?: (over tls))?(?: with certificate (\S+))?',
     Player._opens_a_stream),
    (r'logs in((?: by \S+| with password \S+)*)(?: asking\s*(<.*))?', Player._logs_in),
    (r'starts TLS', Player._starts_tls),
    (r'authenticates((?: .*)?)', Player._authenticates),
    (r'binds', Player._binds),
    (r'sends raw (".*")', Player._sends_raw),
    (r'sends in pieces (".*")', Player._sends_pieces),
    (r'sends split every (\d+) bytes? (<.*)', Player._sends_split),
    (r'sends\s+([<{].*)', Player._sends),
    (r'receives\s+(nothing|no message|no presence|no iq)', Player._receives_nothing),
    (rf'receives\s+{_WITHIN}(in any order|one of|stream error|)\s*(<.*)', Player._receives),
    (r'may receive\s+(<.*)', Player._may_receive),
    (r'disconnects', Player._disconnects),
    (r'drops', Player._drops),
    (rf'is closed(?: within (\d+) s)?', Player._is_closed),
    (r'is refused(?: within (\d+) s)?', Player._is_refused),
    (r'is connected', Player._is_connected),
    (r'ignores (presence|roster pushes)', Player._ignores),
]


def _forget(received, index):
    """Removes an element, and what was passed over before it."""
    taken = received[index]
    received[:index + 1] = [other for other in received[:index] if _is_presence(other) != _is_presence(taken)]


def _is_presence(element):
    return element.name == 'presence'


def _is_old_message(element):
    """What was stored while the account was away comes at a time of the server's choosing."""
    return element.name == 'message' and any(child.namespace == 'urn:xmpp:delay' for child in element.children)


def _expectations(how, text):
    text = text.strip()
    if text == '</stream:stream>':
        return [Element(END, STREAM, {})]
    try:
        expected = elements(text)
    except expat.ExpatError as error:
        raise ScriptError(f'what is expected is not XML: {error}') from error
    if how == 'stream error':
        expected[0].namespace = STREAM_ERRORS
        return [Element('error', STREAM, {}, expected)]
    return expected


def _kind(words):
    return 'pushes' if words == 'roster pushes' else words


def _connect_options(text):
    want = {'resource': None, 'priority': None, 'presence': True, 'roster': False, 'mechanism': 'PLAIN', 'over': None,
            'password': PASSWORD, 'ignoring': set()}
    grammar = [('as', 'resource'), ('with priority', 'priority'), ('by', 'mechanism'), ('over', 'over'),
               ('with password', 'password')]
    rest = text.strip()
    while rest:
        for words, key in grammar:
            if found := re.match(rf'{words} (\S+)\s*', rest):
                want[key] = found[1].strip('"')
                break
        else:
            found = _flag(rest, want)
        rest = rest[found.end():]
    return want


def _flag(text, want):
    if found := re.match(r'without presence\s*', text):
        want['presence'] = False
    elif found := re.match(r'with roster\s*', text):
        want['roster'] = True
    elif found := re.match(r'ignoring (presence|roster pushes)\s*', text):
        want['ignoring'].add(_kind(found[1]))
    else:
        raise ScriptError(f'no such way to connect: {text}')
    return found
