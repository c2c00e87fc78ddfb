#include "modules/mam/page.h"

#include <algorithm>
#include <ranges>

#include "modules/search_rules.h"

namespace aldis::modules::mam {
namespace {

constexpr stanza::Error unknown_id{Condition::item_not_found, ErrorType::cancel, "No such message."};
constexpr stanza::Error no_nodes{Condition::feature_not_implemented, ErrorType::cancel, "There are no nodes here."};
constexpr stanza::Error no_index{Condition::feature_not_implemented, ErrorType::cancel,
                                 "Pages are found by id, not by number."};
constexpr stanza::Error too_many_ids{Condition::not_acceptable, ErrorType::modify, "Too many ids."};

/// Nothing stays nothing; what is no id of ours is in no archive.
Result<std::optional<db::ArchiveId>> id_of(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    const std::optional<db::ArchiveId> id = db::ArchiveId::parse(*text);
    if (!id) return std::unexpected{unknown_id};
    return id;
}

Result<void> take_filter(const xep::mam::Filter& filter, db::ArchiveRange& range) {
    if (filter.with) {
        range.with = std::string{filter.with->bare_text()};
        if (!filter.with->is_bare()) range.with_resource = std::string{filter.with->resource()};
    }
    range.start = filter.start;
    range.end = filter.end;
    const Result<std::optional<db::ArchiveId>> after = id_of(filter.after_id);
    const Result<std::optional<db::ArchiveId>> before = id_of(filter.before_id);
    if (!after || !before) return std::unexpected{unknown_id};
    range.after_id = *after;
    range.before_id = *before;
    for (const std::string& text : filter.ids) {
        const std::optional<db::ArchiveId> id = db::ArchiveId::parse(text);
        if (!id) return std::unexpected{unknown_id};
        range.ids.push_back(*id);
    }
    if (!filter.fulltext) return {};
    Result<std::vector<db::SearchTerm>> terms = search::terms_of(*filter.fulltext);
    if (!terms) return std::unexpected{terms.error()};
    range.terms = std::move(*terms);
    return {};
}

Result<void> take_paging(const xep::rsm::Set& set, db::ArchiveRange& range) {
    if (set.index) return std::unexpected{no_index};
    range.last_page = set.before && set.before->empty();
    const Result<std::optional<db::ArchiveId>> after = id_of(set.after);
    if (!after) return std::unexpected{unknown_id};
    range.after = *after;
    if (range.last_page) return {};
    const Result<std::optional<db::ArchiveId>> before = id_of(set.before);
    if (!before) return std::unexpected{unknown_id};
    range.before = *before;
    return {};
}

/// Where the page begins in the whole result, where that is known without counting.
std::optional<std::uint64_t> index_of(const db::ArchivePage& page, const db::ArchiveRange& range) {
    if (range.after || range.before) return std::nullopt;
    if (!range.last_page) return 0;
    if (!page.count || *page.count < page.entries.size()) return std::nullopt;
    return *page.count - page.entries.size();
}

}  // namespace

Result<db::ArchiveRange> range_of(const xep::mam::Query& query, PageSizes sizes) {
    if (query.node) return std::unexpected{no_nodes};
    const Result<xep::mam::Filter> filter = xep::mam::filter_of(query);
    if (!filter) return std::unexpected{filter.error()};
    if (filter->ids.size() > sizes.largest) return std::unexpected{too_many_ids};

    db::ArchiveRange range{.max = std::min(sizes.usual, sizes.largest)};
    if (const Result<void> taken = take_filter(*filter, range); !taken) return std::unexpected{taken.error()};
    if (query.set) {
        if (const Result<void> taken = take_paging(*query.set, range); !taken) return std::unexpected{taken.error()};
        if (query.set->max) range.max = std::min(*query.set->max, sizes.largest);
    }
    // Whoever goes on from a page has been told the number with the first one, unless that is all he asks for.
    range.count = range.max == 0 || (!range.after && !range.before);
    return range;
}

bool goes_back(const db::ArchiveRange& range) { return range.last_page || range.before; }

void cut(db::ArchivePage& page, const db::ArchiveRange& range, std::size_t bytes) {
    std::size_t kept = 0;
    std::size_t size = 0;
    const auto fits = [&](const db::ArchivedMessage& entry) {
        size += entry.stanza.size();
        return kept == 0 || size <= bytes;
    };
    const auto count = [&](auto&& entries) {
        for (const db::ArchivedMessage& entry : entries) {
            if (!fits(entry)) return;
            ++kept;
        }
    };
    auto& entries = page.entries;
    goes_back(range) ? count(std::views::reverse(entries)) : count(entries);
    if (kept == entries.size()) return;
    page.complete = false;
    if (goes_back(range)) {
        entries.erase(entries.begin(), entries.end() - static_cast<std::ptrdiff_t>(kept));
    } else {
        entries.resize(kept);
    }
}

xep::mam::Fin fin_of(const db::ArchivePage& page, const db::ArchiveRange& range) {
    xep::mam::Fin fin{.complete = page.complete, .stable = page.stable, .set = {.count = page.count}};
    if (page.entries.empty()) return fin;
    fin.set.first = xep::rsm::First{.index = index_of(page, range), .id = page.entries.front().id.text()};
    fin.set.last = page.entries.back().id.text();
    return fin;
}

}  // namespace aldis::modules::mam
