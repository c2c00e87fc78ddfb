#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/commands.h"
#include "session/domain_settings.h"

/// XEP-0133: Service Administration 1.3.1: the forms, and what may be done to whom. No side effects.
namespace aldis::modules::administration {

namespace dataforms = xep::dataforms;

inline constexpr std::string_view form_type = "http://jabber.org/protocol/admin";
inline constexpr std::size_t most_accounts = 100;  ///< of one command
inline constexpr std::size_t most_listed = 1'000;

/// "http://jabber.org/protocol/admin#add-user"
[[nodiscard]] std::string node(std::string_view command);

struct NewUser {
    Jid account;
    std::string password;
    std::string again;
    static constexpr auto form =
        dataforms::form(form_type,
                        dataforms::field<&NewUser::account>("accountjid", dataforms::FieldType::jid_single)
                            .labelled("The address of the account to be added")
                            .needed(),
                        dataforms::field<&NewUser::password>("password", dataforms::FieldType::text_private)
                            .labelled("The password for this account")
                            .needed(),
                        dataforms::field<&NewUser::again>("password-verify", dataforms::FieldType::text_private)
                            .labelled("Retype password")
                            .needed());
};

struct NewPassword {
    Jid account;
    std::string password;
    static constexpr auto form =
        dataforms::form(form_type,
                        dataforms::field<&NewPassword::account>("accountjid", dataforms::FieldType::jid_single)
                            .labelled("The address of this account")
                            .needed(),
                        dataforms::field<&NewPassword::password>("password", dataforms::FieldType::text_private)
                            .labelled("The new password")
                            .needed());
};

struct Accounts {
    std::vector<Jid> accounts;
    static constexpr auto form =
        dataforms::form(form_type, dataforms::field<&Accounts::accounts>("accountjids", dataforms::FieldType::jid_multi)
                                       .labelled("The addresses")
                                       .needed());
};

/// Which part of a list of accounts. XEP-0133 leaves paging open; a field of our own is in Clark notation (XEP-0068).
struct Page {
    std::string most = "100";
    std::optional<Jid> after;
    static constexpr std::array sizes{
        dataforms::Choice{"25"},  dataforms::Choice{"50"},  dataforms::Choice{"75"},          dataforms::Choice{"100"},
        dataforms::Choice{"150"}, dataforms::Choice{"200"}, dataforms::Choice{"none", "None"}};
    static constexpr auto form =
        dataforms::form(form_type,
                        dataforms::field<&Page::most>("max_items", dataforms::FieldType::list_single)
                            .labelled("Maximum number of items to show")
                            .choices(sizes),
                        dataforms::field<&Page::after>("{urn:aldis:admin}after", dataforms::FieldType::jid_single)
                            .labelled("Those after this address"));

    /// No more than most_listed.
    [[nodiscard]] std::size_t size() const;
};

template <dataforms::DescribedForm T>
[[nodiscard]] dataforms::Form blank(std::string_view title, std::string_view instructions) {
    dataforms::Form form = dataforms::filled(T{}, dataforms::Kind::form);
    form.title = title;
    form.instructions = {std::string{instructions}};
    return form;
}

/// A result with one field.
[[nodiscard]] dataforms::Form result(std::string_view var, std::string_view label, std::vector<std::string> values);

/// Is it the address of an account of this domain?
/// @return  why not, for who has filled in the form
[[nodiscard]] std::optional<std::string> fault_of(const Jid& account, const Jid& domain, bool or_full = false);

/// May its account be removed or disabled, or its password be changed, by this admin? Admins are in the hands of who
/// writes the configuration: none of them gets rid of another, nor takes his account over.
[[nodiscard]] bool may_touch(const Jid& account, const Jid& admin, const session::DomainSettings& settings,
                             bool or_oneself);

}  // namespace aldis::modules::administration
