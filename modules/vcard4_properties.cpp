// One property from vcard-temp to vCard4 (RFC 6351) and back: XEP-0292 "Mapping from vcard-temp to vCard4".
#include <algorithm>
#include <array>
#include <span>

#include "modules/vcard4_rules.h"
#include "xep/xep0054_vcard_temp.h"
#include "xep/xep0292_vcard4.h"
#include "xml/codec.h"

namespace aldis::modules::vcard4 {
namespace {

struct Pair {
    std::string_view temp;
    std::string_view four;
};

/// How one property is called on both sides, and what makes one of the other.
struct Rule {
    std::string_view temp;
    std::string_view four;
    bool (*to_four)(xml::Element& card, const xml::Element& property, const Rule& rule);
    bool (*to_temp)(xml::Element& card, const xml::Element& property, const Rule& rule);
    std::string_view kind = "text";  ///< the name of the value's element in vCard4
};

constexpr std::array name_parts{Pair{"FAMILY", "surname"}, Pair{"GIVEN", "given"}, Pair{"MIDDLE", "additional"},
                                Pair{"PREFIX", "prefix"}, Pair{"SUFFIX", "suffix"}};
constexpr std::array address_parts{Pair{"POBOX", "pobox"},       Pair{"EXTADD", "ext"},    Pair{"STREET", "street"},
                                   Pair{"LOCALITY", "locality"}, Pair{"REGION", "region"}, Pair{"PCODE", "code"},
                                   Pair{"CTRY", "country"}};
// What vCard4 has dropped (DOM, MSG, INTERNET ...) has no counterpart.
constexpr std::array place_types{Pair{"HOME", "home"}, Pair{"WORK", "work"}};
constexpr std::array phone_types{Pair{"HOME", "home"},   Pair{"WORK", "work"},   Pair{"TEXT", "text"},
                                 Pair{"VOICE", "voice"}, Pair{"FAX", "fax"},     Pair{"CELL", "cell"},
                                 Pair{"VIDEO", "video"}, Pair{"PAGER", "pager"}, Pair{"TEXTPHONE", "textphone"}};

const xml::Element* part(const xml::Element& element, std::string_view name) {
    return element.child({element.ns(), name});
}

std::string text_of(const xml::Element& element, std::string_view name) {
    const xml::Element* const child = part(element, name);
    return child == nullptr ? std::string{} : std::string{xml::trim(child->text_view())};
}

/// The values of a vCard4 property, without its parameters.
std::vector<std::string> values_of(const xml::Element& property) {
    std::vector<std::string> values;
    for (const xml::Element& child : property.children())
        if (child.local() != "parameters") values.emplace_back(xml::trim(child.text_view()));
    return values;
}

std::string first_value(const xml::Element& property) {
    std::vector<std::string> values = values_of(property);
    return values.empty() ? std::string{} : std::move(values.front());
}

std::string value_after(const xml::Element& property, std::string_view prefix) {
    const std::string value = first_value(property);
    return value.starts_with(prefix) ? value.substr(prefix.size()) : std::string{};
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) {
        if (!all.empty()) all += ',';
        all += text;
    }
    return all;
}

// ---- Structure ----

void copy_parts(xml::Element& to, const xml::Element& from, std::span<const Pair> pairs, std::string_view Pair::* there,
                std::string_view Pair::* here) {
    for (const Pair& pair : pairs)
        if (const xml::Element* const child = part(from, pair.*here))
            to.append(pair.*there).append_text(child->text_view());
}

/// HOME, WORK ... and PREF become parameters.
void types_to_four(xml::Element& to, const xml::Element& from, std::span<const Pair> types) {
    const bool any = std::ranges::any_of(types, [&](const Pair& type) { return part(from, type.temp) != nullptr; });
    const bool preferred = part(from, "PREF") != nullptr;
    if (!any && !preferred) return;
    xml::Element& parameters = to.append("parameters");
    if (any) {
        xml::Element& list = parameters.append("type");
        for (const Pair& type : types)
            if (part(from, type.temp) != nullptr) list.append("text").append_text(type.four);
    }
    if (preferred) parameters.append("pref").append("integer").append_text("1");
}

void types_to_temp(xml::Element& to, const xml::Element& from, std::span<const Pair> types) {
    const xml::Element* const parameters = part(from, "parameters");
    if (parameters == nullptr) return;
    if (const xml::Element* const list = part(*parameters, "type"))
        for (const std::string& name : values_of(*list))
            for (const Pair& type : types)
                if (type.four == name) to.append(type.temp);
    // RFC 6350 section 5.3: 1 is what is preferred most.
    const xml::Element* const preference = part(*parameters, "pref");
    if (preference != nullptr &&
        xml::trim(preference->has_children() ? first_value(*preference) : preference->text()) == "1")
        to.append("PREF");
}

// ---- Single properties ----

bool text_to_four(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::string_view value = xml::trim(property.text_view());
    if (value.empty() && rule.four != "fn") return false;  // RFC 6350 section 6.2.1: FN must be there
    const bool with_time = rule.four == "bday" && value.contains('T');
    card.append(rule.four).append(with_time ? "date-time" : rule.kind).append_text(value);
    return true;
}

bool text_to_temp(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::vector<std::string> values = values_of(property);
    if (values.empty()) return false;
    card.append(rule.temp).append_text(joined(values));
    return true;
}

bool name_to_four(xml::Element& card, const xml::Element& property, const Rule& rule) {
    copy_parts(card.append(rule.four), property, name_parts, &Pair::four, &Pair::temp);
    return true;
}

bool name_to_temp(xml::Element& card, const xml::Element& property, const Rule& rule) {
    copy_parts(card.append(rule.temp), property, name_parts, &Pair::temp, &Pair::four);
    return true;
}

bool address_to_four(xml::Element& card, const xml::Element& property, const Rule& rule) {
    xml::Element& made = card.append(rule.four);
    types_to_four(made, property, place_types);
    copy_parts(made, property, address_parts, &Pair::four, &Pair::temp);
    return true;
}

bool address_to_temp(xml::Element& card, const xml::Element& property, const Rule& rule) {
    xml::Element& made = card.append(rule.temp);
    types_to_temp(made, property, place_types);
    copy_parts(made, property, address_parts, &Pair::temp, &Pair::four);
    return true;
}

/// RFC 3966: what does not look like a number cannot stand in a URI.
bool fits_tel(std::string_view number) {
    constexpr std::string_view allowed = "0123456789+-.()*#;=abcdefghijklmnopqrstuvwxyz";
    return number.find_first_not_of(allowed) == std::string_view::npos;
}

bool phone_to_four(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::string number = text_of(property, "NUMBER");
    if (number.empty()) return false;
    xml::Element& made = card.append(rule.four);
    types_to_four(made, property, phone_types);
    if (fits_tel(number)) {
        made.append("uri").append_text("tel:" + number);
    } else {
        made.append("text").append_text(number);
    }
    return true;
}

bool phone_to_temp(xml::Element& card, const xml::Element& property, const Rule& rule) {
    std::string number = first_value(property);
    if (number.starts_with("tel:")) number.erase(0, 4);
    if (number.empty()) return false;
    xml::Element& made = card.append(rule.temp);
    types_to_temp(made, property, phone_types);
    made.append("NUMBER").append_text(number);
    return true;
}

bool mail_to_four(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::string address = text_of(property, "USERID");
    if (address.empty()) return false;
    xml::Element& made = card.append(rule.four);
    types_to_four(made, property, place_types);
    made.append("text").append_text(address);
    return true;
}

bool mail_to_temp(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::string address = first_value(property);
    if (address.empty()) return false;
    xml::Element& made = card.append(rule.temp);
    types_to_temp(made, property, place_types);
    made.append("INTERNET");
    made.append("USERID").append_text(address);
    return true;
}

bool jid_to_four(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::string_view jid = xml::trim(property.text_view());
    if (jid.empty()) return false;
    card.append(rule.four).append("uri").append_text("xmpp:" + std::string{jid});
    return true;
}

bool jid_to_temp(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::string jid = value_after(property, "xmpp:");
    if (jid.empty()) return false;
    card.append(rule.temp).append_text(jid);
    return true;
}

bool place_to_four(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::string latitude = text_of(property, "LAT");
    const std::string longitude = text_of(property, "LON");
    if (latitude.empty() || longitude.empty()) return false;
    card.append(rule.four).append("uri").append_text("geo:" + latitude + "," + longitude);
    return true;
}

bool place_to_temp(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::string place = value_after(property, "geo:");
    const std::size_t comma = place.find(',');
    if (comma == std::string::npos) return false;
    const std::string longitude = place.substr(comma + 1);
    xml::Element& made = card.append(rule.temp);
    made.append("LAT").append_text(place.substr(0, comma));
    made.append("LON").append_text(longitude.substr(0, longitude.find_first_of(",;")));
    return true;
}

/// RFC 6350 section 6.6.4: after the name of an organization come its units.
bool organization_to_four(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::string name = text_of(property, "ORGNAME");
    if (name.empty()) return false;
    xml::Element& made = card.append(rule.four);
    made.append("text").append_text(name);
    for (const xml::Element& child : property.children()) {
        const std::string_view unit = xml::trim(child.text_view());
        if (child.local() == "ORGUNIT" && !unit.empty()) made.append("text").append_text(unit);
    }
    return true;
}

bool organization_to_temp(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::vector<std::string> values = values_of(property);
    if (values.empty()) return false;
    xml::Element& made = card.append(rule.temp);
    made.append("ORGNAME").append_text(values.front());
    for (const std::string& unit : std::span{values}.subspan(1)) made.append("ORGUNIT").append_text(unit);
    return true;
}

bool categories_to_four(xml::Element& card, const xml::Element& property, const Rule& rule) {
    if (!property.has_children()) return false;
    xml::Element& made = card.append(rule.four);
    for (const xml::Element& word : property.children()) made.append("text").append_text(xml::trim(word.text_view()));
    return true;
}

bool categories_to_temp(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::vector<std::string> values = values_of(property);
    if (values.empty()) return false;
    xml::Element& made = card.append(rule.temp);
    for (const std::string& word : values) made.append("KEYWORD").append_text(word);
    return true;
}

/// An agent that is a vCard itself has no counterpart.
bool agent_to_four(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::string where = text_of(property, "EXTVAL");
    if (where.empty()) return false;
    xml::Element& made = card.append(rule.four);
    made.append("parameters").append("type").append("text").append_text("agent");
    made.append("uri").append_text(where);
    return true;
}

bool agent_to_temp(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const xml::Element* const parameters = part(property, "parameters");
    const xml::Element* const type = parameters == nullptr ? nullptr : part(*parameters, "type");
    const std::string where = text_of(property, "uri");
    if (type == nullptr || where.empty() || first_value(*type) != "agent") return false;
    card.append(rule.temp).append("EXTVAL").append_text(where);
    return true;
}

/// Only what is somewhere else: a picture inside goes the way of avatars.
bool link_to_four(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::string where = text_of(property, "EXTVAL");
    if (where.empty()) return false;
    card.append(rule.four).append("uri").append_text(where);
    return true;
}

bool link_to_temp(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::string where = first_value(property);
    if (where.empty() || where.starts_with("data:")) return false;
    card.append(rule.temp).append("EXTVAL").append_text(where);
    return true;
}

/// "The vcard-temp <CRED/> element is mapped to the vCard4 value-text construction."
bool key_to_four(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::string key = text_of(property, "CRED");
    if (key.empty()) return false;
    card.append(rule.four).append("text").append_text(key);
    return true;
}

bool key_to_temp(xml::Element& card, const xml::Element& property, const Rule& rule) {
    const std::string key = text_of(property, "text");
    if (key.empty()) return false;
    card.append(rule.temp).append("CRED").append_text(key);
    return true;
}

bool order_to_four(xml::Element& card, const xml::Element& property, const Rule& rule) {
    card.append(rule.four).append_text(xml::trim(property.text_view()));
    return true;
}

bool order_to_temp(xml::Element& card, const xml::Element& property, const Rule& rule) {
    card.append(rule.temp).append_text(xml::trim(property.text_view()));
    return true;
}

// Where one side has two, the first of them is meant. CLASS, LABEL and MAILER have no counterpart.
constexpr Rule rules[] = {
    {"FN", "fn", text_to_four, text_to_temp},
    {"N", "n", name_to_four, name_to_temp},
    {"NICKNAME", "nickname", text_to_four, text_to_temp},
    {"PHOTO", "photo", link_to_four, link_to_temp},
    {"BDAY", "bday", text_to_four, text_to_temp, "date"},
    {"ADR", "adr", address_to_four, address_to_temp},
    {"TEL", "tel", phone_to_four, phone_to_temp},
    {"EMAIL", "email", mail_to_four, mail_to_temp},
    {"JABBERID", "impp", jid_to_four, jid_to_temp},
    {"TZ", "tz", text_to_four, text_to_temp},
    {"GEO", "geo", place_to_four, place_to_temp},
    {"TITLE", "title", text_to_four, text_to_temp},
    {"ROLE", "role", text_to_four, text_to_temp},
    {"LOGO", "logo", link_to_four, link_to_temp},
    {"AGENT", "related", agent_to_four, agent_to_temp},
    {"ORG", "org", organization_to_four, organization_to_temp},
    {"CATEGORIES", "categories", categories_to_four, categories_to_temp},
    {"DESC", "note", text_to_four, text_to_temp},
    {"NOTE", "note", text_to_four, text_to_temp},
    {"PRODID", "prodid", text_to_four, text_to_temp},
    {"REV", "rev", text_to_four, text_to_temp, "timestamp"},
    {"SORT-STRING", "sort-as", order_to_four, order_to_temp},
    {"SOUND", "sound", link_to_four, link_to_temp},
    {"UID", "uid", text_to_four, text_to_temp, "uri"},
    {"URL", "url", text_to_four, text_to_temp, "uri"},
    {"KEY", "key", key_to_four, key_to_temp},
};

}  // namespace

bool add_converted(xml::Element& card, const xml::Element& property_of_temp) {
    if (property_of_temp.ns() != xep::vcard_temp::ns) return false;
    for (const Rule& rule : rules)
        if (rule.temp == property_of_temp.local()) return rule.to_four(card, property_of_temp, rule);
    return false;
}

bool add_converted_to_temp(xml::Element& card, const xml::Element& property_of_four) {
    if (property_of_four.ns() != xep::vcard4::ns) return false;
    for (const Rule& rule : rules)
        if (rule.four == property_of_four.local()) return rule.to_temp(card, property_of_four, rule);
    return false;
}

}  // namespace aldis::modules::vcard4
