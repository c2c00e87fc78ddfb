#include "modules/administration_rules.h"

#include <algorithm>

namespace aldis::modules::administration {

std::string node(std::string_view command) { return std::string{form_type} + "#" + std::string{command}; }

std::size_t Page::size() const {
    const std::optional<std::size_t> number = xml::Codec<std::size_t>::parse(most);
    return std::min(number.value_or(most_listed), most_listed);
}

dataforms::Form result(std::string_view var, std::string_view label, std::vector<std::string> values) {
    using dataforms::FieldType;
    return {.kind = dataforms::Kind::result,
            .fields = {dataforms::detail::form_type_field(form_type),
                       {.var = std::string{var},
                        .type = values.size() == 1 ? FieldType::text_single : FieldType::text_multi,
                        .label = std::string{label},
                        .values = std::move(values)}}};
}

std::optional<std::string> fault_of(const Jid& account, const Jid& domain, bool or_full) {
    if (!account.has_local() || (!or_full && !account.is_bare()))
        return account.text() + " is not the address of an account";
    if (account.domain() != domain.domain()) return account.text() + " is not an address of " + domain.text();
    return std::nullopt;
}

bool may_touch(const Jid& account, const Jid& admin, const session::DomainSettings& settings, bool or_oneself) {
    if (account.same_bare(admin)) return or_oneself;
    return !settings.is_admin(account);
}

}  // namespace aldis::modules::administration
