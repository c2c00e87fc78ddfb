#include "server/guard.h"

#include <arpa/inet.h>

namespace aldis::server {

std::string AddressGuard::network_of(std::string_view address) {
    const std::string text{address};
    in6_addr bits{};
    if (::inet_pton(AF_INET6, text.c_str(), &bits) != 1) return text;
    if (IN6_IS_ADDR_V4MAPPED(&bits)) return text;
    return {reinterpret_cast<const char*>(bits.s6_addr), 8};
}

bool AddressGuard::expired(const Entry& entry) const {
    return entry.unauthenticated == 0 && entry.guests == 0 &&
           (entry.registrations == 0 || clock_.steady() > entry.registered_until) &&
           (entry.failures == 0 || clock_.steady() - entry.since > limits_.failed_logins_window);
}

void AddressGuard::make_room() {
    if (entries_.size() < most_entries) return;
    std::erase_if(entries_, [&](const auto& entry) { return expired(entry.second); });
    // Under an attack from everywhere, forgetting is better than growing.
    if (entries_.size() >= most_entries)
        std::erase_if(entries_,
                      [](const auto& entry) { return entry.second.unauthenticated == 0 && entry.second.guests == 0; });
}

bool AddressGuard::admit(std::string_view address) {
    const std::lock_guard lock{mutex_};
    if (connections_ >= limits_.connections) return false;
    if (!limits_.enabled) return ++connections_ > 0;
    make_room();
    Entry& entry = entries_[network_of(address)];
    if (entry.unauthenticated >= limits_.unauthenticated_per_address) return false;
    ++entry.unauthenticated;
    return ++connections_ > 0;
}

void AddressGuard::released(std::string_view address) {
    const std::lock_guard lock{mutex_};
    const auto place = entries_.find(network_of(address));
    if (place == entries_.end()) return;
    if (place->second.unauthenticated > 0) --place->second.unauthenticated;
    if (expired(place->second)) entries_.erase(place);
}

void AddressGuard::gone() {
    const std::lock_guard lock{mutex_};
    --connections_;
}

bool AddressGuard::may_try(std::string_view address) {
    const std::lock_guard lock{mutex_};
    if (!limits_.enabled) return true;
    const auto place = entries_.find(network_of(address));
    if (place == entries_.end()) return true;
    if (clock_.steady() - place->second.since > limits_.failed_logins_window) place->second.failures = 0;
    return place->second.failures < limits_.failed_logins_per_address;
}

void AddressGuard::failed(std::string_view address, std::string_view) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    const std::lock_guard lock{mutex_};
    if (!limits_.enabled) return;
    make_room();
    Entry& entry = entries_[network_of(address)];
    if (entry.failures == 0 || clock_.steady() - entry.since > limits_.failed_logins_window) {
        entry.failures = 0;
        entry.since = clock_.steady();
    }
    ++entry.failures;
}

void AddressGuard::succeeded(std::string_view, std::string_view) { successes_.fetch_add(1, std::memory_order_relaxed); }

bool AddressGuard::take_registration(std::string_view address, std::uint32_t most, std::chrono::seconds window) {
    const std::lock_guard lock{mutex_};
    if (!limits_.enabled) return true;
    make_room();
    Entry& entry = entries_[network_of(address)];
    if (entry.registrations == 0 || clock_.steady() > entry.registered_until) {
        entry.registrations = 0;
        entry.registered_until = clock_.steady() + window;
    }
    if (entry.registrations >= most) return false;
    return ++entry.registrations > 0;
}

void AddressGuard::return_registration(std::string_view address) {
    const std::lock_guard lock{mutex_};
    const auto place = entries_.find(network_of(address));
    if (place != entries_.end() && place->second.registrations > 0) --place->second.registrations;
}

bool AddressGuard::admit_guest(std::string_view address) {
    const std::lock_guard lock{mutex_};
    make_room();
    // Counted where nothing is limited too: the limits may change while they are here.
    Entry& entry = entries_[network_of(address)];
    const bool full = guests_ >= limits_.guests || entry.guests >= limits_.guests_per_address;
    if (limits_.enabled && full) return false;
    ++guests_;
    return ++entry.guests > 0;
}

void AddressGuard::guest_gone(std::string_view address) {
    const std::lock_guard lock{mutex_};
    --guests_;
    const auto place = entries_.find(network_of(address));
    if (place == entries_.end()) return;
    --place->second.guests;
    if (expired(place->second)) entries_.erase(place);
}

void AddressGuard::set_limits(const config::Limits& limits) {
    const std::lock_guard lock{mutex_};
    limits_ = limits;
}

}  // namespace aldis::server
