#include "modules/registration_rules.h"

#include <arpa/inet.h>

#include <algorithm>

#include "jid/precis.h"
#include "xml/codec.h"

namespace aldis::modules::registration {

namespace forms = xep::dataforms;
using xep::registration::Query;

namespace {

constexpr stanza::Error incomplete{Condition::not_acceptable, ErrorType::modify, "A name and a password are needed."};
constexpr stanza::Error too_little{Condition::bad_request, ErrorType::modify, "A name and a new password are needed."};

std::optional<std::array<std::uint8_t, 16>> bytes_of(const std::string& address, bool six) {
    std::array<std::uint8_t, 16> bytes{};
    if (inet_pton(six ? AF_INET6 : AF_INET, address.c_str(), bytes.data()) != 1) return std::nullopt;
    return bytes;
}

void require(forms::Form& form) {
    for (forms::Field& field : form.fields) field.required = field.type != forms::FieldType::hidden;
}

std::size_t characters_in(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_name_of(std::string_view username, const Jid& account) {
    const Result<Jid> named =
        username.contains('@') ? Jid::parse(username) : Jid::from_parts(username, account.domain());
    return named && *named == account;
}

}  // namespace

std::optional<Network> Network::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string address{text.substr(0, slash)};
    Network network;
    network.six_ = address.contains(':');
    const auto bytes = bytes_of(address, network.six_);
    const std::uint32_t most = network.six_ ? 128 : 32;
    const std::optional<std::uint32_t> bits =
        slash == std::string_view::npos ? most : xml::Codec<std::uint32_t>::parse(text.substr(slash + 1));
    if (!bytes || !bits || *bits > most) return std::nullopt;
    network.bytes_ = *bytes;
    network.bits_ = static_cast<std::uint8_t>(*bits);
    return network;
}

bool Network::contains(std::string_view address) const {
    const bool six = address.contains(':');
    const auto bytes = bytes_of(std::string{address}, six);
    if (!bytes || six != six_) return false;
    const std::size_t whole = bits_ / 8;
    if (!std::equal(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(whole), bytes->begin())) return false;
    const unsigned rest = bits_ % 8;
    return rest == 0 || (bytes_[whole] ^ (*bytes)[whole]) >> (8 - rest) == 0;
}

bool fits(std::string_view pattern, std::string_view name) {
    // The last `*` takes as many characters as are needed; earlier ones have what they need.
    std::size_t p = 0;
    std::size_t n = 0;
    std::size_t star = std::string_view::npos;
    std::size_t taken = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            taken = n;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
            ++p;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++taken;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool may_come_from(const Policy& policy, std::string_view address) {
    if (policy.mode != Mode::list) return policy.mode == Mode::open;
    if (policy.addresses.empty()) return !policy.names.empty();
    return std::ranges::any_of(policy.addresses, [&](const Network& network) { return network.contains(address); });
}

Result<void> check_name(const Policy& policy, std::string_view local) {
    const auto fits_name = [&](const std::string& pattern) { return fits(pattern, local); };
    if (policy.mode == Mode::list && !policy.names.empty() && std::ranges::none_of(policy.names, fits_name))
        return refuse(Condition::forbidden, ErrorType::auth, "This name is not in the list.");
    // A reserved name stays reserved in the eyes of clients that know only stringprep.
    const std::string older = nodeprep(local).value_or(std::string{local});
    if (std::ranges::any_of(policy.reserved, fits_name) ||
        std::ranges::any_of(policy.reserved, [&](const std::string& pattern) { return fits(pattern, older); }))
        return refuse(Condition::not_acceptable, ErrorType::modify, "This name is reserved.");
    return {};
}

bool is_of_admin(const Jid& account, std::span<const Jid> admins) {
    const auto older = [](const Jid& jid) {
        return nodeprep(jid.local()).value_or(std::string{jid.local()}) + "@" + std::string{jid.domain()};
    };
    return std::ranges::any_of(
        admins, [&](const Jid& admin) { return admin.same_bare(account) || older(admin) == older(account); });
}

Result<std::string> check_password(const Policy& policy, std::string_view password) {
    Result<std::string> prepared = prepare_password(password);
    if (!prepared) return refuse(Condition::not_acceptable, ErrorType::modify, "This cannot be a password.");
    if (characters_in(*prepared) < policy.shortest_password)
        return refuse(Condition::not_acceptable, ErrorType::modify, "The password is too short.");
    return prepared;
}

Result<Wanted> registration_of(const Query& query) {
    Wanted wanted{query.username.value_or(""), query.password.value_or("")};
    if (query.form) {
        Result<xep::registration::Registration> filled = forms::read<xep::registration::Registration>(*query.form);
        if (!filled) return std::unexpected{filled.error()};
        wanted = {std::move(filled->username), std::move(filled->password)};
    }
    if (wanted.username.empty() || wanted.password.empty()) return std::unexpected{incomplete};
    return wanted;
}

Result<Change> change_of(const Query& query, const Jid& account) {
    std::string username = query.username.value_or("");
    Change change{.password = query.password.value_or("")};
    if (query.form) {
        Result<xep::registration::PasswordChange> filled = forms::read<xep::registration::PasswordChange>(*query.form);
        if (!filled) return std::unexpected{filled.error()};
        username = std::move(filled->username);
        change = {.password = std::move(filled->password), .old_password = std::move(filled->old_password)};
    }
    if (username.empty() || change.password.empty()) return std::unexpected{too_little};
    if (!is_name_of(username, account))
        return refuse(Condition::not_allowed, ErrorType::cancel, "This is somebody else's account.");
    return change;
}

Query blank_registration() {
    forms::Form form = forms::blank<xep::registration::Registration>();
    std::erase_if(form.fields, [](const forms::Field& field) { return field.var == "email"; });
    form.title = "New account";
    form.instructions = {"Choose a name and a password."};
    require(form);
    return {.instructions = "Choose a name and a password.", .username = "", .password = "", .form = std::move(form)};
}

Query registered(const Jid& account) {
    return {.registered = true,
            .instructions = "You have an account here. You can change its password.",
            .username = std::string{account.local()},
            .password = ""};
}

Query blank_password_change() {
    forms::Form form = forms::blank<xep::registration::PasswordChange>();
    form.title = "Password change";
    form.instructions = {"Who has logged in by a certificate must know the old password to change it."};
    require(form);
    return {.form = std::move(form)};
}

forms::Form blank_new_password(bool with_old) {
    forms::Form form = forms::blank<NewPassword>();
    form.title = "Password change";
    form.instructions = {"All your other devices are logged out and need the new password."};
    for (forms::Field& field : form.fields)
        if (field.var == "old_password") field.required = true;
    if (!with_old) std::erase_if(form.fields, [](const forms::Field& field) { return field.var == "old_password"; });
    return form;
}

std::vector<PresenceType> farewells(db::Subscription subscription, bool asked, bool pending_in) {
    using db::Subscription;
    std::vector<PresenceType> types;
    if (asked || subscription == Subscription::to || subscription == Subscription::both)
        types.push_back(PresenceType::unsubscribe);
    if (pending_in || subscription == Subscription::from || subscription == Subscription::both)
        types.push_back(PresenceType::unsubscribed);
    return types;
}

}  // namespace aldis::modules::registration
