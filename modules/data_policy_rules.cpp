#include "modules/data_policy_rules.h"

#include <algorithm>

namespace aldis::modules::data_policy {
namespace {

using xep::data_policy::Access;
using xep::data_policy::AuthData;
using xep::data_policy::Period;
using xep::data_policy::Policy;

Period period_of(std::chrono::hours hours) {
    return hours == std::chrono::hours{0} ? Period{.kind = Period::Kind::infinite} : Period{.hours = hours};
}

/// "Access Policy": none "MUST be the only one selected".
std::vector<Access> access_of(std::vector<Access> told) {
    if (told.size() > 1) std::erase(told, Access::none);
    return told.empty() ? std::vector{Access::admins} : told;
}

}  // namespace

Policy policy_of(const Facts& facts, const Told& told) {
    Policy policy{.access_policy = access_of(told.access), .extra_info = told.remarks};
    if (!told.terms.empty()) policy.tos = told.terms;
    if (facts.guests) {
        policy.auth_data = AuthData::no_auth;
        policy.data_retention = Period{};
        return policy;
    }
    policy.auth_data = facts.passwords_seen ? AuthData::plain : AuthData::hidden;
    policy.data_retention = period_of(facts.keep);
    policy.data_deletion = facts.deletion;
    policy.encryption_at_rest = told.encrypted_disk;
    policy.data_export = told.data_export;
    policy.full_erasure = facts.erasure;
    if (told.backup_every > std::chrono::hours{0}) {
        policy.backup_frequency = Period{.hours = told.backup_every};
        policy.backup_retention = period_of(told.backup_kept_for);
    }
    return policy;
}

}  // namespace aldis::modules::data_policy
