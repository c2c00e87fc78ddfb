#include "sasl/plain.h"

#include <algorithm>

#include "sasl/scram_messages.h"
#include "sasl/text.h"

namespace aldis::sasl {
namespace {

constexpr std::size_t largest_password = 1023;

struct Message {
    std::string_view authzid;
    std::string_view username;
    std::string_view password;
};

/// RFC 4616 section 2: message = [authzid] UTF8NUL authcid UTF8NUL passwd
Read<Message> parse(std::string_view text) {
    if (text.size() > largest_message) return malformed("message too long");
    if (!is_utf8(text)) return malformed("message is not UTF-8");
    if (std::ranges::count(text, '\0') != 2) return malformed("not three parts");
    const std::size_t first = text.find('\0');
    const std::size_t second = text.find('\0', first + 1);
    const Message message{.authzid = text.substr(0, first),
                          .username = text.substr(first + 1, second - first - 1),
                          .password = text.substr(second + 1)};
    if (message.authzid.size() > largest_authzid) return malformed("bad authorization identity");
    if (message.username.empty() || message.username.size() > largest_username) return malformed("bad user name");
    if (message.password.empty() || message.password.size() > largest_password) return malformed("bad password");
    return message;
}

}  // namespace

Step Plain::first(std::string_view text) {
    const Read<Message> message = parse(text);
    if (!message) return message.error();
    username_ = message->username;
    authzid_ = message->authzid;
    if (terms_.prepare == nullptr) {
        password_ = message->password;
    } else {
        Result<std::string> prepared = terms_.prepare(message->password);
        if (!prepared) return Refusal{Failure::not_authorized, "password that no account can have"};
        password_ = *prepared;
        wipe(*prepared);
    }
    return NeedCredentials{.username = username_, .authzid = authzid_};
}

Step Plain::provide(const Account& account) {
    const bool right = knows_password(account);
    if (!account.credentials) return Refusal{Failure::not_authorized, "no such account"};
    if (!right) return Refusal{Failure::not_authorized, "wrong password"};
    if (account.barred) return Refusal{*account.barred, "account is barred"};
    Success success{.username = username_, .authzid = authzid_, .additional_data = {}};
    success.upgraded = upgrade(*account.credentials);
    wipe(password_);
    return success;
}

/// An account that does not exist costs what one costs that was stored here.
bool Plain::knows_password(const Account& account) const {
    const std::string_view name = account.name.empty() ? std::string_view{username_} : account.name;
    Credentials decoys;
    for (const Hash hash : terms_.hashes) decoys.set(hash, decoy(hash, terms_.decoy_secret, name, terms_.iterations));
    const bool known = account.credentials && !account.credentials->empty();
    return verify(password_, known ? *account.credentials : decoys) && known;
}

std::optional<Credentials> Plain::upgrade(const Credentials& stored) const {
    std::vector<Hash> missing;
    for (const Hash hash : terms_.hashes)
        if (stored.find(hash) == nullptr) missing.push_back(hash);
    if (missing.empty()) return std::nullopt;
    Credentials more = stored;
    more.add_missing(derive(password_, missing, terms_.iterations, random_));
    return more;
}

}  // namespace aldis::sasl
