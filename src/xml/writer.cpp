#include "xml/writer.h"

#include <algorithm>
#include <array>

namespace aldis::xml {
namespace {

using Table = std::array<bool, 256>;

constexpr Table specials(std::string_view characters) {
    Table table{};
    for (const char c : characters) table[static_cast<unsigned char>(c)] = true;
    return table;
}

// A bare CR would be read as LF; TAB and LF in an attribute as spaces (XML 1.0 sections 2.11 and 3.3.3).
constexpr Table in_text = specials("&<>\r");
constexpr Table in_attribute = specials("&<>'\"\r\n\t");

std::string_view reference(char c) {
    switch (c) {
        case '&': return "&amp;";
        case '<': return "&lt;";
        case '>': return "&gt;";
        case '\'': return "&apos;";
        case '"': return "&quot;";
        case '\r': return "&#xD;";
        case '\n': return "&#xA;";
        default: return "&#x9;";
    }
}

void escape(std::string& out, std::string_view text, const Table& special) {
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!special[static_cast<unsigned char>(text[i])]) continue;
        out.append(text.substr(done, i - done)).append(reference(text[i]));
        done = i + 1;
    }
    out.append(text.substr(done));
}

void write_attribute(std::string& out, std::string_view name, std::string_view value) {
    out.append(1, ' ').append(name).append("='");
    escape_attribute(out, value);
    out += '\'';
}

void write_attributes(std::string& out, const Element& element) {
    int foreign = 0;
    for (const Attribute* a = element.first_attribute(); a != nullptr; a = a->next) {
        if (a->name.ns.empty()) {
            write_attribute(out, a->name.local, a->value);
        } else if (a->name.ns == xml_ns) {
            write_attribute(out, "xml:" + std::string{a->name.local}, a->value);
        } else {
            const std::string prefix = "ns" + std::to_string(foreign++);
            write_attribute(out, "xmlns:" + prefix, a->name.ns);
            write_attribute(out, prefix + ":" + std::string{a->name.local}, a->value);
        }
    }
}

void write_raw(std::string& out, std::string_view markup, std::string_view default_ns) {
    if (default_ns == client_ns) {
        out += markup;
        return;
    }
    const std::size_t name_end = std::min(markup.find_first_of(" />", 1), markup.size());
    const std::string_view start_tag = markup.substr(name_end, markup.find('>') - name_end);
    out += markup.substr(0, name_end);
    if (!start_tag.starts_with(" xmlns='")) write_attribute(out, "xmlns", client_ns);
    out += markup.substr(name_end);
}

void write_node(std::string& out, const Node& node, std::string_view default_ns) {
    switch (node.kind) {
        case Node::Kind::element: write(out, static_cast<const Element&>(node), default_ns); break;
        case Node::Kind::text: escape_text(out, static_cast<const Text&>(node).characters); break;
        case Node::Kind::raw: write_raw(out, static_cast<const Raw&>(node).markup, default_ns); break;
    }
}

}  // namespace

void escape_text(std::string& out, std::string_view text) { escape(out, text, in_text); }
void escape_attribute(std::string& out, std::string_view value) { escape(out, value, in_attribute); }

void write(std::string& out, const Element& element, std::string_view default_ns) {
    // No default namespace may be the XML namespace (Namespaces in XML 1.0, section 3): its prefix is always declared.
    const bool reserved = element.ns() == xml_ns;
    const std::string_view prefix = reserved ? "xml:" : "";
    const std::string_view inner_ns = reserved ? default_ns : element.ns();
    out.append(1, '<').append(prefix).append(element.local());
    if (inner_ns != default_ns) write_attribute(out, "xmlns", inner_ns);
    if (element.first_attribute() != nullptr) write_attributes(out, element);
    if (element.first_node() == nullptr) {
        out += "/>";
        return;
    }
    out += '>';
    for (const Node* node = element.first_node(); node != nullptr; node = node->next) write_node(out, *node, inner_ns);
    out.append("</").append(prefix).append(element.local()).append(1, '>');
}

std::string to_string(const Element& element, std::string_view default_ns) {
    std::string out;
    write(out, element, default_ns);
    return out;
}

}  // namespace aldis::xml
