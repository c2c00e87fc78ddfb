#include "modules/client_caps_rules.h"

#include <algorithm>
#include <ranges>

#include "base/base64.h"
#include "xep/xep0115_caps.h"
#include "xep/xep0390_caps2.h"

namespace aldis::modules::client_caps {
namespace {

constexpr std::string_view notify = "+notify";
/// No hash that we know is longer.
constexpr std::size_t longest_hash = 128;
constexpr std::size_t longest_uri = 1024;

bool is_sound(const Advertised& said) {
    return !said.hash.empty() && said.hash.size() <= longest_hash && said.algo.size() <= longest_hash &&
           said.node.size() <= longest_uri;
}

std::optional<Advertised> second(const Presence& presence) {
    const std::optional<xep::caps2::Set> set = presence.get<xep::caps2::Set>();
    if (!set || set->hashes.empty()) return std::nullopt;
    const xep::hashes::Hash* const best = xep::caps2::best(*set);
    const xep::hashes::Hash& hash = best != nullptr ? *best : set->hashes.front();
    return Advertised{.node = xep::caps2::disco_node(hash),
                      .algo = hash.algo,
                      .hash = hash.value,
                      .second = true,
                      .verifiable = best != nullptr};
}

std::optional<Advertised> first(const Presence& presence) {
    const std::optional<xep::Caps> caps = presence.get<xep::Caps>();
    if (!caps || !caps->hash) return std::nullopt;
    return Advertised{.node = caps->disco_node(),
                      .algo = *caps->hash,
                      .hash = caps->ver,
                      .verifiable = xep::hashes::digest(*caps->hash, "").has_value()};
}

void add(std::vector<std::string>& nodes, std::string_view feature) {
    if (!feature.ends_with(notify)) return;
    feature.remove_suffix(notify.size());
    if (!feature.empty() && feature.size() <= longest_node) nodes.emplace_back(feature);
}

std::vector<std::string> sorted(std::vector<std::string> nodes) {
    std::ranges::sort(nodes);
    const auto repeated = std::ranges::unique(nodes);
    nodes.erase(repeated.begin(), repeated.end());
    if (nodes.size() > most_nodes) nodes.resize(most_nodes);
    nodes.shrink_to_fit();
    return nodes;
}

std::vector<std::string> notified_of(const xep::disco::Info& info) {
    std::vector<std::string> nodes;
    for (const xep::disco::Feature& feature : info.features) add(nodes, feature.var);
    return sorted(std::move(nodes));
}

/// XEP-0115 "Caps Poisoning": the same string is hashed for a feature and for, say, the name of a form, so that a
/// client can answer with less than another that has the same hash. What counts must be the same for all answers with
/// this hash: so all parts of the string count, wherever they stand.
std::vector<std::string> notified_of(std::string_view hashed) {
    std::vector<std::string> nodes;
    for (const auto part : std::views::split(hashed, '<')) add(nodes, std::string_view{part});
    return sorted(std::move(nodes));
}

bool is_hash_of(const Advertised& said, std::string_view bytes) {
    const std::optional<std::string> digest = xep::hashes::digest(said.algo, bytes);
    return digest && base64_encode(*digest) == said.hash;
}

/// COMPAT: clients that do not count the language of their stream.
bool proves(const Advertised& said, const xml::Element& query, std::string_view lang) {
    const auto is_right = [&](std::string_view implied) {
        const std::optional<std::string> input = xep::caps2::input(query, implied);
        return input && is_hash_of(said, *input);
    };
    return is_right(lang) || (!lang.empty() && is_right({}));
}

}  // namespace

std::string Advertised::key() const { return (second ? "2 " : "1 ") + algo + ' ' + (verifiable ? hash : node); }

std::optional<Advertised> advertised(const Presence& presence) {
    // "Upgrading from XEP-0115": what the older one says proves less.
    std::optional<Advertised> said = second(presence);
    if (!said) said = first(presence);
    if (said && !is_sound(*said)) said.reset();
    return said;
}

Learned learn(const Advertised& advertised, const Iq& answer) {
    const xml::Element* const query = answer.payload();
    if (answer.is_error() || query == nullptr || !query->is(xep::disco::Info::schema.name)) return {};
    const Result<xep::disco::Info> info = xml::parse<xep::disco::Info>(*query);
    if (!info) return {};
    Learned learned{.notified = notified_of(*info)};
    if (!advertised.verifiable) return learned;
    if (advertised.second) {
        const std::string_view lang = answer.element().attribute(xml::Name{xml::xml_ns, "lang"}).value_or("");
        learned.verified = proves(advertised, *query, lang);
        return learned;
    }
    const std::optional<std::string> hashed = xep::verification_input(*info);
    if (hashed && is_hash_of(advertised, *hashed)) learned = {.notified = notified_of(*hashed), .verified = true};
    return learned;
}

}  // namespace aldis::modules::client_caps
