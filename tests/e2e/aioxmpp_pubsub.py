"""What one person's devices and contacts share, by aioxmpp's own services: nodes of an account and of the domain's service, the
picture, the vCard, bookmarks, who is blocked, commands.

Usage: aioxmpp_pubsub.py PATH_OF_ALDIS
"""

import asyncio
import logging
import sys
import time

import aioxmpp
import aioxmpp.connector
import aioxmpp.forms
import aioxmpp.pubsub.xso as nodes_xso
import aioxmpp.xso
from aioxmpp.avatar import AvatarService, AvatarSet
from aioxmpp.bookmarks import BookmarkClient, Conference

from server import Server
from slixmpp_profile import picture
from tap import Checks

PASSWORDS = {name: f"secret-{name}" for name in ("romeo", "juliet")}
PATIENCE = 15  # seconds for anything that should happen at once
ROMEO, JULIET = (aioxmpp.JID.fromstr(name + "@localhost") for name in PASSWORDS)
SERVICE = aioxmpp.JID.fromstr("pubsub.localhost")
FORM = "http://jabber.org/protocol/pubsub#"
VERSES = "urn:example:verse"
checks = Checks()


@nodes_xso.as_payload_class
class Verse(aioxmpp.xso.XSO):
    TAG = (VERSES, "verse")
    text = aioxmpp.xso.Text()

    def __init__(self, text=""):
        super().__init__()
        self.text = text


class Person:
    """One client with the services of this test, and what they have told it: (name, anything to compare)."""

    def __init__(self, address, server, resource, wants_verses=True):
        self.name, self.seen, self.arrival = resource, [], asyncio.Event()
        security = aioxmpp.make_security_layer(PASSWORDS[address.localpart], no_verify=True)
        self.client = aioxmpp.PresenceManagedClient(address.replace(resource=resource), security, override_peer=[
            ("127.0.0.1", server.starttls_port, aioxmpp.connector.STARTTLSConnector())])
        self.nodes, self.pep = self.client.summon(aioxmpp.PubSubClient), self.client.summon(aioxmpp.PEPClient)
        self.avatars, self.vcards = self.client.summon(AvatarService), self.client.summon(aioxmpp.vcard.VCardService)
        self.blocking, self.bookmarks = self.client.summon(aioxmpp.BlockingClient), self.client.summon(BookmarkClient)
        self.commands, self.roster = self.client.summon(aioxmpp.AdHocClient), self.client.summon(aioxmpp.RosterClient)
        self.presence = self.client.summon(aioxmpp.PresenceServer)
        self.client.on_stopped.connect(lambda: self.note("stopped"))
        self.client.summon(aioxmpp.EntityCapsService).on_ver_changed.connect(self.tell_what_it_can)
        self.verses = self.pep.claim_pep_node(VERSES, notify=True) if wants_verses else None
        self.listen()

    def listen(self):
        self.nodes.on_item_published.connect(lambda jid, node, item, message: self.note("published", (str(jid), node, item.id_)))
        self.nodes.on_item_retracted.connect(lambda jid, node, item, message: self.note("retracted", (str(jid), node, item)))
        self.nodes.on_node_deleted.connect(lambda jid, node, redirect_uri, message: self.note("deleted", (node, redirect_uri)))
        self.avatars.on_metadata_changed.connect(lambda jid, metadata: self.note("avatar", str(jid)))
        self.blocking.on_jids_blocked.connect(lambda jids: self.note("blocked", set(map(str, jids))))
        self.blocking.on_jids_unblocked.connect(lambda jids: self.note("unblocked", set(map(str, jids))))
        for signal in (self.roster.on_entry_added, self.roster.on_entry_subscription_state_changed):
            signal.connect(lambda item: self.note("contact", item.subscription))
        self.roster.on_subscribe.connect(lambda presence: self.note("asked", str(presence.from_)))
        if self.verses:
            self.verses.on_item_publish.connect(lambda jid, node, item, message: self.note("verse", item.registered_payload.text))

    def note(self, event, detail=None):
        self.seen.append((event, detail))
        self.arrival.set()

    def tell_what_it_can(self):
        if self.client.established:
            self.presence.resend_presence()

    async def until(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not (answer := condition()) and time.monotonic() < deadline:
            self.arrival.clear()
            try:
                await asyncio.wait_for(self.arrival.wait(), deadline - time.monotonic())
            except asyncio.TimeoutError:
                return condition()
        return answer

    async def hears(self, event, detail, known=0):
        return await self.until(lambda: (event, detail) in self.seen[known:])

    async def enter(self):
        self.client.presence = aioxmpp.PresenceState(available=True)
        await asyncio.wait_for(self.client.established_event.wait(), PATIENCE)


class Scene:
    """Romeo's phone and laptop; Juliet, who becomes his friend."""

    def __init__(self, server):
        self.phone, self.laptop = Person(ROMEO, server, "phone"), Person(ROMEO, server, "laptop")
        self.juliet = Person(JULIET, server, "balcony")

    def everybody(self):
        return self.phone, self.laptop, self.juliet


async def fails(request, condition, what):
    try:
        await request
    except aioxmpp.errors.XMPPError as error:
        return checks.equal(error.condition.value[1], condition, what)
    return checks.ok(False, what, "no error")


def submit(form_type, **values):
    fields = [aioxmpp.forms.Field(type_=aioxmpp.forms.FieldType.HIDDEN, var="FORM_TYPE", values=[FORM + form_type])]
    fields += [aioxmpp.forms.Field(var="pubsub#" + name, values=[value]) for name, value in values.items()]
    form = aioxmpp.forms.Data(aioxmpp.forms.DataType.SUBMIT)
    form.fields.extend(fields)
    return form


def value_of(form, name):
    return next((list(field.values) for field in form.fields if field.var == "pubsub#" + name), None)


def ids(request):
    return [item.id_ for item in request.payload.items]


async def enter(scene):
    for person in scene.everybody():
        await person.enter()
    checks.ok(True, "all have logged in")
    for asker, asked, address, name in ((scene.phone, scene.juliet, JULIET, "romeo@localhost"),
                                        (scene.juliet, scene.phone, ROMEO, "juliet@localhost")):
        asker.roster.subscribe(address)
        checks.ok(await asked.hears("asked", name), f"{asked.name} is asked by {name}")
        asked.roster.approve(aioxmpp.JID.fromstr(name))
    for person in (scene.phone, scene.juliet):
        checks.ok(await person.hears("contact", "both"), f"{person.name} has a friend")


async def news(scene):
    """XEP-0163: by what the clients say they can, without a subscription."""
    checks.ok(await scene.phone.pep.available(), "the account has nodes")
    await scene.phone.pep.publish(VERSES, Verse("But soft"), id_="1")
    for person in (scene.juliet, scene.laptop):
        checks.ok(await person.hears("verse", "But soft"), f"{person.name} hears what the phone publishes")


async def a_node_of_an_account(scene):
    phone, juliet, node = scene.phone.nodes, scene.juliet, "urn:example:open"
    options = submit("publish-options", access_model="open", max_items="10")
    checks.equal(await phone.publish(None, node, Verse("one"), id_="1", publish_options=options), "1", "a node by its options")
    await fails(phone.publish(None, node, Verse("two"), publish_options=submit("publish-options", access_model="whitelist")),
                "conflict", "... that is not of another kind")
    await phone.publish(None, node, Verse("two"), id_="2")
    checks.equal(sorted(ids(await juliet.nodes.get_items(ROMEO, node))), ["1", "2"], "juliet reads all")
    newest = await juliet.nodes.get_items(ROMEO, node, max_items=1)
    checks.equal((ids(newest), newest.payload.items[0].registered_payload.text), (["2"], "two"), "... the newest")
    checks.equal(ids(await juliet.nodes.get_items_by_id(ROMEO, node, ["1"])), ["1"], "... one that she names")
    checks.ok(node in [name for name, _ in await juliet.nodes.get_nodes(ROMEO)], "... and discovers the node")
    await juliet.nodes.subscribe(ROMEO, node)
    await phone.retract(None, node, "1", notify=True)
    checks.ok(await juliet.hears("retracted", (str(ROMEO), node, "1")), "... and hears what is taken back")
    config = await scene.laptop.nodes.get_node_config(None, node)
    checks.equal((value_of(config, "access_model"), value_of(config, "max_items")), (["open"], ["10"]), "the laptop sees the options")
    await scene.laptop.nodes.set_node_config(None, submit("node_config", access_model="whitelist"), node)
    await fails(juliet.nodes.get_items(ROMEO, node), "not-allowed", "... and closes the node")
    await scene.laptop.nodes.delete(None, node)
    await fails(phone.get_items(None, node), "item-not-found", "... and deletes it")


async def a_node_of_the_service(scene):
    romeo, juliet, node = scene.phone.nodes, scene.juliet, "verses"
    wanted = {nodes_xso.Feature.CREATE_NODES, nodes_xso.Feature.RETRACT_ITEMS, nodes_xso.Feature.PURGE_NODES,
              nodes_xso.Feature.MODIFY_AFFILIATIONS, nodes_xso.Feature.SUBSCRIPTION_OPTIONS}
    checks.ok(wanted <= await romeo.get_features(SERVICE), "the service says what it can")
    await romeo.create(SERVICE, node)
    await fails(romeo.create(SERVICE, node), "conflict", "a node is made once")
    subscription = (await juliet.nodes.subscribe(SERVICE, node)).payload
    checks.equal((str(subscription.jid), subscription.subscription), ("juliet@localhost", "subscribed"), "juliet subscribes")
    options = await juliet.nodes.get_subscription_config(SERVICE, node)
    checks.ok(value_of(options, "deliver"), "... and sees the options of her subscription")
    await romeo.publish(SERVICE, node, Verse("one"), id_="1")
    checks.ok(await juliet.hears("published", (str(SERVICE), node, "1")), "... hears what is published")
    await juliet.nodes.set_subscription_config(SERVICE, submit("subscribe_options", deliver="0"), node)
    known = len(juliet.seen)
    await romeo.publish(SERVICE, node, Verse("two"), id_="2")
    await juliet.nodes.set_subscription_config(SERVICE, submit("subscribe_options", deliver="1"), node)
    await romeo.retract(SERVICE, node, "1", notify=True)
    checks.ok(await juliet.hears("retracted", (str(SERVICE), node, "1")), "... what is taken back")
    checks.ok(("published", (str(SERVICE), node, "2")) not in juliet.seen[known:], "... nothing while she did not want it")
    await romeo.purge(SERVICE, node)
    checks.equal(ids(await juliet.nodes.get_items(SERVICE, node)), [], "... finds nothing when it is emptied")


async def people_of_a_node(scene):
    romeo, juliet, node = scene.phone.nodes, scene.juliet, "verses"
    await fails(juliet.nodes.publish(SERVICE, node, Verse("mine")), "forbidden", "juliet may not publish")
    await romeo.change_node_affiliations(SERVICE, node, [(JULIET, "publisher")])
    listed = (await romeo.get_node_affiliations(SERVICE, node)).payload.affiliations
    checks.equal({str(each.jid): each.affiliation for each in listed}, {str(ROMEO): "owner", str(JULIET): "publisher"},
                 "romeo says that she may")
    await juliet.nodes.publish(SERVICE, node, Verse("mine"), id_="j")
    checks.equal(ids(await romeo.get_items(SERVICE, node)), ["j"], "... and she does")
    subscribers = (await romeo.get_node_subscriptions(SERVICE, node)).payload.subscriptions
    checks.equal([str(each.jid) for each in subscribers], [str(JULIET)], "romeo sees who has subscribed")
    await romeo.change_node_subscriptions(SERVICE, node, [(JULIET, "none")])
    mine = (await juliet.nodes.get_subscriptions(SERVICE)).subscriptions
    checks.equal([each.node for each in mine], [], "... and ends it")
    await juliet.nodes.subscribe(SERVICE, node)
    await romeo.delete(SERVICE, node, redirect_uri="xmpp:pubsub.localhost?;node=better")
    checks.ok(await juliet.hears("deleted", (node, "xmpp:pubsub.localhost?;node=better")), "juliet hears where it has gone")


async def has_picture(scene, image, what, known):
    for person in (scene.juliet, scene.laptop):
        checks.ok(await person.hears("avatar", str(ROMEO), known[person]), f"{person.name} hears of {what}")
    found = await scene.juliet.avatars.get_avatar_metadata(ROMEO, require_fresh=True)
    checks.equal([await each.get_image_bytes() for each in found if each.has_image_data_in_pubsub], [image], "... and reads it")
    checks.equal((await scene.juliet.vcards.get_vcard(ROMEO)).get_photo_data(), image, "... from the vCard as well")


async def pictures(scene):
    known = {person: len(person.seen) for person in scene.everybody()}
    first, second = picture(0, 200, 0), picture(200, 200, 0)
    avatar = AvatarSet()
    avatar.add_avatar_image("image/png", image_bytes=first)
    await scene.phone.avatars.publish_avatar_set(avatar)
    await has_picture(scene, first, "a picture", known)
    known = {person: len(person.seen) for person in scene.everybody()}
    vcard = await scene.laptop.vcards.get_vcard()
    vcard.set_photo_data("image/png", second)
    await scene.laptop.vcards.set_vcard(vcard)
    await has_picture(scene, second, "a picture in the vCard", known)


async def rooms(scene):
    orchard = Conference("Orchard", aioxmpp.JID.fromstr("orchard@rooms.localhost"), autojoin=False, nick="Romeo")
    await scene.phone.bookmarks.add_bookmark(orchard)
    checks.equal(list(await scene.laptop.bookmarks.get_bookmarks()), [orchard], "the laptop finds the phone's bookmark")
    native = await scene.laptop.nodes.get_items(None, "urn:xmpp:bookmarks:1")
    checks.equal(ids(native), ["orchard@rooms.localhost"], "... as an item, too")
    await scene.laptop.nodes.retract(None, "urn:xmpp:bookmarks:1", "orchard@rooms.localhost", notify=True)
    checks.equal(list(await scene.phone.bookmarks.get_bookmarks()), [], "the phone finds it gone when the item is")


async def blocking(scene):
    await scene.phone.blocking.block_jids([JULIET])
    checks.ok(await scene.laptop.hears("blocked", {str(JULIET)}), "the laptop is told who is blocked")
    await fails(scene.juliet.vcards.get_vcard(ROMEO.replace(resource="phone")), "service-unavailable", "juliet reaches nobody")
    await scene.laptop.blocking.unblock_all()
    checks.ok(await scene.phone.hears("unblocked", {str(JULIET)}), "the phone is told that nobody is")
    checks.equal(scene.phone.blocking.blocklist, frozenset(), "... and knows so")


async def commands(scene):
    checks.ok(await scene.phone.commands.supports_commands(ROMEO), "the account has commands")
    names = [item.node for item in await scene.phone.commands.get_commands(ROMEO)]
    checks.ok("profile-visibility" in names, "... that it lists", str(names))
    session = await scene.phone.commands.execute(ROMEO, "profile-visibility")
    form = session.first_payload
    field = next(field for field in form.fields if field.var == "visibility")
    field.values[:] = ["nobody"]
    form.type_ = aioxmpp.forms.DataType.SUBMIT
    await session.proceed(payload=[form])
    checks.equal(session.status, aioxmpp.adhoc.CommandStatus.COMPLETED, "one is run with its form")
    await fails(scene.juliet.nodes.get_items(ROMEO, "urn:xmpp:vcard4"), "item-not-found", "... juliet sees no profile any more")


async def play(scene):
    await enter(scene)
    await news(scene)
    await a_node_of_an_account(scene)
    await a_node_of_the_service(scene)
    await people_of_a_node(scene)
    await pictures(scene)
    await rooms(scene)
    await commands(scene)
    await blocking(scene)


async def leave(scene):
    for person in scene.everybody():
        person.client.presence = aioxmpp.PresenceState(available=False)
        await person.until(lambda person=person: not person.client.running)


async def main(binary):
    with Server(binary, PASSWORDS, checks) as server:
        scene = Scene(server)
        try:
            await asyncio.wait_for(play(scene), 120)
        finally:
            await leave(scene)


if __name__ == "__main__":
    logging.disable()
    asyncio.run(main(sys.argv[1]))
    checks.finish()
