#include "db/message_status.h"

#include <algorithm>

#include "db/column.h"
#include "db/hash.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     // A removed owner's conversations have no owner any more, and a number is never used again.
     "CREATE TABLE message_conversations ("
     " number INTEGER PRIMARY KEY AUTOINCREMENT,"
     " owner TEXT,"
     " peer TEXT NOT NULL,"
     " UNIQUE (owner, peer));"
     // 'at' is when the message was sent, moved on where another one has that already: rows are appended to the last
     // page, sort by time, and old ones are at the front.
     "CREATE TABLE message_status ("
     " at INTEGER PRIMARY KEY,"
     " conversation INTEGER NOT NULL,"
     " id TEXT NOT NULL,"
     " hash INTEGER NOT NULL,"
     " delivered BIGINT,"
     " delivered_to BIGINT,"
     " displayed_to BIGINT);"
     // SQLite ends each index with 'at'. They are what an event costs, page by page: a hash is shorter than an id.
     "CREATE INDEX message_status_by_conversation ON message_status (conversation);"
     "CREATE INDEX message_status_by_hash ON message_status (conversation, hash);"
     "CREATE INDEX message_status_delivered ON message_status (conversation) WHERE delivered_to IS NOT NULL;"
     "CREATE INDEX message_status_displayed ON message_status (conversation) WHERE displayed_to IS NOT NULL"},
};

std::optional<std::int64_t> find_conversation(Connection& connection, std::string_view owner, std::string_view peer) {
    Rows rows =
        connection.query("SELECT number FROM message_conversations WHERE owner = $1 AND peer = $2", owner, peer);
    if (!rows.next()) return std::nullopt;
    return rows.integer(0);
}

std::int64_t make_conversation(Connection& connection, std::string_view owner, std::string_view peer) {
    Rows rows = connection.query("INSERT INTO message_conversations (owner, peer) VALUES ($1, $2) RETURNING number",
                                 owner, peer);
    return rows.next() ? rows.integer(0) : 0;
}

/// How many messages with one hash are looked at.
constexpr int candidates = 8;

struct Row {
    std::int64_t at = 0;
    MessageState state = {};
    std::optional<Timestamp> delivered_to = {};
    std::optional<Timestamp> displayed_to = {};
};

Row row_of(const Rows& rows) {
    return {
        .at = rows.integer(0),
        .state = {.id = std::string{rows.text(1)}, .sent = time_of(rows, 0), .delivered = optional_time_of(rows, 2)},
        .delivered_to = optional_time_of(rows, 3),
        .displayed_to = optional_time_of(rows, 4)};
}

std::optional<Row> find_row(Connection& connection, std::int64_t conversation, std::string_view id) {
    Rows rows = connection.query(
        "SELECT at, id, delivered, delivered_to, displayed_to FROM message_status"
        " WHERE conversation = $1 AND hash = $2 ORDER BY at DESC LIMIT $3",
        conversation, stored_hash(id), candidates);
    while (rows.next()) {
        if (rows.text(1) == id) return row_of(rows);
    }
    return std::nullopt;
}

/// Writes a batch of events, and knows what the last one of them was about.
class Batch {
public:
    explicit Batch(Connection& connection) : connection_{connection} {}

    void add(const StatusEvent& event) {
        if (event.id.empty() || event.id.size() > MessageStatus::longest_id) return;
        if (event.kind == StatusEvent::Kind::sent) return insert(event);
        const std::optional<std::int64_t> conversation = find(event);
        if (!conversation && !event.sent) return;
        if (conversation) {
            if (const std::optional<Row> row = find_row(connection_, *conversation, event.id))
                return update(*conversation, *row, event);
        }
        if (event.sent) insert_late(event);
    }

private:
    std::optional<std::int64_t> find(const StatusEvent& event) {
        if (number_ && event.owner == owner_ && event.peer == peer_) return number_;
        number_ = find_conversation(connection_, event.owner, event.peer);
        owner_ = event.owner;
        peer_ = event.peer;
        return number_;
    }

    std::int64_t next_time(Timestamp at) {
        if (!last_) {
            Rows rows = connection_.query("SELECT max(at) FROM message_status");
            last_ = rows.next() ? rows.integer(0) : 0;
        }
        last_ = std::max(microseconds(at), *last_ + 1);
        return *last_;
    }

    void insert(const StatusEvent& event) {
        if (!find(event)) number_ = make_conversation(connection_, event.owner, event.peer);
        connection_.run("INSERT INTO message_status (at, conversation, id, hash) VALUES ($1, $2, $3, $4)",
                        next_time(event.at), *number_, event.id, stored_hash(event.id));
    }

    /// Among those that were sent at that time, so that marks mean what they say.
    void insert_late(const StatusEvent& event) {
        if (!find(event)) number_ = make_conversation(connection_, event.owner, event.peer);
        Rows rows = connection_.query("SELECT count(*) FROM message_status WHERE at = $1", microseconds(*event.sent));
        const bool taken = rows.next() && rows.integer(0) > 0;
        const std::int64_t at = taken ? next_time(event.at) : microseconds(*event.sent);
        if (last_ && at > *last_) last_ = at;
        connection_.run(
            "INSERT INTO message_status (at, conversation, id, hash, delivered) VALUES ($1, $2, $3, $4, $5)", at,
            *number_, event.id, stored_hash(event.id), microseconds(event.at));
    }

    /// A mark in front of another one says nothing new.
    void update(std::int64_t conversation, const Row& row, const StatusEvent& event) {
        const std::int64_t at = microseconds(event.at);
        if (event.kind == StatusEvent::Kind::delivered && !row.state.delivered) {
            connection_.run("UPDATE message_status SET delivered = $1 WHERE at = $2", at, row.at);
        } else if (event.kind == StatusEvent::Kind::delivered_to) {
            connection_.run(
                "UPDATE message_status SET delivered_to = $1 WHERE at = $2 AND at > (SELECT coalesce(max(at), -1)"
                " FROM message_status WHERE conversation = $3 AND delivered_to IS NOT NULL)",
                at, row.at, conversation);
        } else if (event.kind == StatusEvent::Kind::displayed) {
            connection_.run(
                "UPDATE message_status SET displayed_to = $1 WHERE at = $2 AND at > (SELECT coalesce(max(at), -1)"
                " FROM message_status WHERE conversation = $3 AND displayed_to IS NOT NULL)",
                at, row.at, conversation);
        }
    }

    Connection& connection_;
    std::string_view owner_;
    std::string_view peer_;
    std::optional<std::int64_t> number_;
    std::optional<std::int64_t> last_;
};

std::optional<Timestamp> earlier(std::optional<Timestamp> one, std::optional<Timestamp> other) {
    if (!one || !other) return one ? one : other;
    return std::min(*one, *other);
}

/// A message with the marks that are on it or next behind it. What was displayed was delivered.
MessageState combined(MessageState state, std::optional<Timestamp> delivered_to,
                      std::optional<Timestamp> displayed_to) {
    state.delivered = earlier(earlier(state.delivered, delivered_to), displayed_to);
    state.displayed = displayed_to;
    return state;
}

std::optional<Timestamp> next_delivered(Connection& connection, std::int64_t conversation, std::int64_t at) {
    Rows rows = connection.query(
        "SELECT delivered_to FROM message_status WHERE conversation = $1 AND delivered_to IS NOT NULL AND at >= $2"
        " ORDER BY at LIMIT 1",
        conversation, at);
    return rows.next() ? optional_time_of(rows, 0) : std::nullopt;
}

std::optional<Timestamp> next_displayed(Connection& connection, std::int64_t conversation, std::int64_t at) {
    Rows rows = connection.query(
        "SELECT displayed_to FROM message_status WHERE conversation = $1 AND displayed_to IS NOT NULL AND at >= $2"
        " ORDER BY at LIMIT 1",
        conversation, at);
    return rows.next() ? optional_time_of(rows, 0) : std::nullopt;
}

void remove_if_empty(Connection& connection, std::int64_t conversation) {
    connection.run(
        "DELETE FROM message_conversations WHERE number = $1"
        " AND NOT EXISTS (SELECT 1 FROM message_status WHERE conversation = $1)",
        conversation);
}

}  // namespace

const std::span<const Migration> MessageStatus::migrations{steps};

void MessageStatus::apply(Connection& connection, std::span<const StatusEvent> events) {
    Batch batch{connection};
    for (const StatusEvent& event : events) batch.add(event);
}

std::optional<MessageState> MessageStatus::find(Connection& connection, std::string_view owner, std::string_view peer,
                                                std::string_view id) {
    const std::optional<std::int64_t> conversation = find_conversation(connection, owner, peer);
    if (!conversation) return std::nullopt;
    std::optional<Row> row = find_row(connection, *conversation, id);
    if (!row) return std::nullopt;
    return combined(std::move(row->state), next_delivered(connection, *conversation, row->at),
                    next_displayed(connection, *conversation, row->at));
}

std::vector<MessageState> MessageStatus::page(Connection& connection, std::string_view owner, std::string_view peer,
                                              std::size_t limit) {
    std::vector<MessageState> messages;
    const std::optional<std::int64_t> conversation = find_conversation(connection, owner, peer);
    if (!conversation) return messages;
    Rows rows = connection.query(
        "SELECT at, id, delivered, delivered_to, displayed_to FROM message_status WHERE conversation = $1"
        " ORDER BY at DESC LIMIT $2",
        *conversation, limit);
    std::optional<Timestamp> delivered_to;
    std::optional<Timestamp> displayed_to;
    while (rows.next()) {
        Row row = row_of(rows);
        if (row.delivered_to) delivered_to = row.delivered_to;
        if (row.displayed_to) displayed_to = row.displayed_to;
        messages.push_back(combined(std::move(row.state), delivered_to, displayed_to));
    }
    return messages;
}

std::size_t MessageStatus::forget_before(Connection& connection, Timestamp cutoff, std::size_t at_most) {
    std::vector<std::int64_t> conversations;
    std::size_t found = 0;
    std::int64_t last = 0;
    {
        Rows rows = connection.query("SELECT at, conversation FROM message_status WHERE at < $1 ORDER BY at LIMIT $2",
                                     microseconds(cutoff), at_most);
        for (; rows.next(); ++found) {
            last = rows.integer(0);
            conversations.push_back(rows.integer(1));
        }
    }
    if (found == 0) return 0;
    connection.run("DELETE FROM message_status WHERE at <= $1", last);
    std::ranges::sort(conversations);
    conversations.erase(std::ranges::unique(conversations).begin(), conversations.end());
    for (const std::int64_t conversation : conversations) remove_if_empty(connection, conversation);
    return found;
}

void MessageStatus::remove_owner(Connection& connection, std::string_view owner) {
    connection.run("UPDATE message_conversations SET owner = NULL WHERE owner = $1", owner);
}

std::size_t MessageStatus::purge(Connection& connection, std::size_t at_most) {
    std::size_t purged = 0;
    while (purged < at_most) {
        std::int64_t conversation = 0;
        {
            Rows rows = connection.query("SELECT number FROM message_conversations WHERE owner IS NULL LIMIT 1");
            if (!rows.next()) break;
            conversation = rows.integer(0);
        }
        const std::size_t wanted = at_most - purged;
        const auto deleted = static_cast<std::size_t>(
            connection.run("DELETE FROM message_status WHERE at IN"
                           " (SELECT at FROM message_status WHERE conversation = $1 ORDER BY at LIMIT $2)",
                           conversation, wanted));
        purged += deleted;
        if (deleted < wanted) remove_if_empty(connection, conversation);
    }
    return purged;
}

}  // namespace aldis::db
