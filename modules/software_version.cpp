#include "base/version.h"
#include "mod/module.h"
#include "xep/xep0092_software_version.h"

namespace aldis::modules {
namespace {

/// XEP-0092: Software Version. The operating system is nobody's business ("Security Considerations").
class SoftwareVersion final : public mod::Module {
public:
    explicit SoftwareVersion(mod::Context& context) {
        context.on_iq(IqType::get, mod::For::server, *this, &SoftwareVersion::answer);
    }

private:
    Result<xep::SoftwareVersion> answer(const mod::Request&, xep::SoftwareVersion) {
        return xep::SoftwareVersion{.name = "Aldis", .version = std::string{version()}};
    }
};

constexpr mod::Spec specs[] = {{"XEP-0092", "1.1"}};

}  // namespace

extern const mod::Info software_version_info;
const mod::Info software_version_info{.name = "software_version",
                                      .summary = "Tells which server this is.",
                                      .implements = specs,
                                      .for_services = true,
                                      .make = mod::make<SoftwareVersion>};

}  // namespace aldis::modules
