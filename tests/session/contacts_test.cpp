#include "session/contacts.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace aldis::session {
namespace {

db::RosterItem item_of(std::string contact, std::string name = {}) {
    return {.contact = std::move(contact), .name = std::move(name)};
}

/// A contact as random as its pool entry can be: any name, up to five groups, all flags.
db::RosterItem random_item(std::mt19937& random) {
    db::RosterItem item = item_of("contact" + std::to_string(random() % 40) + "@example.org");
    item.name.assign(random() % 50, static_cast<char>('a' + random() % 26));
    item.subscription = static_cast<Subscription>(random() % 4);
    item.ask = random() % 2 == 0;
    item.approved = random() % 2 == 0;
    for (std::size_t groups = random() % 6; groups > 0; --groups)
        item.groups.push_back("Group " + std::string(random() % 30, 'g') + std::to_string(groups));
    return item;
}

using Model = std::map<std::string, db::RosterItem>;

void expect_same(const Contacts& contacts, const Model& model) {
    ASSERT_EQ(contacts.size(), model.size());
    const std::vector<db::RosterItem> all = contacts.all();
    std::size_t i = 0;
    for (const auto& [contact, item] : model) {
        ASSERT_EQ(all[i++], item);
        ASSERT_EQ(contacts.find(contact), item);
    }
}

TEST(Contacts, BehaveLikeAMapWhateverIsPutAndErased) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        std::mt19937 random{seed};
        Contacts contacts;
        Model model;
        for (int step = 0; step < 2000; ++step) {
            db::RosterItem item = random_item(random);
            if (random() % 3 == 0) {
                contacts.erase(item.contact);
                model.erase(item.contact);
            } else {
                contacts.put(item);
                model.insert_or_assign(item.contact, std::move(item));
            }
            if (step % 50 == 0) ASSERT_NO_FATAL_FAILURE(expect_same(contacts, model)) << "seed " << seed;
        }
        ASSERT_NO_FATAL_FAILURE(expect_same(contacts, model)) << "seed " << seed;
    }
}

TEST(Contacts, AreReadFromTheStoreInAnyOrder) {
    std::mt19937 random{7};
    db::RosterState stored{.items = {}, .requests = {{"who@example.org", "<presence/>"}}, .version = 12};
    Model model;
    for (int i = 0; i < 30; ++i) {
        db::RosterItem item = random_item(random);
        if (model.emplace(item.contact, item).second) stored.items.insert(stored.items.begin(), item);
    }
    const Contacts contacts{stored};
    EXPECT_EQ(contacts.version(), 12u);
    EXPECT_EQ(contacts.requests().size(), 1u);
    expect_same(contacts, model);
}

TEST(Contacts, FindNobodyByHalfAnAddress) {
    Contacts contacts;
    contacts.put(item_of("juliet@example.org"));
    EXPECT_FALSE(contacts.find("juliet@example.or"));
    EXPECT_FALSE(contacts.find("juliet@example.org2"));
    EXPECT_FALSE(contacts.find(""));
}

TEST(Contacts, ShowEveryoneInTheOrderOfTheAlphabet) {
    Contacts contacts;
    for (const char* const name : {"c@x", "a@x", "b@x"}) contacts.put(item_of(name));
    std::vector<std::string> seen;
    contacts.for_each([&](std::string_view contact, Subscription) { seen.emplace_back(contact); });
    EXPECT_EQ(seen, (std::vector<std::string>{"a@x", "b@x", "c@x"}));
}

TEST(ContactRequests, NeedNoContactAndAreKeptOnce) {
    Contacts contacts;
    contacts.put_request("romeo@example.net", "<presence id='1'/>");
    contacts.put_request("nurse@example.net", "<presence/>");
    contacts.put_request("romeo@example.net", "<presence id='2'/>");
    ASSERT_EQ(contacts.requests().size(), 2u);
    EXPECT_EQ(contacts.requests()[1].stanza, "<presence id='2'/>");
    EXPECT_EQ(contacts.size(), 0u);
    EXPECT_TRUE(contacts.state("romeo@example.net").pending_in);
    contacts.erase_request("romeo@example.net");
    EXPECT_FALSE(contacts.state("romeo@example.net").pending_in);
    EXPECT_TRUE(contacts.state("nurse@example.net").pending_in);
}

TEST(ContactState, IsMadeOfItemAndRequest) {
    Contacts contacts;
    db::RosterItem item = item_of("romeo@example.net");
    item.subscription = Subscription::to;
    item.ask = true;
    item.approved = true;
    contacts.put(item);
    contacts.put_request("romeo@example.net", "<presence/>");
    const SubscriptionState all{
        .subscription = Subscription::to, .pending_out = true, .pending_in = true, .approved = true};
    EXPECT_EQ(contacts.state("romeo@example.net"), all);
    EXPECT_EQ(contacts.state("nobody@example.net"), SubscriptionState{});
    EXPECT_FALSE(contacts.subscribed_from("romeo@example.net"));
}

}  // namespace
}  // namespace aldis::session
