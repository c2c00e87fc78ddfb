#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jid/jid.h"

namespace aldis::session {

/// Whom an account does not want to hear of (XEP-0191): 8 bytes while it is empty, and the addresses' bytes and 4 more
/// each when it is not. How many it may hold is up to those who add.
class Blocklist {
public:
    Blocklist() = default;
    Blocklist(const Blocklist& other);
    Blocklist& operator=(const Blocklist& other);
    Blocklist(Blocklist&&) noexcept = default;
    Blocklist& operator=(Blocklist&&) noexcept = default;
    ~Blocklist() = default;

    /// Is there an item that matches this address? A full address, a bare address or a domain's own resource is
    /// matched by itself, a bare address' resources by the bare address, and all that a domain has by the domain.
    /// @see XEP-0191 "JID Matching"
    [[nodiscard]] bool blocks(const Jid& jid) const;

    /// Is this very address an item?
    [[nodiscard]] bool contains(const Jid& jid) const { return table_ && table_->has(jid.text()); }
    [[nodiscard]] std::size_t size() const { return table_ ? table_->ends.size() : 0; }
    [[nodiscard]] bool empty() const { return size() == 0; }

    /// Cheap at the end: who adds many does so in order of their texts.
    /// @return  false: it was there before
    bool add(const Jid& jid);
    /// @return  false: it was not there
    bool remove(const Jid& jid);
    void clear() { table_.reset(); }

    /// Calls `visit(address)` for each item, in order of their texts.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (std::size_t i = 0; i < size(); ++i) visit(table_->at(i));
    }

private:
    struct Table {
        [[nodiscard]] std::size_t start(std::size_t index) const { return index == 0 ? 0 : ends[index - 1]; }
        [[nodiscard]] std::string_view at(std::size_t index) const {
            return std::string_view{text}.substr(start(index), ends[index] - start(index));
        }
        /// Of the first that is not less.
        [[nodiscard]] std::size_t place_of(std::string_view address) const;
        [[nodiscard]] bool has(std::string_view address) const;

        std::string text;                 ///< the addresses, sorted, one after the other
        std::vector<std::uint32_t> ends;  ///< of each
    };

    std::unique_ptr<Table> table_;  ///< null: there is none
};

}  // namespace aldis::session
