#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jid/jid.h"
#include "stanza/stanza.h"
#include "xep/xep0004_data_forms.h"
#include "xep/xep0059_rsm.h"
#include "xml/schema.h"

/// XEP-0030: Service Discovery 2.5.0, with the forms of XEP-0128 and the pages of XEP-0059.
namespace aldis::xep::disco {

inline constexpr std::string_view info_ns = "http://jabber.org/protocol/disco#info";
inline constexpr std::string_view items_ns = "http://jabber.org/protocol/disco#items";

/// What kind of thing an entity is; the values are registered: https://xmpp.org/registrar/disco-categories.html
struct Identity {
    std::string category;
    std::string type;
    std::optional<std::string> name = {};
    std::optional<std::string> lang = {};

    static constexpr auto schema = xml::element(
        info_ns, "identity", xml::attribute<&Identity::category>("category"), xml::attribute<&Identity::type>("type"),
        xml::attribute<&Identity::name>("name"), xml::attribute<&Identity::lang>("lang", xml::xml_ns));
};

struct Feature {
    std::string var;

    static constexpr auto schema = xml::element(info_ns, "feature", xml::attribute<&Feature::var>("var"));
};

/// What an entity, or one of its nodes, is and can do. The question is the same with nothing inside.
struct Info {
    std::optional<std::string> node = {};
    std::vector<Identity> identities = {};
    std::vector<Feature> features = {};
    std::vector<dataforms::Form> forms = {};  ///< XEP-0128

    static constexpr auto schema =
        xml::element(info_ns, "query", xml::attribute<&Info::node>("node"), xml::children<&Info::identities>(),
                     xml::children<&Info::features>(), xml::children<&Info::forms>());
};

struct Item {
    Jid jid;
    std::optional<std::string> name = {};
    std::optional<std::string> node = {};

    static constexpr auto schema =
        xml::element(items_ns, "item", xml::attribute<&Item::jid>("jid"), xml::attribute<&Item::name>("name"),
                     xml::attribute<&Item::node>("node"));
};

/// What belongs to an entity, or to one of its nodes. The question is the same with nothing inside.
struct Items {
    std::optional<std::string> node = {};
    std::vector<Item> items = {};
    std::optional<rsm::Set> set = {};

    static constexpr auto schema = xml::element(items_ns, "query", xml::attribute<&Items::node>("node"),
                                                xml::children<&Items::items>(), xml::child<&Items::set>());
};

}  // namespace aldis::xep::disco
