#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/roster.h"
#include "jid/jid.h"
#include "stanza/stanza.h"
#include "xep/xep0077_register.h"

/// Who may have an account, and under which name: XEP-0077. No side effects.
namespace aldis::modules::registration {

/// An IP address, or all that begin like it: "192.0.2.0/24", "2001:db8::/32".
class Network {
public:
    [[nodiscard]] static std::optional<Network> parse(std::string_view text);
    [[nodiscard]] bool contains(std::string_view address) const;

private:
    std::array<std::uint8_t, 16> bytes_{};
    std::uint8_t bits_ = 0;
    bool six_ = false;
};

/// Whether the whole name fits: `*` stands for any characters, `?` for one byte.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view name);

/// Who may register.
enum class Mode : std::uint8_t {
    off,
    open,
    list,  ///< who is in both lists below; one that is empty does not count
};

struct Policy {
    Mode mode = Mode::off;
    std::vector<Network> addresses = {};
    std::vector<std::string> names = {};     ///< patterns
    std::vector<std::string> reserved = {};  ///< patterns
    std::uint32_t shortest_password = 8;     ///< characters
};

[[nodiscard]] bool may_come_from(const Policy& policy, std::string_view address);
/// @param local  prepared
/// @return       forbidden: not in the list; not-acceptable: reserved
[[nodiscard]] Result<void> check_name(const Policy& policy, std::string_view local);
/// Is it an address that the configuration gives rights to, or one that clients of RFC 6122 cannot tell from it?
[[nodiscard]] bool is_of_admin(const Jid& account, std::span<const Jid> admins);
/// @return  the password as it is to be hashed; not-acceptable: too short, or none at all
[[nodiscard]] Result<std::string> check_password(const Policy& policy, std::string_view password);

/// What a client has filled in: the form, which goes first, or the fields.
struct Wanted {
    std::string username;
    std::string password;
};
/// @return  bad-request: another form; not-acceptable: incomplete
[[nodiscard]] Result<Wanted> registration_of(const xep::registration::Query& query);

/// What a client that has logged in wants to change.
struct Change {
    std::string password;
    std::optional<std::string> old_password = {};
};
/// @param account  whoever asks: nobody changes the password of another
/// @return         bad-request: incomplete; not-allowed: another's account
[[nodiscard]] Result<Change> change_of(const xep::registration::Query& query, const Jid& account);

/// The answer to a stranger who asks what is needed.
[[nodiscard]] xep::registration::Query blank_registration();
/// The answer to somebody who has an account.
[[nodiscard]] xep::registration::Query registered(const Jid& account);
/// XEP-0257 "Changing the Password": what is needed besides.
[[nodiscard]] xep::registration::Query blank_password_change();

/// The form of the ad-hoc command.
struct NewPassword {
    std::optional<std::string> old_password;
    std::string password;
    std::string again;
    static constexpr auto form = xep::dataforms::form(
        "urn:aldis:new-password",
        xep::dataforms::field<&NewPassword::old_password>("old_password", xep::dataforms::FieldType::text_private)
            .labelled("Old password"),
        xep::dataforms::field<&NewPassword::password>("password", xep::dataforms::FieldType::text_private)
            .labelled("New password")
            .needed(),
        xep::dataforms::field<&NewPassword::again>("password-verify", xep::dataforms::FieldType::text_private)
            .labelled("Retype the new password")
            .needed());
};
/// @param with_old  the old one is needed
[[nodiscard]] xep::dataforms::Form blank_new_password(bool with_old);

/// What is sent to a contact when the account goes, so that nobody is left subscribed to anybody: RFC 6121 section
/// 2.5.2.
[[nodiscard]] std::vector<PresenceType> farewells(db::Subscription subscription, bool asked, bool pending_in);

}  // namespace aldis::modules::registration
