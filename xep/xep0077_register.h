#pragma once

#include <optional>
#include <string>

#include "xep/xep0004_data_forms.h"
#include "xep/xep0066_oob.h"
#include "xep/xep0068_form_types.h"
#include "xml/schema.h"

/// XEP-0077: In-Band Registration 2.4
namespace aldis::xep::registration {

inline constexpr std::string_view ns = "jabber:iq:register";

/// The stream feature: accounts can be made here.
struct Feature {
    static constexpr auto schema = xml::element("http://jabber.org/features/iq-register", "register");
};

/// Type get asks what is needed, the result has each field that is; type set gives them.
struct Query {
    bool registered = false;  ///< of the one who asked
    bool remove = false;      ///< cancel it; must stand alone
    std::optional<std::string> instructions = {};
    std::optional<std::string> username = {};
    std::optional<std::string> nick = {};
    std::optional<std::string> password = {};
    std::optional<std::string> name = {};
    std::optional<std::string> first = {};
    std::optional<std::string> last = {};
    std::optional<std::string> email = {};
    std::optional<std::string> address = {};
    std::optional<std::string> city = {};
    std::optional<std::string> state = {};
    std::optional<std::string> zip = {};
    std::optional<std::string> phone = {};
    std::optional<std::string> url = {};
    std::optional<std::string> date = {};
    std::optional<std::string> misc = {};
    std::optional<std::string> text = {};
    std::optional<std::string> key = {};
    std::optional<dataforms::Form> form = {};  ///< goes before the fields
    std::optional<OutOfBand> oob = {};         ///< where else to register

    static constexpr auto schema =
        xml::element(ns, "query", xml::flag<&Query::registered>("registered"), xml::flag<&Query::remove>("remove"),
                     xml::text_child<&Query::instructions>("instructions"),
                     xml::text_child<&Query::username>("username"), xml::text_child<&Query::nick>("nick"),
                     xml::text_child<&Query::password>("password"), xml::text_child<&Query::name>("name"),
                     xml::text_child<&Query::first>("first"), xml::text_child<&Query::last>("last"),
                     xml::text_child<&Query::email>("email"), xml::text_child<&Query::address>("address"),
                     xml::text_child<&Query::city>("city"), xml::text_child<&Query::state>("state"),
                     xml::text_child<&Query::zip>("zip"), xml::text_child<&Query::phone>("phone"),
                     xml::text_child<&Query::url>("url"), xml::text_child<&Query::date>("date"),
                     xml::text_child<&Query::misc>("misc"), xml::text_child<&Query::text>("text"),
                     xml::text_child<&Query::key>("key"), xml::child<&Query::form>(), xml::child<&Query::oob>());
};

/// The form of a registration.
struct Registration {
    std::string username = {};
    std::string password = {};
    std::optional<std::string> email = {};

    static constexpr auto form =
        dataforms::form(ns, dataforms::field<&Registration::username>("username", dataforms::FieldType::text_single),
                        dataforms::field<&Registration::password>("password", dataforms::FieldType::text_private),
                        dataforms::field<&Registration::email>("email", dataforms::FieldType::text_single));
};

/// The form that an error can ask for before a password is changed: "User Changes Password".
struct PasswordChange {
    std::string username = {};
    std::string old_password = {};
    std::string password = {};  ///< the new one

    static constexpr auto form = dataforms::form(
        "jabber:iq:register:changepassword",
        dataforms::field<&PasswordChange::username>("username", dataforms::FieldType::text_single),
        dataforms::field<&PasswordChange::old_password>("old_password", dataforms::FieldType::text_private),
        dataforms::field<&PasswordChange::password>("password", dataforms::FieldType::text_private));
};

/// The form that an error can ask for before a registration is cancelled.
struct Cancellation {
    std::string username = {};
    std::string password = {};

    static constexpr auto form =
        dataforms::form("jabber:iq:register:cancel",
                        dataforms::field<&Cancellation::username>("username", dataforms::FieldType::text_single),
                        dataforms::field<&Cancellation::password>("password", dataforms::FieldType::text_private));
};

}  // namespace aldis::xep::registration
