#include "xep/xep0390_caps2.h"

#include <algorithm>
#include <array>

namespace aldis::xep::caps2 {
namespace {

// They cannot stand in XML ("Hash Function Input Data Separators").
constexpr char unit = '\x1f';
constexpr char record = '\x1e';
constexpr char group = '\x1d';
constexpr char file = '\x1c';

/// Ordered by octets, one after the other, then `end`.
std::string joined(std::vector<std::string> parts, char end) {
    std::ranges::sort(parts);
    std::string all;
    for (const std::string& part : parts) all += part;
    return all += end;
}

std::string features(const disco::Info& info) {
    std::vector<std::string> parts;
    for (const disco::Feature& feature : info.features) parts.push_back(feature.var + unit);
    return joined(std::move(parts), file);
}

std::string identities(const disco::Info& info, std::string_view lang) {
    std::vector<std::string> parts;
    for (const disco::Identity& identity : info.identities) {
        std::string part = identity.category + unit + identity.type + unit;
        part.append(identity.lang ? std::string_view{*identity.lang} : lang) += unit;
        part.append(identity.name.value_or("")) += unit;
        parts.push_back(std::move(part) + record);
    }
    return joined(std::move(parts), file);
}

std::string form(const dataforms::Form& form) {
    std::vector<std::string> parts;
    for (const dataforms::Field& field : form.fields) {
        std::vector<std::string> values;
        for (const std::string& value : field.values) values.push_back(value + unit);
        parts.push_back(field.var.value_or("") + unit + joined(std::move(values), record));
    }
    return joined(std::move(parts), group);
}

std::string forms(const disco::Info& info) {
    std::vector<std::string> parts;
    for (const dataforms::Form& each : info.forms) parts.push_back(form(each));
    return joined(std::move(parts), file);
}

/// Is all that it says in the string?
bool is_covered(const xml::Element& query, const disco::Info& info) {
    const auto is_known = [](const xml::Element& child) {
        return child.is(disco::Identity::schema.name) || child.is(disco::Feature::schema.name) ||
               child.is(dataforms::Form::schema.name);
    };
    const auto is_plain = [](const dataforms::Form& each) {
        return !each.form_type().empty() && !each.reported && each.items.empty();
    };
    return std::ranges::all_of(query.children(), is_known) && std::ranges::all_of(info.forms, is_plain);
}

}  // namespace

std::string disco_node(const hashes::Hash& hash) { return std::string{ns} + '#' + hash.algo + '.' + hash.value; }

const hashes::Hash* best(const Set& set) {
    static constexpr std::array<std::string_view, 5> from_best{"sha3-512", "blake2b-512", "sha-512", "sha3-256",
                                                               "sha-256"};
    for (const std::string_view algo : from_best)
        if (const auto place = std::ranges::find(set.hashes, algo, &hashes::Hash::algo); place != set.hashes.end())
            return &*place;
    return nullptr;
}

std::optional<std::string> input(const xml::Element& query, std::string_view lang) {
    const Result<disco::Info> info = xml::parse<disco::Info>(query);
    if (!info || !is_covered(query, *info)) return std::nullopt;
    const std::optional<std::string_view> own = query.attribute(xml::Name{xml::xml_ns, "lang"});
    return features(*info) + identities(*info, own.value_or(lang)) + forms(*info);
}

}  // namespace aldis::xep::caps2
