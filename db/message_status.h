#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "db/connection.h"
#include "db/migration.h"

namespace aldis::db {

/// Something that has happened to a message.
struct StatusEvent {
    enum class Kind : std::uint8_t {
        sent,          ///< the server has it on disk
        delivered,     ///< a client of the recipient has it: XEP-0198, XEP-0184
        delivered_to,  ///< the same, and all earlier ones of the conversation
        displayed,     ///< it has been read, and with it all earlier ones of the conversation: XEP-0333 "displayed"
    };
    Kind kind = Kind::sent;
    std::string owner = {};  ///< who has sent the message; bare JID
    std::string peer = {};   ///< who is to receive it; bare JID
    std::string id = {};     ///< of the message, as receipts and markers name it
    Timestamp at{};
    std::optional<Timestamp> sent = {};  ///< delivered: makes the message known if it is not
};

/// What has become of one message.
struct MessageState {
    std::string id = {};
    Timestamp sent{};
    std::optional<Timestamp> delivered = {};
    std::optional<Timestamp> displayed = {};

    friend bool operator==(const MessageState&, const MessageState&) = default;
};

/// What has become of the messages that accounts have sent, as long as the caller keeps it (forget_before). A message
/// has a row; "all up to this one" is a mark on the row of that one, and who asks about an earlier message finds the
/// first mark behind it through an index. So no event changes more than one row. All functions run inside a read or
/// write job of the database.
class MessageStatus {
public:
    static const std::span<const Migration> migrations;
    static constexpr std::size_t longest_id = 256;  ///< bytes; longer ones are not kept

    /// In one write job, many at once: that is what makes them cheap. What is said about messages that are not known,
    /// or no longer, is ignored; and an event of the past changes nothing that is known already.
    static void apply(Connection& connection, std::span<const StatusEvent> events);

    /// Of several messages with the same id, the last.
    [[nodiscard]] static std::optional<MessageState> find(Connection& connection, std::string_view owner,
                                                          std::string_view peer, std::string_view id);
    /// The last messages of a conversation, the newest first.
    [[nodiscard]] static std::vector<MessageState> page(Connection& connection, std::string_view owner,
                                                        std::string_view peer, std::size_t limit);

    /// Deletes up to `at_most` messages older than `cutoff`, of all owners. @return how many: call again while it is
    /// `at_most`
    static std::size_t forget_before(Connection& connection, Timestamp cutoff, std::size_t at_most);
    /// Takes them from their owner, at once, however many there are; purge() deletes them bit by bit.
    static void remove_owner(Connection& connection, std::string_view owner);
    /// Deletes up to `at_most` messages of removed owners. @return how many: call again while it is `at_most`
    static std::size_t purge(Connection& connection, std::size_t at_most);
};

}  // namespace aldis::db
