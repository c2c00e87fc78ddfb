#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace aldis::db {

/// The numbers of the addresses that were used last, bounded: what was not used since the younger half last filled up
/// is forgotten as a whole.
class NameCache {
public:
    static constexpr std::size_t half = 4'000;

    [[nodiscard]] std::optional<std::int64_t> find(std::string_view name) {
        if (const auto found = young_.find(name); found != young_.end()) return found->second;
        const auto found = old_.find(name);
        if (found == old_.end()) return std::nullopt;
        const std::int64_t number = found->second;
        put(name, number);
        return number;
    }

    void put(std::string_view name, std::int64_t number) {
        if (young_.size() >= half) old_ = std::exchange(young_, {});
        young_.emplace(name, number);
    }

    void clear() {
        young_.clear();
        old_.clear();
    }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
    };
    using Half = std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>>;
    Half young_;
    Half old_;
};

}  // namespace aldis::db
