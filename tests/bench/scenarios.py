"""What is measured. A scenario lists its cases, measures one server in one case, and names the rows of its table.

To add one: a class like those below, and its line in ALL. What the load tool has to do for it goes into a scenario of
xmpp_load (scenarios.h).
"""

import itertools
import os
import socket
import time

import servers

LESS, MORE = "less", "more"  # which is better


def words(text):
    return [word for word in text.split(",") if word]


def numbers(text):
    return [int(word) for word in words(text)]


def add_tls_argument(parser):
    parser.add_argument("--tls", type=words, default=["none", "direct"], help="of none, starttls, direct (none,direct)")


def settle(server):
    """What a server still does after its port is open is not to be measured: waits until its memory stands still."""
    last, still = None, 0
    for _ in range(30):
        time.sleep(0.5)
        now = memory_of(server.process.pid)["rss_kib"]
        still = still + 1 if last is not None and abs(now - last) <= 64 else 0
        last = now
        if still == 4:
            return


class Chat:
    """Sessions in pairs; both of a pair send 100-byte chat messages with ids to each other's full JID and keep a window
    of them in flight: one that arrives lets the next go. Counts, order, losses and duplicates are checked. With the
    archive on the peers deliver in bursts many seconds apart, so that takes longer."""

    name = "chat"
    help = "messages in pairs: rate, server CPU per message, latency, memory per session"
    rows = [("messages_per_second", "messages/s", MORE), ("server_cpu_us_per_message", "server CPU us/message", LESS),
            ("server_cpu_percent", "server CPU %", None), ("tool_cpu_percent", "load tool CPU %", None),
            ("latency_us_p50", "latency p50 us", LESS), ("latency_us_p99", "latency p99 us", LESS),
            ("latency_us_p999", "latency p99.9 us", LESS), ("pss_kib_per_session", "KiB PSS/idle session", LESS),
            ("faults", "lost, doubled, reordered, damaged", None)]

    @staticmethod
    def add_arguments(parser):
        parser.add_argument("--sessions", type=int, default=200, help="(%(default)s)")
        parser.add_argument("--windows", type=numbers, default=[1, 8], help="messages in flight, each direction (1,8)")
        add_tls_argument(parser)
        parser.add_argument("--archive", type=words, default=["off"], help="of off, on (off)")
        parser.add_argument("--seconds", type=float, default=5, help="measured time of each (%(default)s)")
        parser.add_argument("--warmup", type=float, default=2, help="time under load before it (%(default)s)")
        parser.add_argument("--archive-seconds", type=float, default=30, help="--seconds with archive on (%(default)s)")
        parser.add_argument("--archive-warmup", type=float, default=20, help="--warmup with archive on (%(default)s)")

    @staticmethod
    def cases(args):
        for archive, tls, window in itertools.product(args.archive, args.tls, args.windows):
            label = f"chat, {args.sessions} sessions, tls {tls}, archive {archive}, window {window}"
            yield {"label": label, "archive": archive == "on", "tls": tls, "window": window}

    @staticmethod
    def measure(bench, kind, case):
        args = bench.args
        seconds = args.archive_seconds if case["archive"] else args.seconds
        warmup = args.archive_warmup if case["archive"] else args.warmup
        server = bench.server(kind, case["archive"])
        server.add_users(args.sessions)
        server.start()
        try:
            settle(server)
            values = bench.load("chat", server, 300 + seconds + warmup, tls=case["tls"], window=case["window"],
                                sessions=args.sessions, seconds=seconds, warmup=warmup)
        finally:
            server.stop()
        checks = ("lost", "duplicated", "reordered", "damaged", "bounced", "strange")
        return {**values, "faults": sum(values[check] for check in checks)}


class Idle:
    """Memory of the server for each session that is logged in, has its roster and presence, and does nothing. Contacts
    are made beforehand, and the server is restarted between that and the measurement."""

    name = "idle"
    help = "memory per idle session"
    rows = [("pss_kib_per_session", "KiB PSS/session", LESS), ("rss_kib_per_session", "KiB RSS/session", LESS),
            ("pss_kib_before", "KiB PSS before logins", LESS), ("pss_kib_with_sessions", "KiB PSS with all", LESS),
            ("login_cpu_ms_per_session", "login CPU ms", LESS)]

    @staticmethod
    def add_arguments(parser):
        parser.add_argument("--sessions", type=numbers, default=[1000], help="numbers of sessions (1000)")
        parser.add_argument("--roster", type=int, default=0, help="contacts of each, mutual and online (0)")
        add_tls_argument(parser)

    @staticmethod
    def cases(args):
        for sessions, tls in itertools.product(args.sessions, args.tls):
            label = f"idle, {sessions} sessions, {args.roster} contacts each, tls {tls}"
            yield {"label": label, "sessions": sessions, "tls": tls}

    @staticmethod
    def measure(bench, kind, case):
        server = bench.server(kind, False)
        sessions, roster = case["sessions"], bench.args.roster
        server.add_users(sessions)
        if roster and roster_of(server) != (sessions, roster):
            server.start()
            try:
                bench.load("roster", server, 300 + sessions, sessions=sessions, roster=roster)
                server.contacts = (sessions, roster)
            finally:
                server.stop()
        server.start()
        try:
            settle(server)
            return bench.load("idle", server, 300 + sessions, sessions=sessions, tls=case["tls"])
        finally:
            server.stop()


def roster_of(server):
    return getattr(server, "contacts", None)


class Resume:
    """Connections are cut (RST), each client is sent messages while it is away, then all come back, some at a time;
    only their coming back is measured, from TCP to <resumed/>. Beside it new sessions: from TCP to a bound resource.
    sasl1 is SCRAM-SHA-256 as in RFC 6120; sasl2 the same by XEP-0388 with Bind 2 or the inline <resume/>; fast the same
    with a token of XEP-0484. Replayed messages are checked: each once and in order."""

    name = "resume"
    help = "logins/s and resumed sessions/s, server CPU of each, messages replayed"
    rows = [("logins_per_second", "sessions/s", MORE), ("server_cpu_us_per_login", "server CPU us/session", LESS),
            ("server_cpu_percent", "server CPU %", None), ("tool_cpu_percent", "load tool CPU %", None),
            ("login_ms_p50", "latency p50 ms", LESS),
            ("login_ms_p99", "latency p99 ms", LESS), ("logins", "sessions measured", None),
            ("replayed", "messages replayed", None), ("not_resumed", "not resumed", None),
            ("faults", "lost, doubled, reordered, bounced", None)]

    @staticmethod
    def add_arguments(parser):
        parser.add_argument("--sessions", type=int, default=200, help="(%(default)s)")
        parser.add_argument("--kinds", type=words, default=["login", "resume"], help="of login, resume (login,resume)")
        parser.add_argument("--auth", type=words, default=["sasl1", "sasl2", "fast"],
                            help="of sasl1, sasl2, fast (sasl1,sasl2,fast)")
        add_tls_argument(parser)
        parser.add_argument("--archive", type=words, default=["off"], help="of off, on (off)")
        parser.add_argument("--away", type=int, default=2, help="messages to each client that is away (%(default)s)")
        parser.add_argument("--at-once", type=int, default=16, help="clients that come at a time (%(default)s)")
        parser.add_argument("--seconds", type=float, default=5, help="measured time of each (%(default)s)")
        parser.set_defaults(modules="usual")  # the lean set does not resume sessions

    @staticmethod
    def cases(args):
        for archive, tls, kind, auth in itertools.product(args.archive, args.tls, args.kinds, args.auth):
            if tls == "none" and auth != "sasl1":
                continue  # XEP-0388 "Security Considerations": only after TLS
            label = f"{kind} by {auth}, {args.sessions} sessions, tls {tls}, archive {archive}"
            yield {"label": label, "archive": archive == "on", "tls": tls, "kind": kind, "auth": auth}

    @staticmethod
    def measure(bench, kind, case):
        args = bench.args
        server = bench.server(kind, case["archive"])
        server.add_users(args.sessions + 1)
        server.start()
        try:
            settle(server)
            values = bench.load(case["kind"], server, 600 + 20 * args.seconds, tls=case["tls"], auth=case["auth"],
                                sessions=args.sessions, away=args.away, at_once=args.at_once, seconds=args.seconds)
        finally:
            server.stop()
        if case["kind"] == "resume":
            checks = ("lost", "duplicated", "reordered", "bounced", "strange")
            values["faults"] = sum(values[check] for check in checks)
        return values


class Catchup:
    """A client fetches an archive of chat messages (XEP-0313) from its beginning to its end, one page after the other,
    again and again. Before that, the messages are sent to it; it gets each page's messages and <fin/>, and only then
    asks for the next."""

    name = "catchup"
    help = "a client fetching its archive: messages/s, server CPU per message, latency of a page"
    rows = [("messages_per_second", "messages/s", MORE), ("server_cpu_us_per_message", "server CPU us/message", LESS),
            ("page_ms_p50", "page p50 ms", LESS), ("page_ms_p99", "page p99 ms", LESS),
            ("messages_per_page", "messages per page", None), ("out_of_order", "lost, doubled, reordered", None)]

    @staticmethod
    def add_arguments(parser):
        parser.add_argument("--messages", type=int, default=1000, help="in the archive (%(default)s)")
        parser.add_argument("--pages", type=numbers, default=[50, 250], help="messages in each (50,250)")
        parser.add_argument("--tls", type=words, default=["direct"], help="of none, starttls, direct (direct)")
        parser.add_argument("--seconds", type=float, default=5, help="measured time of each (%(default)s)")

    @staticmethod
    def cases(args):
        for tls, page in itertools.product(args.tls, args.pages):
            yield {"label": f"catchup, {args.messages} messages, pages of {page}, tls {tls}", "tls": tls, "page": page}

    @staticmethod
    def measure(bench, kind, case):
        args = bench.args
        server = bench.server(kind, True)
        server.add_users(2)
        server.start()
        try:
            settle(server)
            return bench.load("catchup", server, 900 + args.seconds, tls=case["tls"], page=case["page"],
                              messages=args.messages, seconds=args.seconds)
        finally:
            server.stop()


class Pep:
    """What profiles cost (XEP-0163, XEP-0430). publish: one client publishes an item to so many interested contacts (all
    say so by XEP-0115), who check that each of them gets each; `window` items are on their way at the same time. news:
    somebody with so many contacts, who have published something each, logs in; measured is the time from his presence to
    the last of their last items. inbox: somebody who has a conversation with so many others asks for all of them, page by
    page. search: somebody looks for words (one, two, a phrase, a beginning) in an archive of so many messages that
    archive_fill has made (XEP-0431), and gets the last page of them. Peers need --modules usual, and have no inbox or
    search."""

    name = "pep"
    help = "publishing to contacts, last items at the login, inbox"
    rows = [("publishes_per_second", "publishes/s", MORE), ("notifications_per_second", "notifications/s", MORE),
            ("server_cpu_us_per_notification", "server CPU us/notification", LESS),
            ("answer_ms_p50", "publisher answered p50 ms", LESS),
            ("notification_ms_p99", "notification p99 ms", LESS),
            ("all_told_ms_p50", "all told p50 ms", LESS), ("all_told_ms_p99", "all told p99 ms", LESS),
            ("login_ms_p50", "login p50 ms", LESS), ("news_ms_p50", "all last items p50 ms", LESS),
            ("server_cpu_ms_per_login", "server CPU ms/login with news", LESS),
            ("page_ms_p50", "inbox: page p50 ms", LESS), ("page_ms_p99", "inbox: page p99 ms", LESS),
            ("inbox_ms_p50", "inbox: all p50 ms", LESS), ("inbox_ms_p99", "inbox: all p99 ms", LESS),
            ("server_cpu_us_per_conversation", "inbox: server CPU us/conversation", LESS),
            ("search_ms_p50", "search p50 ms", LESS), ("search_ms_p99", "search p99 ms", LESS),
            ("server_cpu_ms_per_search", "server CPU ms/search", LESS), ("found_per_search", "found", None),
            ("lost", "lost", None)]

    @staticmethod
    def add_arguments(parser):
        parser.add_argument("--what", type=words, default=["publish", "news", "inbox", "search"],
                            help="(publish,news,inbox,search)")
        parser.add_argument("--contacts", type=int, default=200, help="who are told (%(default)s)")
        parser.add_argument("--windows", type=numbers, default=[1, 8], help="items on their way (1,8)")
        parser.add_argument("--news", type=int, default=1000, help="contacts with last items (%(default)s)")
        parser.add_argument("--conversations", type=int, default=500, help="in the inbox (%(default)s)")
        parser.add_argument("--pages", type=numbers, default=[50], help="conversations in each (50)")
        parser.add_argument("--messages", type=int, default=1_000_000, help="to search in (%(default)s)")
        parser.add_argument("--tls", type=words, default=["none"], help="of none, starttls, direct (none)")
        parser.add_argument("--seconds", type=float, default=5, help="measured time of each (%(default)s)")
        parser.add_argument("--warmup", type=float, default=3, help="publish: time under load before it (%(default)s)")

    @staticmethod
    def cases(args):
        for what, tls in itertools.product(args.what, args.tls):
            if what == "publish":
                for window in args.windows:
                    yield {"label": f"publish to {args.contacts}, window {window}, tls {tls}", "what": what, "tls": tls,
                           "sessions": args.contacts, "options": {"window": window}}
            elif what == "news":
                yield {"label": f"login with news of {args.news}, tls {tls}", "what": what, "tls": tls,
                       "sessions": args.news, "options": {}}
            elif what == "inbox":
                for page in args.pages:
                    yield {"label": f"inbox of {args.conversations}, pages of {page}, tls {tls}", "what": what,
                           "tls": tls, "sessions": args.conversations, "options": {"page": page}}
            elif what == "search":
                yield {"label": f"search in {args.messages:,} messages, tls {tls}", "what": what, "tls": tls,
                       "sessions": 1, "options": {}}
            else:
                raise servers.BenchError(f"nothing is called {what}; known: publish, news, inbox, search")

    @staticmethod
    def measure(bench, kind, case):
        server = bench.server(kind, True)
        server.add_users(case["sessions"] + 1)
        if case["what"] == "search" and not getattr(server, "filled", False):
            server.fill_archive(bench.args.messages)
            server.filled = True
        server.start()
        try:
            settle(server)
            return bench.load(case["what"], server, 600 + bench.args.seconds, tls=case["tls"],
                              sessions=case["sessions"], seconds=bench.args.seconds, warmup=bench.args.warmup,
                              **case["options"])
        finally:
            server.stop()


class Start:
    """Time from exec until the server accepts a connection, until it answers a stream header with its features, and its
    memory two seconds later. Ten accounts exist."""

    name = "start"
    help = "time to start, memory when idle"
    rows = [("accept_ms", "exec to accept ms", LESS), ("features_ms", "exec to stream features ms", LESS),
            ("rss_kib", "KiB RSS idle", LESS), ("pss_kib", "KiB PSS idle", LESS)]

    @staticmethod
    def add_arguments(parser):
        parser.add_argument("--times", type=int, default=3, help="starts in each round (3)")

    @staticmethod
    def cases(args):
        for number in range(args.times):
            yield {"label": "start", "number": number}

    @staticmethod
    def measure(bench, kind, case):
        server = bench.server(kind, False)
        server.add_users(10)
        begin = time.monotonic()
        accepted = server.start()
        try:
            wait_for_features(server.port)
            features = time.monotonic() - begin
            time.sleep(2)
            memory = memory_of(server.process.pid)
        finally:
            server.stop()
        return {"accept_ms": accepted * 1000, "features_ms": features * 1000, **memory}


def wait_for_features(port):
    header = (f"<?xml version='1.0'?><stream:stream to='{servers.DOMAIN}' version='1.0' xmlns='jabber:client' "
              "xmlns:stream='http://etherx.jabber.org/streams'>")
    received = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(header.encode())
            while b"</stream:features>" not in received:
                some = connection.recv(65536)
                if not some:
                    break
                received += some
    except OSError as error:
        raise servers.BenchError(f"no answer to a stream header: {error}") from error
    if b"</stream:features>" not in received:
        raise servers.BenchError(f"no stream features, but {received[:300]!r}")


def memory_of(pid):
    """Of the process and its descendants, in KiB."""
    memory = {"rss_kib": 0, "pss_kib": 0}
    for member in family_of(pid):
        try:
            with open(f"/proc/{member}/smaps_rollup", encoding="ascii") as file:
                for line in file:
                    if line.startswith(("Rss:", "Pss:")):
                        memory[line[:3].lower() + "_kib"] += int(line.split()[1])
        except OSError:
            continue
    return memory


def family_of(pid):
    family = [pid]
    for parent in family:
        try:
            for thread in os.listdir(f"/proc/{parent}/task"):
                with open(f"/proc/{parent}/task/{thread}/children", encoding="ascii") as file:
                    family += [int(child) for child in file.read().split()]
        except OSError:
            continue
    return family


ALL = {scenario.name: scenario for scenario in (Chat, Idle, Start, Resume, Catchup, Pep)}
