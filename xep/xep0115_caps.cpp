#include "xep/xep0115_caps.h"

#include <algorithm>

#include "base/base64.h"
#include "xep/xep0300_hashes.h"

namespace aldis::xep {
namespace {

/// The string that is hashed.
class Factors {
public:
    /// Appends the factors in their order, by octets. @return false: the same one twice
    bool add_sorted(std::vector<std::string>& factors) {
        std::ranges::sort(factors);
        for (const std::string& factor : factors) add(factor);
        return std::ranges::adjacent_find(factors) == factors.end();
    }
    void add(std::string_view factor) {
        if (factor.contains('<')) ambiguous_ = true;
        text_.append(factor).append(1, '<');
    }
    [[nodiscard]] bool ambiguous() const { return ambiguous_; }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
    bool ambiguous_ = false;
};

bool add_identities(Factors& factors, const disco::Info& info) {
    std::vector<std::string> all;
    for (const disco::Identity& identity : info.identities)
        all.push_back(identity.category + '/' + identity.type + '/' + identity.lang.value_or("") + '/' +
                      identity.name.value_or(""));
    return factors.add_sorted(all);
}

bool add_features(Factors& factors, const disco::Info& info) {
    std::vector<std::string> all;
    for (const disco::Feature& feature : info.features) all.push_back(feature.var);
    return factors.add_sorted(all);
}

void add_form(Factors& factors, const dataforms::Form& form) {
    factors.add(form.form_type());
    std::vector<const dataforms::Field*> fields;
    for (const dataforms::Field& field : form.fields)
        if (field.var != "FORM_TYPE") fields.push_back(&field);
    std::ranges::sort(fields, {}, &dataforms::Field::var);
    for (const dataforms::Field* field : fields) {
        factors.add(field->var.value_or(""));
        std::vector<std::string> values = field->values;
        factors.add_sorted(values);
    }
}

/// FORM_TYPE with values that differ.
bool says_two_types(const dataforms::Form& form) {
    const dataforms::Field* const field = form.field("FORM_TYPE");
    return std::ranges::any_of(field->values, [&](const std::string& value) { return value != field->value(); });
}

bool add_forms(Factors& factors, const disco::Info& info) {
    std::vector<const dataforms::Form*> forms;
    for (const dataforms::Form& form : info.forms)
        if (!form.form_type().empty()) forms.push_back(&form);
    std::ranges::sort(forms, {}, &dataforms::Form::form_type);
    for (std::size_t i = 0; i < forms.size(); ++i) {
        if (says_two_types(*forms[i])) return false;
        if (i > 0 && forms[i]->form_type() == forms[i - 1]->form_type()) return false;
        add_form(factors, *forms[i]);
    }
    return true;
}

}  // namespace

std::optional<std::string> verification_input(const disco::Info& info) {
    Factors factors;
    if (!add_identities(factors, info) || !add_features(factors, info) || !add_forms(factors, info) ||
        factors.ambiguous())
        return std::nullopt;
    return factors.text();
}

std::optional<std::string> verification_string(const disco::Info& info) {
    const std::optional<std::string> input = verification_input(info);
    if (!input) return std::nullopt;
    return base64_encode(hashes::digest("sha-1", *input).value());
}

}  // namespace aldis::xep
