"""What Conversations' compliance tester and its "Server info" look for, as far as it needs neither HTTP nor rooms nor another
service: asked with slixmpp, of the domain and of accounts, from outside.

Usage: compliance.py PATH_OF_ALDIS
"""

import asyncio
import socket
import ssl
import sys
import xml.etree.ElementTree as ET

from slixmpp.exceptions import IqError
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from server import Server
from slixmpp_client import Client
from tap import Checks

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet")}
MORE = """
[[domain]]
name = "localhost"
contact.abuse = ["mailto:abuse@example.org", "xmpp:abuse@example.org"]

[modules.registration]
mode = "open"
"""
STREAMS = "{http://etherx.jabber.org/streams}"
INFO = "http://jabber.org/protocol/disco#info"
ITEMS = "http://jabber.org/protocol/disco#items"
PUBSUB = "http://jabber.org/protocol/pubsub"
ERRORS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
FORM = "{jabber:x:data}"

# What a stream offers: (name in the list, element).
BEFORE_LOGIN = [
    ("XEP-0077: In-Band Registration", "{http://jabber.org/features/iq-register}register"),
    ("XEP-0388: SASL 2", "{urn:xmpp:sasl:2}authentication"),
    ("XEP-0386: Bind 2", "{urn:xmpp:bind:0}bind"),
]
AFTER_LOGIN = [
    ("RFC 6121: Roster Versioning", "{urn:xmpp:features:rosterver}ver"),
    ("XEP-0115: Entity Capabilities", "{http://jabber.org/protocol/caps}c"),
    ("XEP-0198: Stream Management", "{urn:xmpp:sm:3}sm"),
    ("XEP-0352: Client State Indication", "{urn:xmpp:csi:0}csi"),
]
OF_DOMAIN = [
    ("XEP-0030: Service Discovery", INFO),
    ("XEP-0160: Offline Messages", "msgoffline"),
    ("XEP-0191: Blocking Command", "urn:xmpp:blocking"),
    ("XEP-0280: Message Carbons", "urn:xmpp:carbons:2"),
    ("XEP-0199: Ping", "urn:xmpp:ping"),
    ("XEP-0050: Ad-Hoc Commands", "http://jabber.org/protocol/commands"),
    ("XEP-0377: Spam Reporting", "urn:xmpp:reporting:1"),
]
OF_ACCOUNT = [
    ("XEP-0313: Message Archive Management", "urn:xmpp:mam:2"),
    ("XEP-0313: extended", "urn:xmpp:mam:2#extended"),
    ("XEP-0060: publish-options", PUBSUB + "#publish-options"),
    ("XEP-0163: filtered notifications", PUBSUB + "#filtered-notifications"),
    ("XEP-0163: auto-create", PUBSUB + "#auto-create"),
    ("XEP-0163: access by presence", PUBSUB + "#access-presence"),
    ("XEP-0223: persistent items", PUBSUB + "#persistent-items"),
    ("XEP-0398: avatar conversion", "urn:xmpp:pep-vcard-conversion:0"),
    ("XEP-0411: bookmark conversion", "urn:xmpp:bookmarks-conversion:0"),
    ("XEP-0402: compatibility", "urn:xmpp:bookmarks:1#compat"),
    ("XEP-0054: vcard-temp", "vcard-temp"),
    ("XEP-0049: Private XML Storage", "jabber:iq:private"),
]
checks = Checks()


def element(name, content="", **attributes):
    """<name xmlns="..."> of "{ns}name"."""
    ns, local = name[1:].split("}")
    written = "".join(f" {key}='{value}'" for key, value in attributes.items())
    return f"<{local} xmlns='{ns}'{written}>{content}</{local}>"


def form(form_type, **values):
    fields = [("FORM_TYPE", form_type), *((f"pubsub#{key}", value) for key, value in values.items())]
    return element(FORM + "x", "".join(f"<field var='{var}'><value>{value}</value></field>" for var, value in fields),
                   type="submit")


class Person(Client):
    """Remembers what its stream has offered."""

    def __init__(self, name, server):
        super().__init__(name, PASSWORDS[name], server.certificate, "here", ("xep_0115",))
        self.offered = set()
        self.register_handler(Callback("offers", MatchXPath(STREAMS + "features"), self.remember))

    def remember(self, features):
        self.offered |= {child.tag for child in features.xml.iter()}

    async def ask(self, kind, to, payload):
        """The payload of the answer, or the condition of its error."""
        iq = self.make_iq(ito=to, itype=kind)
        iq.append(ET.fromstring(payload))
        try:
            answer = await iq.send(timeout=10)
        except IqError as error:
            return error.condition
        return next(iter(answer.xml), None)

    async def info(self, of):
        return await self.ask("get", of, element("{" + INFO + "}query"))

    async def pubsub(self, kind, to, content, owner=False):
        return await self.ask(kind, to, element("{" + PUBSUB + ("#owner" if owner else "") + "}pubsub", content))


def features(info):
    return set() if isinstance(info, str) else {child.get("var") for child in info.iter("{" + INFO + "}feature")}


def identities(info):
    return {(child.get("category"), child.get("type")) for child in info.iter("{" + INFO + "}identity")}


def check_features(table, found):
    for name, feature in table:
        checks.ok(feature in found, name, f"no {feature}")


def before_login(server):
    """slixmpp does not keep what was offered under TLS before it logged in: a bare socket does."""
    trusted = ssl.create_default_context(cafile=server.certificate)
    trusted.set_alpn_protocols(["xmpp-client"])
    with socket.create_connection(("127.0.0.1", server.direct_tls_port), 10) as plain:
        with trusted.wrap_socket(plain, server_hostname="localhost") as secure:
            checks.equal(secure.selected_alpn_protocol(), "xmpp-client", "XEP-0368: direct TLS, ALPN, a certificate that fits")
            secure.sendall(b"<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client'"
                           b" xmlns:stream='http://etherx.jabber.org/streams'>")
            text = b""
            while b"</stream:features>" not in text:
                text += secure.recv(65536) or b"</stream:features>"
    root = ET.fromstring(text.decode() + "</stream:stream>")
    check_features(BEFORE_LOGIN, {child.tag for child in root.iter()})


async def the_domain(romeo):
    info = await romeo.info("localhost")
    checks.ok(("server", "im") in identities(info), "XEP-0030: the domain is a server")
    check_features(OF_DOMAIN, features(info))
    forms = {values[0]: values for values in
             ([value.text for value in each.iter(FORM + "value")] for each in info.iter(FORM + "x")) if values}
    wanted = ["http://jabber.org/network/serverinfo", "mailto:abuse@example.org", "xmpp:abuse@example.org"]
    checks.equal(forms.get(wanted[0]), wanted, "XEP-0157: Contact Addresses (Abuse)")
    items = await romeo.ask("get", "localhost", element("{" + ITEMS + "}query"))
    services = [item.get("jid") for item in items]
    found = [identity for service in services for identity in identities(await romeo.info(service))]
    checks.ok(("pubsub", "service") in found, "XEP-0060: a service of the domain", f"services: {services}")


async def the_account(romeo, juliet):
    info = await romeo.info("romeo@localhost")
    checks.ok(("account", "registered") in identities(info), "XEP-0030: the account is one")
    checks.ok(("pubsub", "pep") in identities(info), "XEP-0163: Personal Eventing Protocol")
    check_features(OF_ACCOUNT, features(info))
    checks.equal(await juliet.info("romeo@localhost"), "service-unavailable", "XEP-0030: strangers learn nothing of it")
    commands = await romeo.ask("get", "romeo@localhost",
                               element("{" + ITEMS + "}query", node="http://jabber.org/protocol/commands"))
    checks.ok(len(commands), "XEP-0050: the account has commands")


def bundle(access):
    """How Conversations publishes its keys."""
    item = "<item id='current'>" + element("{eu.siacs.conversations.axolotl}bundle") + "</item>"
    options = form(PUBSUB + "#publish-options", persist_items="true", access_model=access)
    return f"<publish node='{NODE}'>{item}</publish><publish-options>{options}</publish-options>"


NODE = "eu.siacs.conversations.axolotl.bundles:1"


async def omemo(romeo, juliet):
    """XEP-0384: a stranger reads what was published as open; who published it otherwise before can change that."""
    published = await romeo.pubsub("set", "romeo@localhost", bundle("presence"))
    checks.ok(not isinstance(published, str), "XEP-0384: keys are published", str(published))
    read = f"<items node='{NODE}'/>"
    closed = await juliet.pubsub("get", "romeo@localhost", read)
    checks.ok(isinstance(closed, str), "XEP-0384: strangers do not read what is for contacts", f"got {closed!r}")
    checks.equal(await romeo.pubsub("set", "romeo@localhost", bundle("open")), "conflict",
                 "XEP-0060: precondition-not-met where the node is of another kind")
    change = f"<configure node='{NODE}'>{form(PUBSUB + '#node_config', access_model='open')}</configure>"
    changed = await romeo.pubsub("set", "romeo@localhost", change, owner=True)
    checks.ok(not isinstance(changed, str), "XEP-0384: the node is configured", str(changed))
    again = await romeo.pubsub("set", "romeo@localhost", bundle("open"))
    checks.ok(not isinstance(again, str), "XEP-0384: and published to", str(again))
    items = await juliet.pubsub("get", "romeo@localhost", read)
    checks.ok(not isinstance(items, str) and items.find(".//{eu.siacs.conversations.axolotl}bundle") is not None,
              "XEP-0384: what is published as open is open", str(items))


async def play(server):
    romeo, juliet = (Person(name, server) for name in PASSWORDS)
    for person in (romeo, juliet):
        if not checks.ok(await person.log_in(server.starttls_port, False), f"{person.boundjid.user} logs in"):
            return
    check_features(AFTER_LOGIN, romeo.offered)
    await the_domain(romeo)
    await the_account(romeo, juliet)
    await omemo(romeo, juliet)
    for person in (romeo, juliet):
        await person.log_out()


async def main(binary):
    with Server(binary, PASSWORDS, checks, MORE) as server:
        before_login(server)
        await play(server)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
    checks.finish()
