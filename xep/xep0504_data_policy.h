#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xep/xep0068_form_types.h"

/// XEP-0504: Data Policy 0.1.0
namespace aldis::xep::data_policy {

inline constexpr std::string_view form_type = "urn:xmpp:data-policy:0";

/// What the service sees of what one logs in with: "Auth Mechanism".
enum class AuthData : std::uint8_t { no_auth, plain, hidden, restricted };
/// How a gateway speaks with what is behind it: "Encryption".
enum class Transmission : std::uint8_t { plain, encrypted, e2e, gre };
/// Who can see accounts and data: "Access Policy".
enum class Access : std::uint8_t { admins, moderators, organization_member, government, advertisers, partners, none };

/// A time as the fields have it.
struct Period {
    enum class Kind : std::uint8_t { hours, infinite, unknown };
    Kind kind = Kind::hours;
    std::chrono::hours hours{0};

    friend bool operator==(const Period&, const Period&) = default;
};

/// What a service does with data: a form in its disco#info (XEP-0128). "All fields are optional".
struct Policy {
    std::optional<AuthData> auth_data = {};
    std::optional<Transmission> data_transmission = {};
    std::optional<std::string> encryption_algorithm = {};
    std::optional<Period> data_retention = {};  ///< 0 hours: nothing is stored
    std::optional<bool> data_deletion = {};     ///< users can delete what they like
    std::optional<bool> encryption_at_rest = {};
    std::optional<std::string> tos = {};          ///< a URI
    std::optional<bool> data_export = {};         ///< of everything
    std::vector<Access> access_policy = {};       ///< Access::none stands alone
    std::optional<bool> full_erasure = {};        ///< users can erase their accounts
    std::optional<Period> backup_frequency = {};  ///< 0 hours: there are no backups; never infinite or unknown
    std::optional<Period> backup_retention = {};
    std::vector<std::string> extra_info = {};  ///< lines

    static constexpr auto form = dataforms::form(
        form_type, dataforms::field<&Policy::auth_data>("auth_data", dataforms::FieldType::list_single),
        dataforms::field<&Policy::data_transmission>("data_transmission", dataforms::FieldType::list_single),
        dataforms::field<&Policy::encryption_algorithm>("encryption_algorithm", dataforms::FieldType::text_single),
        dataforms::field<&Policy::data_retention>("data_retention", dataforms::FieldType::text_single),
        dataforms::field<&Policy::data_deletion>("data_deletion", dataforms::FieldType::boolean),
        dataforms::field<&Policy::encryption_at_rest>("encryption_at_rest", dataforms::FieldType::boolean),
        dataforms::field<&Policy::tos>("tos", dataforms::FieldType::text_single),
        dataforms::field<&Policy::data_export>("data_export", dataforms::FieldType::boolean),
        dataforms::field<&Policy::access_policy>("access_policy", dataforms::FieldType::list_multi),
        dataforms::field<&Policy::full_erasure>("full_erasure", dataforms::FieldType::boolean),
        dataforms::field<&Policy::backup_frequency>("backup_frequency", dataforms::FieldType::text_single),
        dataforms::field<&Policy::backup_retention>("backup_retention", dataforms::FieldType::text_single),
        dataforms::field<&Policy::extra_info>("extra_info", dataforms::FieldType::text_multi));
};

}  // namespace aldis::xep::data_policy

template <>
struct aldis::xml::EnumNames<aldis::xep::data_policy::AuthData> {
    using enum xep::data_policy::AuthData;
    static constexpr std::array values{
        std::pair{no_auth, std::string_view{"no_auth"}}, std::pair{plain, std::string_view{"plain"}},
        std::pair{hidden, std::string_view{"hidden"}}, std::pair{restricted, std::string_view{"restricted"}}};
};

template <>
struct aldis::xml::EnumNames<aldis::xep::data_policy::Transmission> {
    using enum xep::data_policy::Transmission;
    static constexpr std::array values{
        std::pair{plain, std::string_view{"plain"}}, std::pair{encrypted, std::string_view{"encrypted"}},
        std::pair{e2e, std::string_view{"e2e"}}, std::pair{gre, std::string_view{"gre"}}};
};

template <>
struct aldis::xml::EnumNames<aldis::xep::data_policy::Access> {
    using enum xep::data_policy::Access;
    static constexpr std::array values{std::pair{admins, std::string_view{"admins"}},
                                       std::pair{moderators, std::string_view{"moderators"}},
                                       std::pair{organization_member, std::string_view{"organization_member"}},
                                       std::pair{government, std::string_view{"government"}},
                                       std::pair{advertisers, std::string_view{"advertisers"}},
                                       std::pair{partners, std::string_view{"partners"}},
                                       std::pair{none, std::string_view{"none"}}};
};

template <>
struct aldis::xml::Codec<aldis::xep::data_policy::Period> {
    using Period = xep::data_policy::Period;
    static std::optional<Period> parse(std::string_view text) {
        if (text == "infinite") return Period{.kind = Period::Kind::infinite};
        if (text == "unknown") return Period{.kind = Period::Kind::unknown};
        const std::optional<std::uint32_t> hours = Codec<std::uint32_t>::parse(text);
        if (!hours) return std::nullopt;
        return Period{.hours = std::chrono::hours{*hours}};
    }
    static std::string format(const Period& period) {
        switch (period.kind) {
            case Period::Kind::hours: return std::to_string(period.hours.count());
            case Period::Kind::infinite: return "infinite";
            case Period::Kind::unknown: break;
        }
        return "unknown";
    }
};
