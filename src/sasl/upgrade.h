#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "sasl/credentials.h"
#include "sasl/failure.h"
#include "sasl/mechanism.h"

// XEP-0480: SASL Upgrade Tasks 0.2.0, as far as it is not XML. A client that has shown that it knows the password
// hashes it once more, for a family of SCRAM that the account lacks.
namespace aldis::sasl {

/// "UPGR-SCRAM-SHA-256"
[[nodiscard]] std::string upgrade_task(Hash hash);
[[nodiscard]] std::optional<Hash> upgrade_task_named(std::string_view name);

/// For the stream features, strongest first. The same for every account: a list that depended on the address that a
/// stream comes from would tell strangers who has an account here.
/// @param hashes  what accounts of the host are stored with; nobody is asked to upgrade to SHA-1
[[nodiscard]] std::vector<Hash> offered_upgrades(std::span<const Hash> hashes);

/// Which tasks are to be done now: of those that the client asked for, once each and in its order, those that were
/// offered and that the account has no keys for. None if the mechanism has not shown that the client knows the
/// password: a token or a certificate must not become a way to set another one.
[[nodiscard]] std::vector<Hash> due_upgrades(std::span<const std::string> requested, Mechanism mechanism,
                                             const Credentials& stored, std::span<const Hash> hashes);

/// One SCRAM task: what the client is sent, and what becomes of its answer.
class Upgrade {
public:
    /// @param iterations  raised to the 4096 that XEP-0480 "XML Schema" has as the least
    Upgrade(Hash hash, std::uint32_t iterations, Random& random);

    [[nodiscard]] Hash hash() const { return hash_; }
    /// For <salt/>, in base64.
    [[nodiscard]] std::string salt() const;
    /// For the attribute of <salt/>.
    [[nodiscard]] std::uint32_t iterations() const { return iterations_; }
    /// What is to be stored.
    /// @param text  of <hash/>: the SaltedPassword in base64, white space around it is ignored
    [[nodiscard]] Read<Keys> finish(std::string_view text) const;

private:
    Hash hash_;
    std::uint32_t iterations_;
    std::string salt_;
};

}  // namespace aldis::sasl
