// Turns whatever comes into the other language of profiles, or the other form of bookmarks, and back: done twice, it is
// the same as done once.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "modules/bookmark_rules.h"
#include "modules/vcard4_rules.h"
#include "modules/vcard_rules.h"
#include "xml/parser.h"
#include "xml/writer.h"

namespace {

using namespace aldis;

void require(bool truth) {
    if (!truth) std::abort();
}

using Convert = xml::Document (*)(const xml::Element&, const xml::Element*);

void check_card(const xml::Element& card, Convert there, Convert back) {
    const xml::Document first = there(card, nullptr);
    const xml::Document returned = back(first.root(), &card);
    const xml::Document second = there(returned.root(), &first.root());
    require(xml::to_string(first.root()) == xml::to_string(second.root()));
}

void check_bookmarks(const xml::Element& storage) {
    namespace bookmarks = modules::bookmarks;
    const bookmarks::Changes changes = bookmarks::changes_to({}, storage);
    require(changes.retract.empty());
    const xml::Document list = bookmarks::collate(changes.publish, &changes.others.root());
    const bookmarks::Changes none = bookmarks::changes_to(changes.publish, list.root());
    require(none.publish.empty() && none.retract.empty());
    require(xml::to_string(none.others.root()) == xml::to_string(changes.others.root()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    xml::Document document;
    try {
        document = xml::parse_document({reinterpret_cast<const char*>(data), size}, xml::client_ns);
    } catch (const xml::ParseError&) {
        return 0;
    }
    xml::Element& root = document.root();
    static_cast<void>(modules::vcard::take_picture(root, {.bytes = 4096, .side = 1000}));
    check_card(root, modules::vcard4::from_temp, modules::vcard4::to_temp);
    check_card(root, modules::vcard4::to_temp, modules::vcard4::from_temp);
    check_bookmarks(root);
    return 0;
}
