#include "mod/module.h"
#include "xep/xep0004_data_forms.h"

namespace aldis::modules {
namespace {

namespace dataforms = xep::dataforms;

/// XEP-0157: whom to turn to, in the disco#info of the domain (XEP-0128).
class ContactAddresses final : public mod::Module {
public:
    explicit ContactAddresses(mod::Context& context) {
        dataforms::Form form{.kind = dataforms::Kind::result,
                             .fields = {{.var = "FORM_TYPE",
                                         .type = dataforms::FieldType::hidden,
                                         .values = {"http://jabber.org/network/serverinfo"}}}};
        for (const auto& [purpose, uris] : context.host().settings().contacts)
            if (!uris.empty())
                form.fields.push_back(
                    {.var = purpose + "-addresses", .type = dataforms::FieldType::list_multi, .values = uris});
        if (form.fields.size() > 1) context.handlers().disco_of(mod::For::server).forms.push_back(xml::build(form));
    }
};

constexpr mod::Spec specs[] = {{"XEP-0157", "1.1.1"}};

}  // namespace

extern const mod::Info contact_addresses_info;
const mod::Info contact_addresses_info{.name = "contact_addresses",
                                       .summary = "Tells whom to turn to, as configured for the domain.",
                                       .implements = specs,
                                       .make = mod::make<ContactAddresses>};

}  // namespace aldis::modules
