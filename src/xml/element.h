#pragma once

#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "xml/arena.h"

namespace aldis::xml {

inline constexpr std::string_view xml_ns = "http://www.w3.org/XML/1998/namespace";

/// An expanded name: namespace and local part.
struct Name {
    std::string_view ns;
    std::string_view local;

    friend bool operator==(const Name& a, const Name& b) {
        return a.local.size() == b.local.size() && a.ns.size() == b.ns.size() && same(a.local, b.local) &&
               same(a.ns, b.ns);
    }

private:
    // Names that were copied from one another share their characters.
    static bool same(std::string_view a, std::string_view b) { return a.data() == b.data() || a == b; }
};

struct Attribute {
    Name name;  ///< no namespace: the usual case
    std::string_view value;
    Attribute* next = nullptr;
};

class Element;

/// What stands inside an element: another element, characters, or markup that is complete as it is.
struct Node {
    enum class Kind : std::uint8_t { element, text, raw };
    Kind kind;
    Node* next = nullptr;
    explicit Node(Kind k) : kind{k} {}
};

struct Text : Node {
    std::string_view characters;
    explicit Text(std::string_view c) : Node{Kind::text}, characters{c} {}
};

/// One serialised element, written as Writer made it for a stream whose default namespace is jabber:client.
struct Raw : Node {
    std::string_view markup;
    explicit Raw(std::string_view m) : Node{Kind::raw}, markup{m} {}
};

/// An element in an Arena. Strings returned live as long as the arena; strings given are copied into it.
class Element : public Node {
public:
    Element(Arena& arena, Name name) : Node{Kind::element}, name_{name}, arena_{&arena} {}

    [[nodiscard]] const Name& name() const { return name_; }
    [[nodiscard]] std::string_view ns() const { return name_.ns; }
    [[nodiscard]] std::string_view local() const { return name_.local; }
    [[nodiscard]] bool is(const Name& name) const { return name_ == name; }
    [[nodiscard]] Arena& arena() const { return *arena_; }
    /// The strings of `name` must live as long as the arena (or for ever).
    void rename(const Name& name) { name_ = name; }

    /// The attribute of that name in no namespace; `nothing` where it is absent.
    [[nodiscard]] std::optional<std::string_view> attribute(std::string_view local) const;
    [[nodiscard]] std::string_view attribute_or(std::string_view local, std::string_view otherwise) const;
    [[nodiscard]] std::optional<std::string_view> attribute(const Name& name) const;
    /// Replaces or adds.
    Element& set(std::string_view local, std::string_view value);
    Element& set(const Name& name, std::string_view value);
    void remove_attribute(std::string_view local);
    [[nodiscard]] const Attribute* first_attribute() const { return attributes_; }

    /// Adds an empty child and returns it. An empty namespace means: the same as this element's.
    Element& append(std::string_view local, std::string_view ns = {});
    Element& append(const Name& name) { return append(name.local, name.ns); }
    /// Adds a deep copy.
    Element& append_copy(const Element& other);
    Element& append_text(std::string_view characters);
    /// Adds markup as it is (see Raw). The characters are copied.
    void append_raw(std::string_view markup);
    void remove(const Element& child);
    /// Removes the children for which `condition` holds.
    template <class Condition>
    void remove_if(Condition&& condition);

    [[nodiscard]] const Element* child(const Name& name) const;
    [[nodiscard]] Element* child(const Name& name);
    [[nodiscard]] const Element* first_element() const;
    [[nodiscard]] const Node* first_node() const { return first_; }
    /// All characters directly inside, joined.
    [[nodiscard]] std::string text() const;
    /// The same without a copy where they are in one piece, which the parser sees to.
    [[nodiscard]] std::string_view text_view() const;

    class Iterator {
    public:
        using difference_type = std::ptrdiff_t;
        using value_type = const Element;
        Iterator() = default;
        explicit Iterator(const Node* node) : node_{node} { skip(); }
        const Element& operator*() const { return static_cast<const Element&>(*node_); }
        const Element* operator->() const { return &**this; }
        Iterator& operator++() {
            node_ = node_->next;
            skip();
            return *this;
        }
        Iterator operator++(int) {
            Iterator old = *this;
            ++*this;
            return old;
        }
        friend bool operator==(const Iterator&, const Iterator&) = default;

    private:
        void skip() {
            while (node_ != nullptr && node_->kind != Node::Kind::element) node_ = node_->next;
        }
        const Node* node_ = nullptr;
    };
    struct Children {
        const Node* first;
        [[nodiscard]] Iterator begin() const { return Iterator{first}; }
        [[nodiscard]] Iterator end() const { return {}; }
    };
    /// The child elements, in order.
    [[nodiscard]] Children children() const { return {first_}; }
    [[nodiscard]] bool has_children() const { return children().begin() != children().end(); }

private:
    friend class TreeBuilder;
    void link(Node& node);

    Name name_;
    Arena* arena_;
    Attribute* attributes_ = nullptr;
    Node* first_ = nullptr;
    Node* last_ = nullptr;
};

/// An element with the memory it lives in. Empty after it was moved from.
class Document {
public:
    Document() = default;
    explicit Document(const Name& root);
    Document(Arena::Ptr arena, Element* root) : arena_{std::move(arena)}, root_{root} {}

    [[nodiscard]] bool empty() const { return root_ == nullptr; }
    [[nodiscard]] Element& root() { return *root_; }
    [[nodiscard]] const Element& root() const { return *root_; }
    [[nodiscard]] Arena& arena() { return *arena_; }

    [[nodiscard]] static Document copy_of(const Element& element);

private:
    Arena::Ptr arena_;
    Element* root_ = nullptr;
};

template <class Condition>
void Element::remove_if(Condition&& condition) {
    Node** place = &first_;
    last_ = nullptr;
    while (*place != nullptr) {
        Node* const node = *place;
        if (node->kind == Kind::element && condition(static_cast<const Element&>(*node))) {
            *place = node->next;
        } else {
            last_ = node;
            place = &node->next;
        }
    }
}

}  // namespace aldis::xml
