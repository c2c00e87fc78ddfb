#include "xml/element.h"

namespace aldis::xml {
namespace {

Name copy_name(Arena& arena, const Name& name, std::string_view parent_ns) {
    const std::string_view ns = name.ns == parent_ns ? parent_ns : arena.copy(name.ns);
    return {ns, arena.copy(name.local)};
}

}  // namespace

std::optional<std::string_view> Element::attribute(std::string_view local) const { return attribute(Name{{}, local}); }

std::optional<std::string_view> Element::attribute(const Name& name) const {
    for (const Attribute* a = attributes_; a != nullptr; a = a->next)
        if (a->name == name) return a->value;
    return std::nullopt;
}

std::string_view Element::attribute_or(std::string_view local, std::string_view otherwise) const {
    return attribute(local).value_or(otherwise);
}

Element& Element::set(std::string_view local, std::string_view value) { return set(Name{{}, local}, value); }

Element& Element::set(const Name& name, std::string_view value) {
    Attribute** place = &attributes_;
    for (; *place != nullptr; place = &(*place)->next) {
        if ((*place)->name == name) {
            (*place)->value = arena_->copy(value);
            return *this;
        }
    }
    const Name copied{arena_->copy(name.ns), arena_->copy(name.local)};
    *place = arena_->make_object<Attribute>(Attribute{.name = copied, .value = arena_->copy(value)});
    return *this;
}

void Element::remove_attribute(std::string_view local) {
    for (Attribute** place = &attributes_; *place != nullptr; place = &(*place)->next) {
        if ((*place)->name != Name{{}, local}) continue;
        *place = (*place)->next;
        return;
    }
}

void Element::link(Node& node) {
    (last_ == nullptr ? first_ : last_->next) = &node;
    last_ = &node;
}

Element& Element::append(std::string_view local, std::string_view ns) {
    const Name name = ns.empty() ? Name{name_.ns, arena_->copy(local)} : copy_name(*arena_, {ns, local}, name_.ns);
    auto* const child = arena_->make_object<Element>(*arena_, name);
    link(*child);
    return *child;
}

Element& Element::append_copy(const Element& other) {
    auto* const made = arena_->make_object<Element>(*arena_, copy_name(*arena_, other.name_, name_.ns));
    link(*made);
    for (const Attribute* a = other.attributes_; a != nullptr; a = a->next) made->set(a->name, a->value);
    for (const Node* node = other.first_; node != nullptr; node = node->next) {
        switch (node->kind) {
            case Kind::element: made->append_copy(static_cast<const Element&>(*node)); break;
            case Kind::text: made->append_text(static_cast<const Text&>(*node).characters); break;
            case Kind::raw: made->append_raw(static_cast<const Raw&>(*node).markup); break;
        }
    }
    return *made;
}

Element& Element::append_text(std::string_view characters) {
    if (characters.empty()) return *this;
    if (last_ != nullptr && last_->kind == Kind::text) {
        auto& text = static_cast<Text&>(*last_);
        text.characters = arena_->extend(text.characters, characters);
    } else {
        // The object first: what is copied last can be extended in place.
        auto* const text = arena_->make_object<Text>(std::string_view{});
        text->characters = arena_->copy(characters);
        link(*text);
    }
    return *this;
}

void Element::append_raw(std::string_view markup) { link(*arena_->make_object<Raw>(arena_->copy(markup))); }

void Element::remove(const Element& child) {
    remove_if([&](const Element& other) { return &other == &child; });
}

const Element* Element::child(const Name& name) const {
    for (const Element& element : children())
        if (element.is(name)) return &element;
    return nullptr;
}

Element* Element::child(const Name& name) { return const_cast<Element*>(std::as_const(*this).child(name)); }

const Element* Element::first_element() const {
    const Iterator first = children().begin();
    return first == children().end() ? nullptr : &*first;
}

std::string Element::text() const {
    std::string joined;
    for (const Node* node = first_; node != nullptr; node = node->next)
        if (node->kind == Kind::text) joined += static_cast<const Text&>(*node).characters;
    return joined;
}

std::string_view Element::text_view() const {
    const Text* only = nullptr;
    for (const Node* node = first_; node != nullptr; node = node->next) {
        if (node->kind != Kind::text) continue;
        if (only != nullptr) return arena_->copy(text());
        only = static_cast<const Text*>(node);
    }
    return only == nullptr ? std::string_view{} : only->characters;
}

Document::Document(const Name& root) : arena_{Arena::make()} {
    root_ = arena_->make_object<Element>(*arena_, Name{arena_->copy(root.ns), arena_->copy(root.local)});
}

Document Document::copy_of(const Element& element) {
    Document copy{element.name()};
    for (const Attribute* a = element.first_attribute(); a != nullptr; a = a->next) copy.root().set(a->name, a->value);
    for (const Node* node = element.first_node(); node != nullptr; node = node->next) {
        switch (node->kind) {
            case Node::Kind::element: copy.root().append_copy(static_cast<const Element&>(*node)); break;
            case Node::Kind::text: copy.root().append_text(static_cast<const Text&>(*node).characters); break;
            case Node::Kind::raw: copy.root().append_raw(static_cast<const Raw&>(*node).markup); break;
        }
    }
    return copy;
}

}  // namespace aldis::xml
