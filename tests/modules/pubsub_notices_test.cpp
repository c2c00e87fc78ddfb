// What subscribers are sent, by the configuration of the node.
#include <gtest/gtest.h>

#include "modules/pubsub/config.h"
#include "modules/pubsub/notices.h"

namespace aldis::modules::pubsub {
namespace {

using xep::pubsub::ItemReply;
using xep::pubsub::NotificationType;

const Jid romeo = *Jid::parse("romeo@x");
const Jid juliet = *Jid::parse("juliet@x/it's");
const Item item{.id = "1", .publisher = "nurse@x", .payload = "<a xmlns='urn:a'>&lt;</a>"};

std::string markup(const NodeConfig& config) {
    return notice(romeo, config, "id", published(romeo, "plays", config, item)).markup;
}

std::string items(const std::string& inner) {
    return "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='plays'" +
           (inner.empty() ? "/>" : ">" + inner + "</items>") + "</event>";
}

TEST(PubsubNotices, FollowTheConfiguration) {
    EXPECT_EQ(markup({}), items("<item id='1'><a xmlns='urn:a'>&lt;</a></item>"));
    EXPECT_EQ(markup({.deliver_payloads = false}), items("<item id='1'/>"));
    EXPECT_EQ(markup({.persist_items = false, .deliver_payloads = false}), items(""));
    EXPECT_EQ(markup({.deliver_payloads = false, .itemreply = ItemReply::publisher}),
              items("<item id='1' publisher='nurse@x'/>"));
    EXPECT_EQ(markup({.deliver_payloads = false, .itemreply = ItemReply::owner}),
              items("<item id='1' publisher='romeo@x'/>"));
}

TEST(PubsubNotices, AreHeadlinesUnlessTheNodeSaysOtherwise) {
    const event::Event gone = retracted("plays", {"1", "2"});
    EXPECT_EQ(notice(romeo, {}, "id", gone).type, MessageType::headline);
    EXPECT_EQ(notice(romeo, {.notification_type = NotificationType::normal}, "id", gone).type, MessageType::normal);
    EXPECT_EQ(notice(romeo, {}, "id", gone).markup, items("<retract id='1'/><retract id='2'/>"));
}

TEST(PubsubNotices, SayWhenTheyAreLate) {
    const Notice late = notice(romeo, {}, "id", retracted("plays", {"1"}), Timestamp{std::chrono::seconds{0}});
    EXPECT_TRUE(late.markup.ends_with("<delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:00Z'/>"));
}

TEST(PubsubNotices, AreTheSameForOneAndForMany) {
    const Notice told = notice(romeo, {}, "id", published(romeo, "plays", {}, item));
    const std::string many = *with_address(addressed(told, {}).wire(), juliet);
    EXPECT_TRUE(many.starts_with("<message to='juliet@x/it&apos;s' "));
    xml::Document parsed = xml::Document::copy_of(addressed(told, juliet).element());
    EXPECT_EQ(parsed.root().attribute("to"), juliet.text());
    EXPECT_EQ(many.size(), addressed(told, juliet).wire()->size());
}

}  // namespace
}  // namespace aldis::modules::pubsub
