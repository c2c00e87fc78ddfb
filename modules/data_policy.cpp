#include "config/fields.h"
#include "mod/module.h"
#include "modules/data_policy_rules.h"
#include "modules/retention.h"

namespace aldis::xep::data_policy {

constexpr auto enum_names(Access /*tag*/) {
    return std::array{config::Named{"admins", Access::admins},
                      config::Named{"moderators", Access::moderators},
                      config::Named{"organization_member", Access::organization_member},
                      config::Named{"government", Access::government},
                      config::Named{"advertisers", Access::advertisers},
                      config::Named{"partners", Access::partners},
                      config::Named{"none", Access::none}};
}

}  // namespace aldis::xep::data_policy

namespace aldis::modules {
namespace {

using data_policy::Facts;
using data_policy::Told;
using xep::data_policy::Access;

struct DataPolicyConfig {
    bool encrypted_disk = false;
    std::string terms = {};
    bool data_export = false;
    std::vector<Access> access = {Access::admins};
    std::chrono::hours backup_every{0};
    std::chrono::hours backup_kept_for{0};
    std::vector<std::string> remarks = {};

    static constexpr auto fields = config::fields(
        config::field<&DataPolicyConfig::encrypted_disk>("encrypted_disk",
                                                         config::doc("The database is on an encrypted disk.")),
        config::field<&DataPolicyConfig::terms>("terms", config::doc("URI of the terms of service.")),
        config::field<&DataPolicyConfig::data_export>(
            "data_export", config::doc("Users get a copy of all their data, if they ask you for it.")),
        config::field<&DataPolicyConfig::access>("access", config::doc("Who can see accounts and their data.")),
        config::field<&DataPolicyConfig::backup_every>(
            "backup_every", config::at_least(std::chrono::hours{0}),
            config::doc("How often the data are backed up; 0 says nothing about backups.")),
        config::field<&DataPolicyConfig::backup_kept_for>("backup_kept_for", config::at_least(std::chrono::hours{0}),
                                                          config::doc("How long a backup is kept; 0: for ever.")),
        config::field<&DataPolicyConfig::remarks>("remarks", config::doc("More that users should know, by lines.")));
};

Told told_by(const DataPolicyConfig& config) {
    return {.encrypted_disk = config.encrypted_disk,
            .terms = config.terms,
            .data_export = config.data_export,
            .access = config.access,
            .backup_every = config.backup_every,
            .backup_kept_for = config.backup_kept_for,
            .remarks = config.remarks};
}

/// XEP-0504: Data Policy: what becomes of data here, in the disco#info of the domain. What the server knows itself it
/// says by itself; the rest is configured.
class DataPolicy final : public mod::Module {
public:
    explicit DataPolicy(mod::Context& context) : context_{context} {
        // In front of those who look at what has been registered, for a hash (XEP-0115).
        auto& ready = context.handlers().ready;
        ready.insert(ready.begin(), [this] { announce(); });
    }

private:
    void announce() {
        const xep::data_policy::Policy policy =
            data_policy::policy_of(facts(), told_by(context_.config<DataPolicyConfig>()));
        context_.handlers()
            .disco_of(mod::For::server)
            .forms.push_back(xml::build(xep::dataforms::filled(policy, xep::dataforms::Kind::result)));
    }
    [[nodiscard]] Facts facts() {
        const stream::Domain& domain = context_.host().domain();
        const auto& retention = context_.host().slot<retention::Policy>();
        const auto& features = context_.handlers().disco_of(mod::For::server).features;
        return {.guests = domain.anonymous,
                .passwords_seen = domain.plain,
                .keep = retention.on ? retention.keep : std::chrono::days{0},
                .deletion = retention.on,
                .erasure = features.contains("jabber:iq:register")};
    }

    mod::Context& context_;
};

constexpr mod::Spec specs[] = {{"XEP-0504", "0.1.0"}};

}  // namespace

extern const mod::Info data_policy_info;
const mod::Info data_policy_info{.name = "data_policy",
                                 .summary = "Tells users what becomes of their data.",
                                 .implements = specs,
                                 .config = &config::schema_of<DataPolicyConfig>,
                                 .make = mod::make<DataPolicy>};

}  // namespace aldis::modules
