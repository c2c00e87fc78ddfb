// RFC 6121 appendix A, row by row: the nine states, four stanzas, both directions.
#include "session/subscription.h"

#include <gtest/gtest.h>

#include <array>

namespace aldis::session {
namespace {

/// The names of appendix A.1, shortened: "+Out" is "Pending Out".
SubscriptionState state_named(std::string_view name) {
    SubscriptionState state;
    const std::string_view base = name.substr(0, name.find('+'));
    state.subscription = base == "To"     ? Subscription::to
                         : base == "From" ? Subscription::from
                         : base == "Both" ? Subscription::both
                                          : Subscription::none;
    state.pending_out = name.contains("+Out");
    state.pending_in = name.contains("In");
    return state;
}

std::string name_of(const SubscriptionState& state) {
    static constexpr std::array<std::string_view, 4> names{"None", "To", "From", "Both"};
    std::string name{names[static_cast<std::size_t>(state.subscription)]};
    if (state.pending_out) name += "+Out";
    if (state.pending_in) name += state.pending_out ? "/In" : "+In";
    return name;
}

/// `must`: the stanza is routed to the contact, or delivered to the user.
struct Row {
    const char* before;
    bool must;
    const char* after;
};
using Table = std::array<Row, 9>;

constexpr bool must = true;
constexpr bool must_not = false;

// ---- A.2: the user sends ----

constexpr Table outbound_subscribe{{
    // A.2.1
    {"None", must, "None+Out"},
    {"None+Out", must, "None+Out"},
    {"None+In", must, "None+Out/In"},
    {"None+Out/In", must, "None+Out/In"},
    {"To", must, "To"},
    {"To+In", must, "To+In"},
    {"From", must, "From+Out"},
    {"From+Out", must, "From+Out"},
    {"Both", must, "Both"},
}};

constexpr Table outbound_unsubscribe{{
    // A.2.2
    {"None", must, "None"},
    {"None+Out", must, "None"},
    {"None+In", must, "None+In"},
    {"None+Out/In", must, "None+In"},
    {"To", must, "None"},
    {"To+In", must, "None+In"},
    {"From", must, "From"},
    {"From+Out", must, "From"},
    {"Both", must, "From"},
}};

constexpr Table outbound_subscribed{{
    // A.2.3
    {"None", must_not, "None"},
    {"None+Out", must_not, "None+Out"},
    {"None+In", must, "From"},
    {"None+Out/In", must, "From+Out"},
    {"To", must_not, "To"},
    {"To+In", must, "Both"},
    {"From", must_not, "From"},
    {"From+Out", must_not, "From+Out"},
    {"Both", must_not, "Both"},
}};

constexpr Table outbound_unsubscribed{{
    // A.2.4
    {"None", must_not, "None"},
    {"None+Out", must_not, "None+Out"},
    {"None+In", must, "None"},
    {"None+Out/In", must, "None+Out"},
    {"To", must_not, "To"},
    {"To+In", must, "To"},
    {"From", must, "None"},
    {"From+Out", must, "None+Out"},
    {"Both", must, "To"},
}};

// ---- A.3: the user receives ----

constexpr Table inbound_subscribe{{
    // A.3.1
    {"None", must, "None+In"},
    {"None+Out", must, "None+Out/In"},
    {"None+In", must_not, "None+In"},
    {"None+Out/In", must_not, "None+Out/In"},
    {"To", must, "To+In"},
    {"To+In", must_not, "To+In"},
    {"From", must_not, "From"},
    {"From+Out", must_not, "From+Out"},
    {"Both", must_not, "Both"},
}};

constexpr Table inbound_unsubscribe{{
    // A.3.2
    {"None", must_not, "None"},
    {"None+Out", must_not, "None+Out"},
    {"None+In", must, "None"},
    {"None+Out/In", must, "None+Out"},
    {"To", must_not, "To"},
    {"To+In", must, "To"},
    {"From", must, "None"},
    {"From+Out", must, "None+Out"},
    {"Both", must, "To"},
}};

constexpr Table inbound_subscribed{{
    // A.3.3
    {"None", must_not, "None"},
    {"None+Out", must, "To"},
    {"None+In", must_not, "None+In"},
    {"None+Out/In", must, "To+In"},
    {"To", must_not, "To"},
    {"To+In", must_not, "To+In"},
    {"From", must_not, "From"},
    {"From+Out", must, "Both"},
    {"Both", must_not, "Both"},
}};

constexpr Table inbound_unsubscribed{{
    // A.3.4
    {"None", must_not, "None"},
    {"None+Out", must, "None"},
    {"None+In", must_not, "None+In"},
    {"None+Out/In", must, "None+In"},
    {"To", must, "None"},
    {"To+In", must, "None+In"},
    {"From", must_not, "From"},
    {"From+Out", must, "From"},
    {"Both", must, "From"},
}};

void check_outbound(PresenceType type, const Table& table) {
    for (const Row& row : table) {
        const SubscriptionStep step = outbound(state_named(row.before), type);
        EXPECT_EQ(step.route, row.must) << row.before;
        EXPECT_EQ(name_of(step.next), row.after) << row.before;
        EXPECT_FALSE(step.deliver || step.auto_reply) << row.before;
    }
}

void check_inbound(PresenceType type, const Table& table) {
    for (const Row& row : table) {
        const SubscriptionStep step = inbound(state_named(row.before), type);
        EXPECT_EQ(step.deliver, row.must) << row.before;
        EXPECT_EQ(name_of(step.next), row.after) << row.before;
        EXPECT_FALSE(step.route) << row.before;
        // Section 3.1.3, rule 2: who may see the user's presence and asks again is answered by the server.
        const bool answered = type == PresenceType::subscribe && state_named(row.before).from();
        EXPECT_EQ(step.auto_reply, answered) << row.before;
    }
}

TEST(SubscriptionTables, NameEveryStateOnceAndReadItBack) {
    for (const Row& row : outbound_subscribe) EXPECT_EQ(name_of(state_named(row.before)), row.before);
}

TEST(SubscriptionTables, OutboundSubscribe) { check_outbound(PresenceType::subscribe, outbound_subscribe); }
TEST(SubscriptionTables, OutboundUnsubscribe) { check_outbound(PresenceType::unsubscribe, outbound_unsubscribe); }
TEST(SubscriptionTables, OutboundSubscribed) { check_outbound(PresenceType::subscribed, outbound_subscribed); }
TEST(SubscriptionTables, OutboundUnsubscribed) { check_outbound(PresenceType::unsubscribed, outbound_unsubscribed); }
TEST(SubscriptionTables, InboundSubscribe) { check_inbound(PresenceType::subscribe, inbound_subscribe); }
TEST(SubscriptionTables, InboundUnsubscribe) { check_inbound(PresenceType::unsubscribe, inbound_unsubscribe); }
TEST(SubscriptionTables, InboundSubscribed) { check_inbound(PresenceType::subscribed, inbound_subscribed); }
TEST(SubscriptionTables, InboundUnsubscribed) { check_inbound(PresenceType::unsubscribed, inbound_unsubscribed); }

// ---- Pre-approval: section 3.4 ----

TEST(SubscriptionPreApproval, IsGivenToWhomHasNotAskedAndSentToNobody) {
    for (const char* const before : {"None", "None+Out", "To"}) {
        const SubscriptionStep step = outbound(state_named(before), PresenceType::subscribed);
        EXPECT_TRUE(step.next.approved) << before;
        EXPECT_FALSE(step.route) << before;
    }
}

TEST(SubscriptionPreApproval, IsNotNeededWhereThereIsASubscriptionOrARequest) {
    for (const char* const before : {"None+In", "None+Out/In", "To+In", "From", "From+Out", "Both"})
        EXPECT_FALSE(outbound(state_named(before), PresenceType::subscribed).next.approved) << before;
}

TEST(SubscriptionPreApproval, AnswersTheRequestWithoutShowingIt) {
    for (const auto& [before, after] : {std::pair{"None", "From"}, {"None+Out", "From+Out"}, {"To", "Both"}}) {
        SubscriptionState state = state_named(before);
        state.approved = true;
        const SubscriptionStep step = inbound(state, PresenceType::subscribe);
        EXPECT_TRUE(step.auto_reply) << before;
        EXPECT_FALSE(step.deliver) << before;
        EXPECT_EQ(name_of(step.next), after);
    }
}

TEST(SubscriptionPreApproval, IsTakenBackWithUnsubscribedWhichGoesNowhere) {
    SubscriptionState state = state_named("To");
    state.approved = true;
    const SubscriptionStep step = outbound(state, PresenceType::unsubscribed);
    EXPECT_EQ(step.next, state_named("To"));
    EXPECT_FALSE(step.route);
}

TEST(SubscriptionPreApproval, OutlivesWhatTheContactDoesElse) {
    SubscriptionState state = state_named("None+Out");
    state.approved = true;
    EXPECT_TRUE(inbound(state, PresenceType::subscribed).next.approved);
    EXPECT_TRUE(inbound(state, PresenceType::unsubscribed).next.approved);
    EXPECT_TRUE(outbound(state, PresenceType::unsubscribe).next.approved);
}

TEST(Subscription, IsNotMovedByOtherPresence) {
    for (const PresenceType type :
         {PresenceType::available, PresenceType::unavailable, PresenceType::probe, PresenceType::error})
        for (const Row& row : outbound_subscribe) {
            const SubscriptionStep nothing{.next = state_named(row.before)};
            EXPECT_EQ(outbound(state_named(row.before), type), nothing);
            EXPECT_EQ(inbound(state_named(row.before), type), nothing);
        }
}

}  // namespace
}  // namespace aldis::session
