#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xep/xep0122_data_validation.h"
#include "xml/schema.h"

/// XEP-0004: Data Forms 2.13.2. Forms whose fields are known are typed: xep/xep0068_form_types.h.
namespace aldis::xep::dataforms {

inline constexpr std::string_view ns = "jabber:x:data";

/// What a form is for ("Protocol").
enum class Kind : std::uint8_t { form, submit, cancel, result };

/// "Field Types".
enum class FieldType : std::uint8_t {
    boolean,
    fixed,
    hidden,
    jid_multi,
    jid_single,
    list_multi,
    list_single,
    text_multi,
    text_private,
    text_single,
};

/// May there be more than one <value/>? Section "Field Element".
[[nodiscard]] constexpr bool is_multi(FieldType type) {
    return type == FieldType::jid_multi || type == FieldType::list_multi || type == FieldType::text_multi ||
           type == FieldType::hidden;
}

struct Option {
    std::optional<std::string> label = {};  ///< for humans
    std::string value;

    static constexpr auto schema =
        xml::element(ns, "option", xml::attribute<&Option::label>("label"), xml::text_child<&Option::value>("value"));
};

struct Field {
    std::optional<std::string> var = {};  ///< its name; only a fixed field may have none
    std::optional<FieldType> type = {};  ///< can be absent in what is submitted; text_single where it is not understood
    std::optional<std::string> label = {};  ///< its name for humans
    std::optional<std::string> desc = {};
    bool required = false;
    std::optional<Validate> validate = {};
    std::vector<std::string> values = {};
    std::vector<Option> options = {};  ///< of lists only

    /// The first value, or nothing.
    [[nodiscard]] std::string_view value() const { return values.empty() ? std::string_view{} : values.front(); }

    static constexpr auto schema =
        xml::element(ns, "field", xml::attribute<&Field::var>("var"), xml::attribute<&Field::type>("type"),
                     xml::attribute<&Field::label>("label"), xml::text_child<&Field::desc>("desc"),
                     xml::flag<&Field::required>("required"), xml::child<&Field::validate>(),
                     xml::text_children<&Field::values>("value"), xml::children<&Field::options>());
};

/// The header of a table of results: "Multiple Items in Form Results".
struct Reported {
    std::vector<Field> fields;

    static constexpr auto schema = xml::element(ns, "reported", xml::children<&Reported::fields>());
};

/// A row of it.
struct Item {
    std::vector<Field> fields;

    static constexpr auto schema = xml::element(ns, "item", xml::children<&Item::fields>());
};

struct Form {
    Kind kind = Kind::form;
    std::optional<std::string> title = {};
    std::vector<std::string> instructions = {};
    std::vector<Field> fields = {};
    std::optional<Reported> reported = {};
    std::vector<Item> items = {};

    /// The first field of that name; null if there is none.
    [[nodiscard]] const Field* field(std::string_view var) const {
        for (const Field& candidate : fields)
            if (candidate.var == var) return &candidate;
        return nullptr;
    }
    /// What the form is about (XEP-0068); empty where it does not say. A FORM_TYPE that is not hidden does not count,
    /// but in forms that are submitted.
    [[nodiscard]] std::string_view form_type() const {
        const Field* const named = field("FORM_TYPE");
        if (named == nullptr || (named->type != FieldType::hidden && kind != Kind::submit)) return {};
        return named->value();
    }

    static constexpr auto schema =
        xml::element(ns, "x", xml::attribute<&Form::kind>("type"), xml::text_child<&Form::title>("title"),
                     xml::text_children<&Form::instructions>("instructions"), xml::children<&Form::fields>(),
                     xml::child<&Form::reported>(), xml::children<&Form::items>());
};

/// Why a form that was submitted cannot be accepted.
struct Problem {
    std::string field = {};  ///< the name of the field; empty: it is the whole form
    std::string why = {};    ///< for humans: "Address: must be an address"

    /// "Data Validation". The text is a view of `why`.
    [[nodiscard]] stanza::Error error() const { return {Condition::not_acceptable, ErrorType::modify, why}; }
};

/// Looks at what was submitted by the form that it answers: types, options, required fields and the rules of XEP-0122.
/// Fields that the form does not have are passed over, those that it does not mention have the values that the form
/// showed ("Incomplete Submission Form Handling").
/// @param shown  a form of ours, of kind `form`
/// @return       the submission with all fields of the form but the fixed ones, each with its type
[[nodiscard]] std::expected<Form, Problem> check(const Form& shown, const Form& submitted);

}  // namespace aldis::xep::dataforms

template <>
struct aldis::xml::EnumNames<aldis::xep::dataforms::Kind> {
    using enum xep::dataforms::Kind;
    static constexpr std::array values{
        std::pair{form, std::string_view{"form"}}, std::pair{submit, std::string_view{"submit"}},
        std::pair{cancel, std::string_view{"cancel"}}, std::pair{result, std::string_view{"result"}}};
};

template <>
struct aldis::xml::EnumNames<aldis::xep::dataforms::FieldType> {
    using enum xep::dataforms::FieldType;
    static constexpr std::array values{std::pair{boolean, std::string_view{"boolean"}},
                                       std::pair{fixed, std::string_view{"fixed"}},
                                       std::pair{hidden, std::string_view{"hidden"}},
                                       std::pair{jid_multi, std::string_view{"jid-multi"}},
                                       std::pair{jid_single, std::string_view{"jid-single"}},
                                       std::pair{list_multi, std::string_view{"list-multi"}},
                                       std::pair{list_single, std::string_view{"list-single"}},
                                       std::pair{text_multi, std::string_view{"text-multi"}},
                                       std::pair{text_private, std::string_view{"text-private"}},
                                       std::pair{text_single, std::string_view{"text-single"}}};
    /// "MUST be assumed if a form-submitting entity receives a field type it does not understand".
    static constexpr auto otherwise = text_single;
};
