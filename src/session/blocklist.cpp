#include "session/blocklist.h"

#include <algorithm>
#include <ranges>

namespace aldis::session {

std::size_t Blocklist::Table::place_of(std::string_view address) const {
    // What is added last is asked for first, when lists are read from disk.
    if (!ends.empty() && at(ends.size() - 1) < address) return ends.size();
    const auto indices = std::views::iota(std::size_t{0}, ends.size());
    const auto place = std::ranges::lower_bound(indices, address, {}, [this](std::size_t i) { return at(i); });
    return static_cast<std::size_t>(place - indices.begin());
}

bool Blocklist::Table::has(std::string_view address) const {
    const std::size_t place = place_of(address);
    return place < ends.size() && at(place) == address;
}

Blocklist::Blocklist(const Blocklist& other)
    : table_{other.table_ ? std::make_unique<Table>(*other.table_) : nullptr} {}

Blocklist& Blocklist::operator=(const Blocklist& other) {
    table_ = other.table_ ? std::make_unique<Table>(*other.table_) : nullptr;
    return *this;
}

bool Blocklist::blocks(const Jid& jid) const {
    if (!table_ || jid.empty()) return false;
    // The order of the text, which matters only to privacy lists: here all that matches blocks. That leaves
    // <domain/resource>: it is the text of the only address that it matches.
    return table_->has(jid.text()) || (!jid.is_bare() && table_->has(jid.bare_text())) || table_->has(jid.domain());
}

bool Blocklist::add(const Jid& jid) {
    if (jid.empty() || contains(jid)) return false;
    if (!table_) table_ = std::make_unique<Table>();
    Table& table = *table_;
    const std::string& address = jid.text();
    const std::size_t place = table.place_of(address);
    const std::size_t start = table.start(place);
    const auto length = static_cast<std::uint32_t>(address.size());
    table.text.insert(start, address);
    const auto added =
        table.ends.insert(table.ends.begin() + static_cast<std::ptrdiff_t>(place), static_cast<std::uint32_t>(start));
    for (std::uint32_t& end : std::ranges::subrange(added, table.ends.end())) end += length;
    return true;
}

bool Blocklist::remove(const Jid& jid) {
    if (jid.empty() || !contains(jid)) return false;
    if (size() == 1) {
        clear();
        return true;
    }
    Table& table = *table_;
    const std::size_t place = table.place_of(jid.text());
    const auto length = static_cast<std::uint32_t>(jid.text().size());
    table.text.erase(table.start(place), length);
    const auto after = table.ends.erase(table.ends.begin() + static_cast<std::ptrdiff_t>(place));
    for (std::uint32_t& end : std::ranges::subrange(after, table.ends.end())) end -= length;
    return true;
}

}  // namespace aldis::session
