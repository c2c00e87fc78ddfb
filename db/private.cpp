#include "db/private.h"

namespace aldis::db {

namespace {

constexpr Migration steps[] = {
    {1,
     "CREATE TABLE private_data ("
     " owner TEXT NOT NULL,"
     " ns TEXT NOT NULL,"
     " name TEXT NOT NULL,"
     " bytes INTEGER NOT NULL,"
     " xml TEXT NOT NULL,"
     " PRIMARY KEY (owner, ns, name))"},
};

struct Stored {
    std::int64_t elements = 0;
    std::int64_t bytes = 0;
};

Stored stored(Connection& connection, std::string_view owner) {
    Rows rows = connection.query("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM private_data WHERE owner = $1", owner);
    if (!rows.next()) return {};
    return {.elements = rows.integer(0), .bytes = rows.integer(1)};
}

/// What one of them takes; nothing: it is not there.
Stored stored(Connection& connection, std::string_view owner, const PrivateElement& element) {
    Rows rows = connection.query("SELECT bytes FROM private_data WHERE owner = $1 AND ns = $2 AND name = $3", owner,
                                 element.ns, element.name);
    if (!rows.next()) return {};
    return {.elements = 1, .bytes = rows.integer(0)};
}

std::int64_t bytes_of(const PrivateElement& element) {
    return static_cast<std::int64_t>(element.ns.size() + element.name.size() + element.xml.size());
}

}  // namespace

const std::span<const Migration> PrivateData::migrations{steps};

std::string PrivateData::find(Connection& connection, std::string_view owner, std::string_view ns,
                              std::string_view name) {
    Rows rows =
        connection.query("SELECT xml FROM private_data WHERE owner = $1 AND ns = $2 AND name = $3", owner, ns, name);
    return rows.next() ? std::string{rows.text(0)} : std::string{};
}

bool PrivateData::put(Connection& connection, std::string_view owner, const std::vector<PrivateElement>& elements,
                      const Bounds& bounds) {
    const Stored before = stored(connection, owner);
    Stored after = before;
    for (const PrivateElement& element : elements) {
        const Stored replaced = stored(connection, owner, element);
        after.elements += (element.xml.empty() ? 0 : 1) - replaced.elements;
        after.bytes += (element.xml.empty() ? 0 : bytes_of(element)) - replaced.bytes;
    }
    // Who has too much, because the bounds were other ones, may still store less.
    const bool too_many =
        after.elements > before.elements && static_cast<std::uint64_t>(after.elements) > bounds.elements;
    const bool too_large = after.bytes > before.bytes && static_cast<std::uint64_t>(after.bytes) > bounds.bytes;
    if (too_many || too_large) return false;

    for (const PrivateElement& element : elements) {
        if (element.xml.empty()) {
            connection.run("DELETE FROM private_data WHERE owner = $1 AND ns = $2 AND name = $3", owner, element.ns,
                           element.name);
            continue;
        }
        connection.run(
            "INSERT INTO private_data (owner, ns, name, bytes, xml) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (owner, ns, name) DO UPDATE SET bytes = excluded.bytes, xml = excluded.xml",
            owner, element.ns, element.name, bytes_of(element), element.xml);
    }
    return true;
}

void PrivateData::remove_owner(Connection& connection, std::string_view owner) {
    connection.run("DELETE FROM private_data WHERE owner = $1", owner);
}

}  // namespace aldis::db
