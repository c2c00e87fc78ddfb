"""One client's end of an XMPP stream: what a conversation's `romeo` or `romeo/phone` stands for."""

import asyncio
import itertools
import socket
import ssl
import struct
import time
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

import login
from script import Account, account_of
from xmltree import STREAM, Element, Reader

END = 'end-of-stream'
PROBE = 'probe-'
_numbers = itertools.count(1)


class Failure(Exception):
    """The server did something else than the conversation says."""


def header(domain, sender=None):
    origin = f' from={quoteattr(sender)}' if sender else ''
    return (f"<?xml version='1.0'?><stream:stream to={quoteattr(domain)}{origin} version='1.0' xml:lang='en' "
            f"xmlns='jabber:client' xmlns:stream='{STREAM}'>")


class Stream:
    def __init__(self, account: Account, resource: str, patience: float):
        self.account, self.resource, self.patience = account, resource, patience
        self.received = []       # elements that the conversation has not received yet
        self.record = []         # everything said on this stream, for the report of a failure
        self.closed = False      # the server closed the connection, or we did
        self.live = False        # bound, and neither side has ended the stream
        self.careful = True      # answers </stream:stream> by itself
        self.unsettled = False   # has sent what the server may not have handled yet
        self.features = None
        self.probes = {}
        self.broken = None
        self._said_goodbye = False
        self._news = asyncio.Event()
        self._task = None

    @property
    def jid(self):
        return f'{self.account}/{self.resource}'

    # -- the connection

    async def open(self, port, tls=None):
        self._reader, self._writer = await asyncio.open_connection(
            '127.0.0.1', port, ssl=tls, server_hostname=self.account.domain if tls else None, limit=1 << 24)
        self._writer.get_extra_info('socket').setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._new_document()
        self._task = asyncio.create_task(self._read())

    async def _read(self):
        try:
            while data := await self._reader.read(1 << 16):
                self._feed(data)
        except (OSError, ssl.SSLError):
            self.record.append('  (connection reset)')
        finally:
            self._writer.close()
            self._closed()

    def _closed(self):
        self.closed = True
        self._over()

    def _over(self):
        """No probe is answered any more."""
        self.live = False
        for probe in self.probes.values():
            if not probe.done():
                probe.set_result(None)
        self._news.set()

    def _feed(self, data):
        try:
            self._document.feed(data)
        except expat.ExpatError as error:
            self.broken = f'the server sent what is not XML: {error}: {data[:300]!r}'
            self._news.set()

    def _new_document(self):
        self._document = Reader(self._arrived, self._arrived, self._ended)

    def _arrived(self, element):
        probe = self.probes.pop(element.get('id'), None) if element.get('id', '').startswith(PROBE) else None
        if probe:
            if not probe.done():
                probe.set_result(element)
            return
        self.record.append(f'  < {element}')
        if element.name in ('success', 'proceed') and element.namespace != login.SASL2:
            self._new_document()  # the server answers our next header with a new one
        elif element.name == 'success':
            self._logged_in(element.child('authorization-identifier').text)
        self.received.append(element)
        self._news.set()

    def _logged_in(self, jid):
        """XEP-0388: bound already where the address is a full one."""
        if '/' in jid:
            self.account, self.resource, self.live = account_of(jid), jid.partition('/')[2], True

    def _ended(self):
        self.record.append('  < </stream:stream>')
        self.received.append(Element(END, STREAM, {}))
        self._news.set()
        self._over()
        if self.careful:
            self._goodbye()

    def _goodbye(self):
        if not self._said_goodbye:
            self._said_goodbye = True
            self._writer.write(b'</stream:stream>')
            self.record.append('  > </stream:stream>')

    # -- talking

    async def send(self, text):
        await self.send_bytes(text.encode(), text)

    async def send_bytes(self, data, shown=None):
        if self.closed:
            raise Failure(f'{self.jid} cannot send: the connection is closed')
        shown = shown if shown is not None else repr(data)[2:-1]
        self.record.append(f'  > {shown if len(shown) < 2000 else shown[:2000] + "..."}')
        self._writer.write(data)
        try:
            await self._writer.drain()
        except OSError:
            pass  # what the server said before it closed is still to be read

    async def send_split(self, data, size, port):
        """In packets of `size` bytes, each of which the server has read before the next one leaves."""
        self.record.append(f'  > {data.decode(errors="replace")[:2000]}  (in pieces of {size} bytes)')
        for start in range(0, len(data), size):
            self._writer.write(data[start:start + size])
            await self.until_read(port)

    async def until_read(self, port):
        own = self._writer.get_extra_info('sockname')[1]
        local, remote = f':{port:04X}', f':{own:04X}'
        deadline = time.monotonic() + self.patience
        while not self.closed and _unread(local, remote):
            if time.monotonic() > deadline:
                raise Failure(f'the server does not read what {self.jid} sends')
            await asyncio.sleep(0)

    async def wait(self, deadline):
        """Until something new arrived; False when the time is up."""
        self._news.clear()
        try:
            await asyncio.wait_for(self._news.wait(), max(0.0, deadline - time.monotonic()))
        except asyncio.TimeoutError:
            return False
        return True

    async def next(self):
        deadline = time.monotonic() + self.patience
        while not self.received:
            if self.broken or self.closed:
                raise Failure(self.broken or f'{self.jid}: the server closed the connection')
            if not await self.wait(deadline):
                raise Failure(f'{self.jid}: nothing came from the server')
        return self.received.pop(0)

    async def closes(self, patience):
        deadline = time.monotonic() + patience
        while not self.closed:
            if not await self.wait(deadline):
                raise Failure(f'{self.jid}: the server did not close the connection')

    # -- the steps of a login

    async def open_stream(self, domain=None, sender=None):
        self._new_document()
        await self.send(header(domain or self.account.domain, sender))
        opening = await self.next()
        if opening.name != 'stream':
            raise Failure(f'the opening of a stream was answered by {opening}')
        self.features = await self.next()
        if self.features.name != 'features':
            raise Failure(f'instead of stream features came {self.features}')

    async def start_tls(self, context):
        await self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        answer = await self.next()
        if answer.name != 'proceed':
            raise Failure(f'<starttls/> was answered by {answer}')
        await self.encrypt(context)

    async def encrypt(self, context):
        await self._writer.start_tls(context, server_hostname=self.account.domain)
        self.record.append('  (TLS)')

    async def authenticate(self, mechanism, password):
        """Returns the server's last word: <success/> or <failure/>."""
        ssl_object = self._writer.get_extra_info('ssl_object')
        return await login.authenticate(self, mechanism, self.account.localpart, password, ssl_object)

    async def log_in(self, mechanism, password, inside):
        """XEP-0388. The server's last word is among what was received."""
        ssl_object = self._writer.get_extra_info('ssl_object')
        answer = await login.authenticate2(self, mechanism, self.account.localpart, password, ssl_object, inside)
        self.received.insert(0, answer)

    async def bind(self):
        answer = await self.ask("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                                f'<resource>{self.resource}</resource></bind>', 'set')
        jid = answer.child('bind') and answer.child('bind').child('jid')
        if not jid:
            raise Failure(f'bind was answered by {answer}')
        self.resource = jid.text.partition('/')[2]
        self.record.append(f'  (bound as {jid.text})')
        self.live = True

    # -- proofs that something has been handled

    def probe(self):
        name = f'{PROBE}{next(_numbers)}'
        future = self.probes[name] = asyncio.get_running_loop().create_future()
        return name, future

    async def ask(self, payload, kind='get', to=''):
        if self.closed:
            return None
        name, answer = self.probe()
        self._writer.write(f"<iq type='{kind}' id='{name}'{to}>{payload}</iq>".encode())
        return await self.answer(answer)

    async def answer(self, future):
        """The answer to a probe, or None if the stream ended before."""
        try:
            return await asyncio.wait_for(future, self.patience)
        except asyncio.TimeoutError:
            raise Failure(f'{self.jid}: the server did not answer a ping in time') from None

    async def ping(self):
        """Returns when the server has handled everything that this stream sent before."""
        if self.live:
            await self.ask("<ping xmlns='urn:xmpp:ping'/>")
        self.unsettled = False

    async def mark(self, other):
        """Returns when everything that this stream sent to `other` before has arrived there."""
        name, arrival = self.probe()
        other.probes[name] = arrival
        self._writer.write(f"<message type='headline' to={quoteattr(other.jid)} id='{name}'>"
                           "<no-store xmlns='urn:xmpp:hints'/></message>".encode())
        if other.live:
            await other.answer(arrival)
        self.probes.pop(name, None)
        other.probes.pop(name, None)

    # -- ends

    async def close(self):
        self._over()
        self._goodbye()
        await self.closes(self.patience)
        if not any(element.name == END for element in self.received):
            raise Failure(f'{self.jid}: the server did not close its stream')

    def abort(self):
        """Resets the connection."""
        connection = self._writer.get_extra_info('socket')
        if connection and not self.closed:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self._writer.transport.abort()
        self._closed()


def _unread(local, remote):
    """Bytes that lie in the receive queue of the server's end."""
    with open('/proc/net/tcp', encoding='ascii') as table:
        for row in table:
            fields = row.split()
            if fields[1].endswith(local) and fields[2].endswith(remote):
                return int(fields[4].partition(':')[2], 16)
    return 0
