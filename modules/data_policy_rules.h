#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "xep/xep0504_data_policy.h"

/// What is said of data: XEP-0504. No side effects.
namespace aldis::modules::data_policy {

/// What the server knows.
struct Facts {
    bool guests = false;          ///< nobody has an account: nothing is stored
    bool passwords_seen = false;  ///< PLAIN is offered
    std::chrono::days keep{0};    ///< 0: for ever
    bool deletion = false;        ///< accounts can have their messages deleted
    bool erasure = false;         ///< accounts can be cancelled
};

/// What only the operator knows.
struct Told {
    bool encrypted_disk = false;
    std::string terms = {};
    bool data_export = false;
    std::vector<xep::data_policy::Access> access = {};
    std::chrono::hours backup_every{0};  ///< 0: he does not say
    std::chrono::hours backup_kept_for{0};
    std::vector<std::string> remarks = {};
};

[[nodiscard]] xep::data_policy::Policy policy_of(const Facts& facts, const Told& told);

}  // namespace aldis::modules::data_policy
