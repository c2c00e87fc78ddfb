#include "xep/xep0004_data_forms.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "jid/jid.h"
#include "xml/codec.h"

namespace aldis::xep::dataforms {
namespace {

using Fault = std::optional<std::string>;  ///< the end of a sentence about a field

FieldType type_of(const Field& field) { return field.type.value_or(FieldType::text_single); }

bool is_list(FieldType type) { return type == FieldType::list_multi || type == FieldType::list_single; }

bool has_option(const Field& shown, const std::string& value) {
    return std::ranges::any_of(shown.options, [&](const Option& option) { return option.value == value; });
}

Fault fault_by_type(const Field& shown, const std::string& value) {
    switch (type_of(shown)) {
        case FieldType::boolean:
            if (!xml::Codec<bool>::parse(value)) return "must be true or false";
            break;
        case FieldType::jid_single:
        case FieldType::jid_multi:
            if (!Jid::parse(value)) return "must be an address such as romeo@example.org";
            break;
        case FieldType::list_single:
        case FieldType::list_multi:
            if (!has_option(shown, value) && !(shown.validate && shown.validate->takes_others()))
                return "must be one of those to choose from";
            break;
        case FieldType::text_single:
        case FieldType::text_private:
            if (value.find_first_of("\r\n") != std::string::npos) return "must be one line";
            break;
        case FieldType::fixed:
        case FieldType::hidden:
        case FieldType::text_multi: break;
    }
    return std::nullopt;
}

Fault fault_of(const Field& shown, const std::string& value) {
    if (Fault fault = fault_by_type(shown, value)) return fault;
    // What is among the options was chosen by who wrote the rules.
    if (!shown.validate || (is_list(type_of(shown)) && has_option(shown, value))) return std::nullopt;
    return dataforms::fault_of(*shown.validate, value);
}

/// XEP-0122 "Selection Ranges in list-multi".
Fault fault_in_number(const Field& shown, std::size_t number) {
    const FieldType type = type_of(shown);
    if (number > 1 && !is_multi(type)) return "must be one value";
    if (number == 0 && shown.required) return "is required";
    if (type != FieldType::list_multi || !shown.validate || !shown.validate->list_range) return std::nullopt;
    const ListRange& range = *shown.validate->list_range;
    if (range.min && number < *range.min) return "at least " + std::to_string(*range.min) + " must be chosen";
    if (range.max && number > *range.max) return "no more than " + std::to_string(*range.max) + " can be chosen";
    return std::nullopt;
}

/// "Setting empty or absent values": one empty value says no more than none, unless it can be chosen.
void drop_empty(const Field& shown, std::vector<std::string>& values) {
    if (values.size() == 1 && values[0].empty() && !has_option(shown, "")) values.clear();
}

/// "Duplicate JIDs MUST be ignored"; to choose something twice means no more than once.
void drop_repeated(FieldType type, std::vector<std::string>& values) {
    if (type != FieldType::jid_multi && type != FieldType::list_multi) return;
    std::unordered_set<std::string> seen;
    std::erase_if(values, [&](const std::string& value) {
        const Result<Jid> jid = type == FieldType::jid_multi ? Jid::parse(value) : Result<Jid>{};
        return !seen.insert(type == FieldType::jid_multi && jid ? jid->text() : value).second;
    });
}

Fault take_values(const Field& shown, std::vector<std::string> values, Field& into) {
    drop_empty(shown, values);
    drop_repeated(type_of(shown), values);
    if (Fault fault = fault_in_number(shown, values.size())) return fault;
    for (const std::string& value : values)
        if (Fault fault = fault_of(shown, value)) return fault;
    into.values = std::move(values);
    return std::nullopt;
}

std::string named(const Field& field) { return field.label && !field.label->empty() ? *field.label : *field.var; }

/// Which field of the submission answers which of the form.
class Submission {
public:
    explicit Submission(const Form& submitted) {
        for (const Field& field : submitted.fields) {
            if (!field.var) continue;
            if (!fields_.emplace(*field.var, &field).second) twice_.insert(*field.var);
        }
    }
    [[nodiscard]] const Field* find(const std::string& var) const {
        const auto place = fields_.find(var);
        return place == fields_.end() ? nullptr : place->second;
    }
    [[nodiscard]] bool is_twice(const std::string& var) const { return twice_.contains(var); }

private:
    std::unordered_map<std::string_view, const Field*> fields_;
    std::unordered_set<std::string_view> twice_;
};

}  // namespace

std::expected<Form, Problem> check(const Form& shown, const Form& submitted) {
    if (submitted.kind != Kind::submit) return std::unexpected{Problem{.why = "This form is not a submission."}};
    const std::string_view form_type = submitted.form_type();
    // COMPAT: some clients return only the fields that they show.
    if (!form_type.empty() && form_type != shown.form_type())
        return std::unexpected{Problem{.field = "FORM_TYPE", .why = "This is another form."}};
    const Submission submission{submitted};
    Form checked{.kind = Kind::submit};
    for (const Field& field : shown.fields) {
        if (!field.var || field.type == FieldType::fixed) continue;
        Field answer{.var = field.var, .type = type_of(field), .values = field.values};
        const Field* const given = field.var == "FORM_TYPE" ? nullptr : submission.find(*field.var);
        Fault fault;
        if (given != nullptr) {
            fault =
                submission.is_twice(*field.var) ? Fault{"is there twice"} : take_values(field, given->values, answer);
        } else if (field.required && field.values.empty()) {
            fault = "is required";
        }
        if (fault) return std::unexpected{Problem{.field = *field.var, .why = named(field) + ": " + *fault}};
        checked.fields.push_back(std::move(answer));
    }
    return checked;
}

}  // namespace aldis::xep::dataforms
