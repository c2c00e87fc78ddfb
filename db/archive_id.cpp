#include "db/archive_id.h"

#include <array>
#include <charconv>

namespace aldis::db {

namespace {
constexpr std::size_t digits = 16;
}

std::string ArchiveId::text() const {
    std::array<char, digits> buffer{};
    const auto end = std::to_chars(buffer.begin(), buffer.end(), static_cast<std::uint64_t>(number_), 16).ptr;
    const auto used = static_cast<std::size_t>(end - buffer.begin());
    return std::string(digits - used, '0').append(buffer.data(), used);
}

std::optional<ArchiveId> ArchiveId::parse(std::string_view text) {
    if (text.size() != digits || text.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        return std::nullopt;
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number, 16);
    if (number > static_cast<std::uint64_t>(largest)) return std::nullopt;
    return ArchiveId{static_cast<std::int64_t>(number)};
}

}  // namespace aldis::db
