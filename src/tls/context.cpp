#include "tls/context.h"

#include <algorithm>

#include "tls/certificate_set.h"
#include "tls/key_material.h"
#include "tls/stream.h"

namespace aldis::tls {
namespace {

Context::Set::Domain load(const DomainCertificates& wanted, unsigned shards) {
    if (wanted.files.empty()) throw Error{wanted.domain, "this domain has no certificate"};
    Context::Set::Domain domain{
        .name = wanted.domain, .pairs = {}, .asks_clients = wanted.clients.ask, .authorities = {}, .contexts = {}};
    for (const CertificateFiles& files : wanted.files) domain.pairs.emplace_back(files);
    if (!wanted.clients.authorities.empty()) domain.authorities = read_certificates(wanted.clients.authorities);
    for (unsigned shard = 0; shard < shards; ++shard) domain.contexts.push_back(make_server_context(domain));
    return domain;
}

std::shared_ptr<const Context::Set> load(const std::vector<DomainCertificates>& domains, unsigned shards) {
    if (domains.empty()) throw Error{"certificates", "there is none"};
    auto set = std::make_shared<Context::Set>();
    for (const DomainCertificates& domain : domains) set->domains.push_back(load(domain, shards));
    return set;
}

bool covered(const Context::Set::Domain& domain, std::string_view name) {
    return std::ranges::any_of(domain.pairs, [&](const KeyPair& pair) { return pair.certificate().covers(name); });
}

}  // namespace

const Context::Set::Domain& Context::Set::find(std::string_view name) const {
    if (const auto exact = std::ranges::find(domains, name, &Domain::name); exact != domains.end()) return *exact;
    const auto wildcard =
        std::ranges::find_if(domains, [&](const Domain& domain) { return name_covers(domain.name, name); });
    if (wildcard != domains.end()) return *wildcard;
    const auto by_itself = std::ranges::find_if(domains, [&](const Domain& domain) { return covered(domain, name); });
    return by_itself != domains.end() ? *by_itself : domains.front();
}

Context::Context(const std::vector<DomainCertificates>& domains, unsigned shards)
    : shards_{std::max(shards, 1U)}, set_{load(domains, shards_)} {}

Context::~Context() = default;

void Context::reload(const std::vector<DomainCertificates>& domains) {
    std::shared_ptr<const Set> fresh = load(domains, shards_);
    const std::lock_guard lock{mutex_};
    set_.swap(fresh);
}

std::shared_ptr<const Context::Set> Context::current() const {
    const std::lock_guard lock{mutex_};
    return set_;
}

std::unique_ptr<Stream> Context::accept(unsigned shard, std::string_view alpn, std::string_view fallback) const {
    return std::make_unique<Stream>(current(), shard % shards_, alpn, fallback);
}

std::vector<Certificate> Context::certificates() const {
    std::vector<Certificate> all;
    for (const Set::Domain& domain : current()->domains)
        for (const KeyPair& pair : domain.pairs) all.push_back(pair.certificate());
    return all;
}

std::vector<std::string> Context::warnings(Timestamp now) const {
    std::vector<std::string> all;
    const std::shared_ptr<const Set> set = current();
    for (const Set::Domain& domain : set->domains) {
        for (const KeyPair& pair : domain.pairs) std::ranges::copy(pair.warnings(now), std::back_inserter(all));
        if (!covered(domain, domain.name))
            all.push_back("no certificate of " + domain.name + " is made out to that name");
    }
    return all;
}

}  // namespace aldis::tls
