#include "modules/vcard4_rules.h"

#include <string>
#include <utility>
#include <vector>

#include "xep/xep0054_vcard_temp.h"
#include "xep/xep0292_vcard4.h"
#include "xml/writer.h"

namespace aldis::modules::vcard4 {
namespace {

using Convert = bool (*)(xml::Element& card, const xml::Element& property);

/// One of the two ways, and the way back.
struct Way {
    xml::Name root;
    Convert there;
    Convert back;
    xml::Name root_of_back;
};

constexpr Way to_four{xep::vcard4::Card::schema.name, add_converted, add_converted_to_temp,
                      xep::vcard_temp::Card::schema.name};
constexpr Way to_old{xep::vcard_temp::Card::schema.name, add_converted_to_temp, add_converted,
                     xep::vcard4::Card::schema.name};

/// What a property is on the other side; empty: nothing that would lead back.
xml::Document counterpart(Convert there, Convert back, const xml::Name& other_root, const xml::Name& own_root,
                          const xml::Element& property) {
    xml::Document made{other_root};
    xml::Document returned{own_root};
    if (!there(made.root(), property) || !back(returned.root(), *made.root().first_element())) return {};
    return made;
}

xml::Document counterpart(const Way& way, const xml::Element& property) {
    return counterpart(way.there, way.back, way.root, way.root_of_back, property);
}

/// How the other side reads a property of the result; empty: not at all. Two that read the same have not changed.
std::string reading_of(const Way& way, const xml::Element& property) {
    const xml::Document back = counterpart(way.back, way.there, way.root_of_back, way.root, property);
    return back.empty() ? std::string{} : xml::to_string(back.root());
}

/// What was there before, and what of it is still to be used.
class Before {
public:
    Before(const Way& way, const xml::Element* card) {
        if (card == nullptr) return;
        for (const xml::Element& property : card->children()) kept_.push_back({&property, reading_of(way, property)});
    }

    /// The property that reads like this, once.
    const xml::Element* take(const std::string& reading) {
        for (Kept& kept : kept_)
            if (kept.property != nullptr && kept.reading == reading) return std::exchange(kept.property, nullptr);
        return nullptr;
    }
    /// Those that the other side knows nothing of.
    void add_unknown(xml::Element& card) const {
        for (const Kept& kept : kept_)
            if (kept.property != nullptr && kept.reading.empty()) card.append_copy(*kept.property);
    }

private:
    struct Kept {
        const xml::Element* property;
        std::string reading;
    };
    std::vector<Kept> kept_;
};

xml::Document convert(const Way& way, const xml::Element& card, const xml::Element* before) {
    xml::Document result{way.root};
    Before old{way, before};
    for (const xml::Element& property : card.children()) {
        const xml::Document converted = counterpart(way, property);
        if (converted.empty()) continue;
        const xml::Element& made = *converted.root().first_element();
        const xml::Element* const same = old.take(reading_of(way, made));
        result.root().append_copy(same != nullptr ? *same : made);
    }
    old.add_unknown(result.root());
    return result;
}

}  // namespace

bool has_too_many(const xml::Element& card) {
    std::size_t count = 0;
    for (const xml::Node* node = card.first_node(); node != nullptr; node = node->next)
        if (++count > 2 * most_properties) return true;  // with the white space between them
    return false;
}

xml::Document from_temp(const xml::Element& card, const xml::Element* before) { return convert(to_four, card, before); }

xml::Document to_temp(const xml::Element& card, const xml::Element* before) { return convert(to_old, card, before); }

}  // namespace aldis::modules::vcard4
