#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "config/config.h"
#include "session/home.h"

namespace aldis::server {

/// Counts what addresses do before they have logged in: XEP-0205. One for all shards, behind a mutex, because an
/// address has no home; nothing that is logged in comes by here.
class AddressGuard final : public session::Guard {
public:
    AddressGuard(const config::Limits& limits, const Clock& clock) : limits_{limits}, clock_{clock} {}

    [[nodiscard]] bool admit(std::string_view address) override;
    void released(std::string_view address) override;
    void gone() override;
    [[nodiscard]] bool take_registration(std::string_view address, std::uint32_t most,
                                         std::chrono::seconds window) override;
    void return_registration(std::string_view address) override;
    [[nodiscard]] bool admit_guest(std::string_view address) override;
    void guest_gone(std::string_view address) override;
    [[nodiscard]] bool may_try(std::string_view address) override;
    void failed(std::string_view address, std::string_view mechanism) override;
    void succeeded(std::string_view address, std::string_view mechanism) override;
    void set_limits(const config::Limits& limits);

    [[nodiscard]] std::uint64_t successes() const { return successes_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }

    /// What counts as one address: an IPv4 address, or the first 64 bits of an IPv6 one.
    [[nodiscard]] static std::string network_of(std::string_view address);

private:
    struct Entry {
        std::uint32_t unauthenticated = 0;
        std::uint32_t failures = 0;
        std::uint32_t registrations = 0;
        std::uint32_t guests = 0;
        Instant since{};             ///< of the first failure that counts
        Instant registered_until{};  ///< then the registrations count no more
    };
    static constexpr std::size_t most_entries = 100'000;

    [[nodiscard]] bool expired(const Entry& entry) const;
    void make_room();

    config::Limits limits_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    std::uint32_t connections_ = 0;
    std::uint32_t guests_ = 0;
    std::atomic<std::uint64_t> successes_{0};
    std::atomic<std::uint64_t> failures_{0};
};

}  // namespace aldis::server
