#include <algorithm>

#include "db/archive_rows.h"
#include "db/search.h"

namespace aldis::db {

using namespace archive_rows;

namespace {

/// The ids between two bounds, both exclusive.
struct Between {
    std::int64_t low = -1;
    std::int64_t high = ArchiveId::largest;

    void above(std::int64_t id) { low = std::max(low, id); }
    void below(std::int64_t id) { high = std::min(high, id); }
};

/// A range in the numbers of the database.
struct Wanted {
    std::int64_t owner = 0;
    std::optional<std::int64_t> peer;
    std::optional<std::string> resource;
    std::string match;  ///< what db::Search is asked for; empty: nothing
    Between all;        ///< the whole result
    Between page;       ///< what is left of it beyond `after` and `before`
    bool backward = false;
    std::size_t max = 0;
};

bool contains(Connection& connection, std::int64_t owner, ArchiveId id) {
    return connection.query("SELECT 1 FROM archive WHERE id = $1 AND owner = $2", id.number(), owner).next();
}

/// XEP-0313 1.1.3 "Querying the archive" and "Paging": an id that is not in the archive is an error, not an empty
/// result.
bool knows_every_id(Connection& connection, std::int64_t owner, const ArchiveRange& range) {
    const auto known = [&](const std::optional<ArchiveId>& id) { return !id || contains(connection, owner, *id); };
    return known(range.after) && known(range.before) && known(range.after_id) && known(range.before_id) &&
           std::ranges::all_of(range.ids, [&](ArchiveId id) { return contains(connection, owner, id); });
}

ArchivePage empty_page() {
    ArchivePage page;
    page.count = 0;
    return page;
}

bool names_an_id(const ArchiveRange& range) {
    return range.after || range.before || range.after_id || range.before_id || !range.ids.empty();
}

Wanted search_of(const ArchiveRange& range, std::int64_t owner) {
    Wanted search;
    search.owner = owner;
    search.resource = range.with_resource;
    search.backward = range.last_page || range.before;
    search.max = range.max;
    if (range.start) search.all.above(std::max<std::int64_t>(range.start->time_since_epoch().count(), 0) - 1);
    if (range.end && range.end->time_since_epoch().count() < ArchiveId::largest) {
        search.all.below(range.end->time_since_epoch().count() + 1);
    }
    if (range.after_id) search.all.above(range.after_id->number());
    if (range.before_id) search.all.below(range.before_id->number());
    search.page = search.all;
    if (range.after) search.page.above(range.after->number());
    if (range.before) search.page.below(range.before->number());
    return search;
}

/// Out of the index of words, whose matches are in the order of their ids, both ways. It has the words of this owner
/// and, if there is a peer, of this conversation by themselves; that the owner is asked for again costs nothing.
Rows find_words(Connection& connection, const Wanted& search, std::size_t limit) {
    const auto [low, high] = search.page;
    if (search.backward) {
        return connection.query(
            "SELECT archive.id, flags, stanza, resource FROM search_index CROSS JOIN archive"
            " ON archive.id = search_index.rowid WHERE search_index MATCH $1 AND search_index.rowid > $2"
            " AND search_index.rowid < $3 AND owner = $4 ORDER BY search_index.rowid DESC LIMIT $5",
            search.match, low, high, search.owner, limit);
    }
    return connection.query(
        "SELECT archive.id, flags, stanza, resource FROM search_index CROSS JOIN archive"
        " ON archive.id = search_index.rowid WHERE search_index MATCH $1 AND search_index.rowid > $2"
        " AND search_index.rowid < $3 AND owner = $4 ORDER BY search_index.rowid LIMIT $5",
        search.match, low, high, search.owner, limit);
}

/// The rows of a search, in its direction: id, flags, stanza, resource. Both ways along the end of an index.
Rows find(Connection& connection, const Wanted& search, std::size_t limit) {
    if (!search.match.empty()) return find_words(connection, search, limit);
    const auto [low, high] = search.page;
    if (search.peer && search.backward) {
        return connection.query(
            "SELECT id, flags, stanza, resource FROM archive WHERE owner = $1 AND peer = $2 AND id > $3 AND id < $4"
            " ORDER BY id DESC LIMIT $5",
            search.owner, *search.peer, low, high, limit);
    }
    if (search.peer) {
        return connection.query(
            "SELECT id, flags, stanza, resource FROM archive WHERE owner = $1 AND peer = $2 AND id > $3 AND id < $4"
            " ORDER BY id LIMIT $5",
            search.owner, *search.peer, low, high, limit);
    }
    if (search.backward) {
        return connection.query(
            "SELECT id, flags, stanza, resource FROM archive WHERE owner = $1 AND id > $2 AND id < $3"
            " ORDER BY id DESC LIMIT $4",
            search.owner, low, high, limit);
    }
    return connection.query(
        "SELECT id, flags, stanza, resource FROM archive WHERE owner = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4",
        search.owner, low, high, limit);
}

bool matches(const Rows& rows, const Wanted& search) { return !search.resource || rows.text(3) == *search.resource; }

/// One row more than wanted is looked for: it tells whether the page is the last.
Result<ArchivePage> read_page(Connection& connection, const Wanted& search) {
    ArchivePage page;
    const std::size_t limit = search.resource ? Archive::scan_limit + 1 : search.max + 1;
    Rows rows = find(connection, search, limit);
    for (std::size_t seen = 0; page.complete && rows.next(); ++seen) {
        if (seen == Archive::scan_limit && search.resource) {
            return refuse(Condition::resource_constraint, ErrorType::modify,
                          "Too much to look through: give start and end.");
        }
        if (!matches(rows, search)) continue;
        if (page.entries.size() == search.max)
            page.complete = false;
        else
            page.entries.push_back(message_of(rows));
    }
    if (search.backward) std::ranges::reverse(page.entries);
    return page;
}

/// By the index alone, and no further than the limit.
std::optional<std::uint64_t> count(Connection& connection, const Wanted& search) {
    if (search.resource) return std::nullopt;
    const std::size_t limit = Archive::count_limit + 1;
    const auto [low, high] = search.all;
    Rows rows = !search.match.empty() ? connection.query(
                                            "SELECT count(*) FROM (SELECT 1 FROM search_index WHERE"
                                            " search_index MATCH $1 AND rowid > $2 AND rowid < $3 LIMIT $4)",
                                            search.match, low, high, limit)
                : search.peer ? connection.query(
                                    "SELECT count(*) FROM (SELECT 1 FROM archive WHERE owner = $1 AND peer = $2"
                                    " AND id > $3 AND id < $4 LIMIT $5)",
                                    search.owner, *search.peer, low, high, limit)
                              : connection.query(
                                    "SELECT count(*) FROM (SELECT 1 FROM archive WHERE owner = $1"
                                    " AND id > $2 AND id < $3 LIMIT $4)",
                                    search.owner, low, high, limit);
    const std::uint64_t counted = rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
    if (counted > Archive::count_limit) return std::nullopt;
    return counted;
}

/// The same where the page may tell already. To find the words that begin so takes FTS5 too long to do it twice.
std::optional<std::uint64_t> count(Connection& connection, const Wanted& search, const ArchiveRange& range,
                                   const ArchivePage& page) {
    if (page.complete && search.max > 0 && !range.after && !range.before) return page.entries.size();
    if (search.max > 0 && std::ranges::any_of(range.terms, &SearchTerm::prefix)) return std::nullopt;
    return count(connection, search);
}

bool has_words(Connection& connection, const Wanted& search, ArchiveId id) {
    return connection
        .query("SELECT 1 FROM search_index WHERE search_index MATCH $1 AND rowid = $2", search.match, id.number())
        .next();
}

std::optional<ArchivedMessage> one(Connection& connection, const Wanted& search, ArchiveId id) {
    Rows rows = connection.query("SELECT id, flags, stanza, resource, peer FROM archive WHERE id = $1 AND owner = $2",
                                 id.number(), search.owner);
    if (!rows.next() || !matches(rows, search)) return std::nullopt;
    if (search.peer && rows.integer(4) != *search.peer) return std::nullopt;
    if (!search.match.empty() && !has_words(connection, search, id)) return std::nullopt;
    return message_of(rows);
}

/// The same page out of a list of ids.
ArchivePage page_of_ids(Connection& connection, const Wanted& search, std::vector<ArchiveId> ids) {
    std::ranges::sort(ids);
    ids.erase(std::ranges::unique(ids).begin(), ids.end());
    const auto outside = [](const Between& between) {
        return [&between](ArchiveId id) { return id.number() <= between.low || id.number() >= between.high; };
    };
    std::erase_if(ids, outside(search.all));
    ArchivePage page;
    // What else is asked for is looked at below, and only as far as the page goes.
    if (!search.peer && !search.resource && search.match.empty()) page.count = ids.size();
    std::erase_if(ids, outside(search.page));
    if (search.backward) std::ranges::reverse(ids);
    for (const ArchiveId id : ids) {
        std::optional<ArchivedMessage> message = one(connection, search, id);
        if (!message) continue;
        if (page.entries.size() == search.max) {
            page.complete = false;
            break;
        }
        page.entries.push_back(std::move(*message));
    }
    if (search.backward) std::ranges::reverse(page.entries);
    return page;
}

}  // namespace

Result<ArchivePage> Archive::page(Connection& connection, std::string_view owner, const ArchiveRange& range) {
    const std::optional<std::int64_t> number = owner_of(connection, owner);
    if ((!number && names_an_id(range)) || (number && !knows_every_id(connection, *number, range))) {
        return refuse(Condition::item_not_found, ErrorType::cancel, "No such message.");
    }
    if (!number) return empty_page();
    Wanted search = search_of(range, *number);
    if (range.with) {
        search.peer = peer_of(connection, *range.with);
        if (!search.peer) return empty_page();
    }
    if (!range.terms.empty()) search.match = search_terms::match_of(*number, search.peer, range.terms);
    if (!range.ids.empty()) return page_of_ids(connection, search, range.ids);
    Result<ArchivePage> page = read_page(connection, search);
    if (page && range.count) page->count = count(connection, search, range, *page);
    if (page && !range.terms.empty()) page->stable = db::Search::has_all(connection, *number);
    return page;
}

std::optional<ArchiveMetadata> Archive::metadata(Connection& connection, std::string_view owner) {
    const std::optional<std::int64_t> number = owner_of(connection, owner);
    if (!number) return std::nullopt;
    Rows first = connection.query("SELECT id FROM archive WHERE owner = $1 ORDER BY id LIMIT 1", *number);
    Rows last = connection.query("SELECT id FROM archive WHERE owner = $1 ORDER BY id DESC LIMIT 1", *number);
    if (!first.next() || !last.next()) return std::nullopt;
    return ArchiveMetadata{.first = ArchiveId{first.integer(0)}, .last = ArchiveId{last.integer(0)}};
}

}  // namespace aldis::db
