// RFC 6121 section 8.5.4, row by row, and what the sections before it say of presence and IQs.
#include "session/delivery.h"

#include <gtest/gtest.h>

#include <array>

namespace aldis::session {
namespace {

/// The letters of the table: D delivers to just this resource, A to all (or the one) with a priority of 0 and more,
/// O keeps it for later, E answers with an error, S ignores it silently. Capital: what we do; small: what the RFC would
/// allow as well (it also lets a server choose one of several resources where we take all).
struct Row {
    const char* what;
    bool bare;
    Presences presences;
    std::array<const char*, 5> cells;  // normal, chat, groupchat, headline; and error, from sections 8.5.2 and 8.5.3
};

constexpr Presences no_resources{};
constexpr Presences negative{.available = true};
constexpr Presences non_negative{.non_negative = true, .available = true};

constexpr Presences matching(Presences presences) {
    presences.exact = true;
    return presences;
}

constexpr Row table[] = {
    {"bare, no active resources", true, no_resources, {"O/e", "O/e", "E", "S", "S"}},
    {"full, no active resources", false, no_resources, {"E/s", "O/e", "E/s", "S", "S"}},
    {"bare, only negative priorities", true, negative, {"O/e", "O/e", "E", "S", "S"}},
    {"full, matches a negative one", false, matching(negative), {"D", "D", "D", "D", "D"}},
    {"full, only negative ones, no match", false, negative, {"E/s", "O/e", "E/s", "S", "S"}},
    {"bare, non-negative ones", true, non_negative, {"A", "A", "E", "A", "S"}},
    {"full, matches", false, matching(non_negative), {"D", "D", "D", "D", "D"}},
    {"full, non-negative ones, no match", false, non_negative, {"E/s", "A", "E/s", "S", "S"}},
};
constexpr std::array types{MessageType::normal, MessageType::chat, MessageType::groupchat, MessageType::headline,
                           MessageType::error};

Audience audience_of(char letter) {
    switch (letter) {
        case 'D': return Audience::exact;
        case 'A': return Audience::non_negative;
        case 'O': return Audience::fall_back;
        case 'E': return Audience::refused;
        default: return Audience::nobody;
    }
}

TEST(DeliveryTable, OfMessages) {
    for (const Row& row : table)
        for (std::size_t i = 0; i < types.size(); ++i)
            EXPECT_EQ(audience(types[i], row.bare, row.presences), audience_of(row.cells[i][0]))
                << row.what << ", column " << i;
}

TEST(DeliveryTable, ABareAddressMatchesNoResource) {
    EXPECT_EQ(audience(MessageType::chat, true, matching(non_negative)), Audience::non_negative);
    EXPECT_EQ(audience(MessageType::groupchat, true, matching(non_negative)), Audience::refused);
}

TEST(Delivery, OfPresenceToABareAddressReachesAllAvailableResources) {  // 8.5.2.1.2 and 8.5.2.2.2
    for (const PresenceType type : {PresenceType::available, PresenceType::unavailable}) {
        EXPECT_EQ(audience(type, true, non_negative), Audience::available);
        EXPECT_EQ(audience(type, true, negative), Audience::available);
        EXPECT_EQ(audience(type, true, no_resources), Audience::nobody);
    }
}

TEST(Delivery, OfPresenceToAResource) {  // 8.5.3.1, 8.5.3.2.2
    for (const PresenceType type : {PresenceType::available, PresenceType::unavailable, PresenceType::error}) {
        EXPECT_EQ(audience(type, false, matching(negative)), Audience::exact);
        EXPECT_EQ(audience(type, false, non_negative), Audience::nobody);
    }
}

TEST(Delivery, OfIqsToABareAddressIsUpToTheServer) {  // 8.5.2.1.3
    for (const Presences& presences : {no_resources, negative, non_negative}) {
        EXPECT_EQ(audience(IqType::get, true, presences), Audience::account);
        EXPECT_EQ(audience(IqType::set, true, presences), Audience::account);
        EXPECT_EQ(audience(IqType::result, true, presences), Audience::nobody);
        EXPECT_EQ(audience(IqType::error, true, presences), Audience::nobody);
    }
}

TEST(Delivery, OfIqsToAResourceThatIsNotThereIsRefusedButForAnswers) {  // 8.5.3.2.3
    for (const IqType type : {IqType::get, IqType::set}) {
        EXPECT_EQ(audience(type, false, matching(no_resources)), Audience::exact);
        EXPECT_EQ(audience(type, false, non_negative), Audience::refused);
    }
    for (const IqType type : {IqType::result, IqType::error}) {
        EXPECT_EQ(audience(type, false, matching(no_resources)), Audience::exact);
        EXPECT_EQ(audience(type, false, non_negative), Audience::nobody);
    }
}

}  // namespace
}  // namespace aldis::session
