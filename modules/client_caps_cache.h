#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace aldis::modules::client_caps {

/// What a client is known to want.
struct Known {
    std::string key;                    ///< Advertised::key()
    std::vector<std::string> notified;  ///< names of nodes, sorted

    /// About what it takes in memory.
    [[nodiscard]] std::size_t bytes() const;
};

/// What has been verified, by key. Has room for so much; what was not asked for longest goes first.
class Cache {
public:
    struct Room {
        std::size_t entries = 1'000;
        std::size_t bytes = 1 << 20;
    };
    explicit Cache(Room room) : room_{room} {}

    /// Null: it is not known.
    [[nodiscard]] std::shared_ptr<const Known> find(std::string_view key);
    void put(std::shared_ptr<const Known> known);

    [[nodiscard]] std::size_t entries() const { return order_.size(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    using Order = std::list<std::shared_ptr<const Known>>;
    void erase(Order::iterator place);

    Room room_;
    Order order_;                                                   ///< asked for last comes first
    std::unordered_map<std::string_view, Order::iterator> places_;  ///< by Known::key
    std::size_t bytes_ = 0;
};

}  // namespace aldis::modules::client_caps
