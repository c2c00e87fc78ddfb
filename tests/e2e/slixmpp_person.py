"""What slixmpp's clients have in tests of profiles, nodes and lists: news are kept as events, and errors are answers."""

import asyncio
import xml.etree.ElementTree as ET

from slixmpp.exceptions import IqError
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from slixmpp_client import PATIENCE, Client

PUBSUB = "http://jabber.org/protocol/pubsub"
EVENT = "{http://jabber.org/protocol/pubsub#event}"
PLUGINS = ("xep_0004", "xep_0060", "xep_0115", "xep_0163")


class Person(Client):
    """A client that hears of nodes. Messages without a text are among the events "any_message"; plugins that want news ask for
    them by the hash of what they can (XEP-0115)."""

    EVENTS = Client.EVENTS + ("pubsub_publish", "pubsub_retract", "pubsub_purge", "pubsub_delete", "pubsub_config",
                              "pubsub_subscription", "blocked", "unblocked", "vcard_avatar_update")

    def __init__(self, name, password, certificate, device, plugins=()):
        super().__init__(name, password, certificate, device, (*PLUGINS, *plugins))
        self.nodes = self["xep_0060"]
        self.register_handler(Callback("each message", MatchXPath("{jabber:client}message"),
                                       lambda message: self.note("any_message", message)))

    def form(self, form_type, values):
        """A form that is filled in: `values` are of pubsub#... fields."""
        form = self["xep_0004"].make_form(ftype="submit")
        form.add_field(var="FORM_TYPE", ftype="hidden", value=form_type)
        for field, value in values.items():
            form.add_field(var="pubsub#" + field, value=value)
        return form

    def config(self, **values):
        return self.form(PUBSUB + "#node_config", values)

    def options(self, **values):
        return self.form(PUBSUB + "#publish-options", values)

    async def ask(self, kind, payload, to=None):
        """A request as text, for which slixmpp has no plugin: the answer, or the condition of its error."""
        iq = self.make_iq(itype=kind, ito=to)
        iq.append(ET.fromstring(payload))
        return await answer(iq.send())

    async def item_ids(self, service, node):
        found = await answer(self.nodes.get_items(service, node))
        return found if isinstance(found, str) else ids_of(found.xml)

    async def hears(self, kind, node, item=None, known=0):
        """The notification of that kind of change, of that node and item, after the first `known` events."""
        return await self.until(lambda: next(
            (stanza for name, stanza in self.seen[known:] if name == "pubsub_" + kind and speaks_of(stanza.xml, node, item)),
            None))


async def answer(request):
    """What is answered, or the name of the error's condition."""
    try:
        return await asyncio.wait_for(request, PATIENCE)
    except IqError as error:
        return error.condition
    except asyncio.TimeoutError:
        return "no answer"


def succeeded(answered):
    return not isinstance(answered, str)


def ids_of(xml):
    return [element.get("id") for element in xml.iter() if element.tag.endswith("}item")]


def speaks_of(message, node, item):
    about = next((element for element in message.iter() if element.get("node") == node), None)
    return about is not None and (item is None or item in [child.get("id") for child in about])


def payload(text):
    """A small payload of our own, that says this."""
    element = ET.Element("{urn:example:verse}verse")
    element.text = text
    return element


async def befriend(one, other):
    """Each sees the other's presence from now on."""
    for asker, asked in ((one, other), (other, one)):
        asker.send_presence_subscription(pto=asked.boundjid.bare)
        await asked.expect("presence_subscribe")
        asked.send_presence_subscription(pto=asker.boundjid.bare, ptype="subscribed")
        await asker.expect("presence_subscribed")
