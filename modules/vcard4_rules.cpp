#include "modules/vcard4_rules.h"

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

/// A property as the other side would read it; empty where it would not. Two that read the same have not changed.
std::string reading_of(Convert convert, const xml::Name& root, const xml::Element& property) {
    xml::Document document{root};
    return convert(document.root(), property) ? xml::to_string(document.root()) : std::string{};
}

/// What was there before, and what of it is still to be used.
class Before {
public:
    Before(const Way& way, const xml::Element* card) {
        if (card == nullptr) return;
        for (const xml::Element& property : card->children())
            kept_.push_back({&property, reading_of(way.back, way.root_of_back, property)});
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
        xml::Document converted{way.root};
        if (!way.there(converted.root(), property)) continue;
        const xml::Element& made = *converted.root().first_element();
        const xml::Element* const same = old.take(reading_of(way.back, way.root_of_back, made));
        result.root().append_copy(same != nullptr ? *same : made);
    }
    old.add_unknown(result.root());
    return result;
}

}  // namespace

xml::Document from_temp(const xml::Element& card, const xml::Element* before) { return convert(to_four, card, before); }

xml::Document to_temp(const xml::Element& card, const xml::Element* before) { return convert(to_old, card, before); }

}  // namespace aldis::modules::vcard4
