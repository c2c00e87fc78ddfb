"""A bad network between a client and the server: connections are cut, fall silent, are slow or refused, as a test says."""

import asyncio
import socket
import struct
import threading

PATIENCE = 15  # seconds for anything that should happen at once


def reset(writer):
    """Ends the connection with an RST, without a word to whoever reads."""
    peer = writer.get_extra_info("socket")
    if peer is not None and peer.fileno() >= 0:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def bound_socket(port=0):
    """One that does not listen keeps the port from others, and refuses who connects."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound


class Link:
    """A client's connection and the one to the server that belongs to it."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.flows = asyncio.Event()
        self.flows.set()
        self.task = None

    async def run(self):
        self.task = asyncio.gather(self.forward(self.client[0], self.server[1], "sent"),
                                   self.forward(self.server[0], self.client[1], "received"))
        try:
            await self.task
        except (OSError, asyncio.CancelledError):
            self.reset()
        for _, writer in (self.client, self.server):
            writer.close()

    async def forward(self, source, sink, counter):
        while data := await source.read(1 << 16):
            await asyncio.sleep(self.proxy.delay)
            await self.flows.wait()
            sink.write(data)
            self.proxy.note(counter, len(data))
            await sink.drain()
        await self.flows.wait()
        sink.write_eof()

    def reset(self):
        reset(self.client[1])
        reset(self.server[1])


class Proxy:
    """`with Proxy(server.starttls_port) as proxy:` - a client that connects to proxy.port talks to that port.

    It runs in a thread of its own, so that tests with and without asyncio can use it. What happened is told by `until`,
    or, for who must not block, by `comes`; `accepted`, `open`, `sent` and `received` are for their conditions.
    """

    def __init__(self, target):
        self.target = target
        self.port = 0
        self.delay = 0      # seconds that each piece takes, in each direction
        self.accepted = 0   # connections since the beginning
        self.open = 0       # connections that are there now, silent ones too
        self.sent = 0       # bytes passed on from clients
        self.received = 0   # bytes passed on from the server
        self.links = set()
        self.cuts = 0
        self.changed = threading.Condition()
        self.place = bound_socket()
        self.listener = None
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self.port = self.place.getsockname()[1]
        self.thread.start()
        self.welcome()
        return self

    def __exit__(self, *_):
        self.refuse()
        self.cut()
        self.do(self.end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        self.place.close()

    # -- what a test does to the network

    def cut(self):
        """Every connection ends at once, on both sides, with an RST. Who connects anew is let in."""
        self.do(self.reset_all())

    def silence(self):
        """Every connection stays open, and nothing passes any more: neither bytes nor their end. New ones work."""
        self.do(self.each(lambda link: link.flows.clear()))

    def restore(self):
        """What silence() held back passes on."""
        self.do(self.each(lambda link: link.flows.set()))

    def refuse(self):
        """Nobody gets in: connection refused. Those who are connected stay."""
        self.do(self.close_door())

    def welcome(self):
        """Who connects is let in (again)."""
        self.do(self.open_door())

    # -- waiting

    def until(self, condition, seconds=PATIENCE):
        """Whether condition(proxy) is true, or becomes so within the time."""
        with self.changed:
            return self.changed.wait_for(lambda: condition(self), seconds)

    async def comes(self, condition, seconds=PATIENCE):
        """`until`, for a coroutine."""
        return await asyncio.to_thread(self.until, condition, seconds)

    # -- inside: all of this runs in the proxy's thread

    def do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE)

    def note(self, counter, more):
        with self.changed:
            setattr(self, counter, getattr(self, counter) + more)
            self.changed.notify_all()

    async def each(self, action):
        for link in self.links:
            action(link)

    async def reset_all(self):
        while self.listener is not None and self.let_in():
            pass
        self.cuts += 1
        for link in self.links:
            link.reset()

    async def open_door(self):
        if self.listener is None:
            self.listener = bound_socket(self.port)
            self.listener.setblocking(False)
            self.listener.listen()
            self.loop.add_reader(self.listener, self.let_in)

    async def close_door(self):
        if self.listener is not None:
            self.loop.remove_reader(self.listener)
            self.listener.close()
            self.listener = None

    def let_in(self):
        try:
            client, _ = self.listener.accept()
        except BlockingIOError:
            return False
        self.note("accepted", 1)
        self.note("open", 1)
        self.loop.create_task(self.serve(client, self.cuts))
        return True

    async def serve(self, client, cuts):
        client = await asyncio.open_connection(sock=client)
        try:
            server = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            reset(client[1])
        else:
            link = Link(self, client, server)
            if cuts != self.cuts:  # while it was being made
                link.reset()
            self.links.add(link)
            await link.run()
            self.links.discard(link)
        self.note("open", -1)

    async def end(self):
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
