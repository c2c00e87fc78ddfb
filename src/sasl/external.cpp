#include "sasl/external.h"

#include <algorithm>

#include "sasl/scram_messages.h"
#include "sasl/text.h"

namespace aldis::sasl {
namespace {

constexpr Refusal whose_unclear{Failure::invalid_authzid, "certificate is good for more than one address"};

std::string localpart_of(std::string_view account) { return std::string{account.substr(0, account.find('@'))}; }

}  // namespace

/// RFC 4422 section A.1: the message is an authorization identity, or empty.
Step External::first(std::string_view message) {
    if (message.size() > largest_message) return Refusal{Failure::malformed_request, "message too long"};
    if (!is_utf8(message) || message.find('\0') != std::string_view::npos)
        return Refusal{Failure::malformed_request, "authorization identity is no text"};
    if (!terms_.certificate) return Refusal{Failure::not_authorized, "no certificate"};
    // XEP-0257 "SASL EXTERNAL": "The server still MUST reject the certificate if it is expired."
    if (terms_.certificate->expired) return Refusal{Failure::credentials_expired, "certificate has expired"};
    if (!message.empty()) {
        if (terms_.read_address != nullptr) wanted_ = terms_.read_address(message);
        if (!wanted_) return Refusal{Failure::invalid_authzid, "authorization identity is no address"};
    }
    return NeedCredentials{.username = {}, .authzid = std::string{message}, .kind = NeedCredentials::Kind::holders};
}

bool External::is_named(const std::string& account) const {
    const std::vector<Identity>& addresses = terms_.certificate->addresses;
    return std::ranges::find(addresses, account, &Identity::account) != addresses.end();
}

/// What a certificate says of itself counts if somebody who is trusted has signed it, and not otherwise.
bool External::is_good_for(const CertificateHolder& holder) const {
    if (!holder.account.contains('@')) return false;
    return holder.enrolled || (terms_.certificate->trusted && is_named(holder.account));
}

Step External::provide(const Account& account) const {
    const Read<const CertificateHolder*> holder = choose(account);
    if (!holder) return holder.error();
    Read<std::string> resource = resource_for(**holder);
    if (!resource) return resource.error();
    if ((*holder)->barred) return Refusal{*(*holder)->barred, "account is barred"};
    Success success{.username = localpart_of((*holder)->account), .authzid = {}, .additional_data = {}};
    success.resource = *std::move(resource);
    return success;
}

/// XEP-0178, where the server "determines whether to allow authentication and authorization". Anybody can enrol
/// anybody's certificate, as it is no secret: nobody is taken to an account that he has not named, nor has his
/// certificate.
Read<const CertificateHolder*> External::choose(const Account& account) const {
    const CertificateHolder* chosen = nullptr;
    bool any = false;
    for (const CertificateHolder& holder : account.holders) {
        if (!is_good_for(holder)) continue;
        any = true;
        if (wanted_ ? holder.account != wanted_->account : !is_named(holder.account)) continue;
        if (chosen != nullptr && chosen->account != holder.account) return std::unexpected{whose_unclear};
        chosen = &holder;
    }
    if (!any) return std::unexpected{Refusal{Failure::not_authorized, "certificate of nobody here"}};
    if (chosen != nullptr) return chosen;
    if (!wanted_) return std::unexpected{Refusal{Failure::not_authorized, "certificate names nobody here"}};
    return std::unexpected{Refusal{Failure::invalid_authzid, "certificate of somebody else"}};
}

/// XEP-0257 "SASL EXTERNAL": a certificate for a full JID is good for that resource only.
Read<std::string> External::resource_for(const CertificateHolder& holder) const {
    std::vector<std::string_view> resources;
    for (const Identity& address : terms_.certificate->addresses)
        if (address.account == holder.account) resources.emplace_back(address.resource);
    if (wanted_ && !wanted_->resource.empty()) {
        if (std::ranges::find(resources, wanted_->resource) == resources.end())
            return std::unexpected{Refusal{Failure::invalid_authzid, "certificate does not name this resource"}};
        return wanted_->resource;
    }
    if (resources.empty() || std::ranges::find(resources, std::string_view{}) != resources.end()) return std::string{};
    if (std::ranges::count(resources, resources.front()) != std::ssize(resources))
        return std::unexpected{whose_unclear};
    return std::string{resources.front()};
}

}  // namespace aldis::sasl
