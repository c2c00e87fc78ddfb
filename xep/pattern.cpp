#include "xep/pattern.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace aldis::xep {
namespace {

constexpr std::size_t longest = 1'000;
constexpr std::size_t most_states = 4'000;
constexpr std::uint32_t most_repeats = 255;  ///< RE_DUP_MAX of POSIX
constexpr unsigned deepest = 50;
constexpr char32_t last_character = 0x10FFFF;

/// Well-formed UTF-8 is what the parser of XML lets through; anything else counts as characters of one byte.
char32_t take_character(std::string_view& text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    const std::size_t length = first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1;
    if (length == 1 || text.size() < length) {
        text.remove_prefix(1);
        return first;
    }
    char32_t character = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) character = (character << 6U) | (byte(i) & 0x3FU);
    text.remove_prefix(length);
    return character;
}

struct Class {
    std::string_view name;
    std::array<std::pair<char, char>, 4> spans;
};
/// As in the C locale.
constexpr std::array<Class, 8> classes{{{"alnum", {{{'0', '9'}, {'A', 'Z'}, {'a', 'z'}, {'z', 'z'}}}},
                                        {"alpha", {{{'A', 'Z'}, {'a', 'z'}, {'z', 'z'}, {'z', 'z'}}}},
                                        {"digit", {{{'0', '9'}, {'9', '9'}, {'9', '9'}, {'9', '9'}}}},
                                        {"lower", {{{'a', 'z'}, {'z', 'z'}, {'z', 'z'}, {'z', 'z'}}}},
                                        {"punct", {{{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}}},
                                        {"space", {{{'\t', '\r'}, {' ', ' '}, {' ', ' '}, {' ', ' '}}}},
                                        {"upper", {{{'A', 'Z'}, {'Z', 'Z'}, {'Z', 'Z'}, {'Z', 'Z'}}}},
                                        {"xdigit", {{{'0', '9'}, {'A', 'F'}, {'a', 'f'}, {'f', 'f'}}}}}};

}  // namespace

/// Recursive descent into a tree, and from the tree to states, backwards: each part knows what follows it.
class PatternParser {
public:
    explicit PatternParser(std::string_view text) : left_{text} {}

    std::optional<Pattern> parse() {
        const NodePtr tree = alternatives(0);
        if (!tree || !left_.empty()) return std::nullopt;
        const std::uint32_t match = push({.kind = Kind::match});
        pattern_.start_ = emit(*tree, match);
        if (too_large_) return std::nullopt;
        return std::move(pattern_);
    }

private:
    using Kind = Pattern::Kind;
    using Span = Pattern::Span;
    struct Node;
    using NodePtr = std::unique_ptr<Node>;
    enum class Shape : std::uint8_t { one, sequence, choice, repeat, begin, end };
    struct Node {
        Shape shape;
        std::vector<NodePtr> children = {};
        std::vector<Span> spans = {};
        bool negated = false;
        std::uint32_t min = 0;
        std::optional<std::uint32_t> max = {};
    };

    static NodePtr make(Shape shape) { return std::make_unique<Node>(Node{.shape = shape}); }
    static NodePtr one(char32_t character) {
        NodePtr node = make(Shape::one);
        node->spans.push_back({character, character});
        return node;
    }
    bool take(char c) {
        if (!left_.starts_with(c)) return false;
        left_.remove_prefix(1);
        return true;
    }

    NodePtr alternatives(unsigned depth) {
        if (depth > deepest) return nullptr;
        NodePtr node = make(Shape::choice);
        do {
            NodePtr branch = sequence(depth);
            if (!branch) return nullptr;
            node->children.push_back(std::move(branch));
        } while (take('|'));
        return node;
    }

    NodePtr sequence(unsigned depth) {
        NodePtr node = make(Shape::sequence);
        while (!left_.empty() && left_.front() != '|' && left_.front() != ')') {
            NodePtr part = atom(depth);
            if (part) part = repeated(std::move(part));
            if (!part) return nullptr;
            node->children.push_back(std::move(part));
        }
        return node;
    }

    NodePtr atom(unsigned depth) {
        if (take('(')) {
            NodePtr inner = alternatives(depth + 1);
            return inner && take(')') ? std::move(inner) : nullptr;
        }
        if (take('[')) return bracket();
        if (take('^')) return make(Shape::begin);
        if (take('$')) return make(Shape::end);
        if (take('.')) {
            NodePtr any = make(Shape::one);
            any->negated = true;
            return any;
        }
        if (left_.front() == '*' || left_.front() == '+' || left_.front() == '?' || left_.front() == '{')
            return nullptr;
        if (take('\\') && (left_.empty() || (left_.front() >= '0' && left_.front() <= '9'))) return nullptr;
        return one(take_character(left_));
    }

    NodePtr repeated(NodePtr inner) {
        for (unsigned times = 0; !left_.empty(); ++times) {
            std::uint32_t min = 0;
            std::optional<std::uint32_t> max;
            if (take('+')) {
                min = 1;
            } else if (take('?')) {
                max = 1;
            } else if (take('{')) {
                if (!bounds(min, max)) return nullptr;
            } else if (!take('*')) {
                break;
            }
            if (times > deepest) return nullptr;
            NodePtr node = make(Shape::repeat);
            node->min = min;
            node->max = max;
            node->children.push_back(std::move(inner));
            inner = std::move(node);
        }
        return inner;
    }

    bool bounds(std::uint32_t& min, std::optional<std::uint32_t>& max) {
        if (!number(min)) return false;
        max = min;
        if (take(',')) {
            max.reset();
            std::uint32_t most = 0;
            if (number(most)) max = most;
        }
        return take('}') && min <= most_repeats && (!max || (*max <= most_repeats && min <= *max));
    }
    bool number(std::uint32_t& value) {
        bool any = false;
        while (!left_.empty() && left_.front() >= '0' && left_.front() <= '9') {
            value = std::min(value * 10 + static_cast<std::uint32_t>(left_.front() - '0'), most_repeats + 1);
            left_.remove_prefix(1);
            any = true;
        }
        return any;
    }

    NodePtr bracket() {
        NodePtr node = make(Shape::one);
        node->negated = take('^');
        for (bool first = true; first || !left_.starts_with(']'); first = false) {
            if (left_.empty()) return nullptr;
            if (left_.starts_with("[:")) {
                if (!character_class(node->spans)) return nullptr;
                continue;
            }
            const char32_t from = take_character(left_);
            char32_t to = from;
            if (left_.size() > 1 && left_[0] == '-' && left_[1] != ']') {
                left_.remove_prefix(1);
                to = take_character(left_);
            }
            if (to < from) return nullptr;
            node->spans.push_back({from, to});
        }
        left_.remove_prefix(1);
        return node;
    }
    bool character_class(std::vector<Span>& spans) {
        const std::size_t end = left_.find(":]");
        if (end == std::string_view::npos) return false;
        const auto* const known = std::ranges::find(classes, left_.substr(2, end - 2), &Class::name);
        if (known == classes.end()) return false;
        for (const auto& [first, last] : known->spans)
            spans.push_back({static_cast<char32_t>(first), static_cast<char32_t>(last)});
        left_.remove_prefix(end + 2);
        return true;
    }

    std::uint32_t push(Pattern::State state) {
        if (pattern_.states_.size() >= most_states) {
            too_large_ = true;
            return 0;
        }
        pattern_.states_.push_back(std::move(state));
        return static_cast<std::uint32_t>(pattern_.states_.size() - 1);
    }
    /// @return  where to begin; `next` is where it leads to
    std::uint32_t emit(const Node& node, std::uint32_t next) {
        if (++emitted_ > most_states * 10) too_large_ = true;  // what is empty makes no state, and can be repeated, too
        if (too_large_) return 0;
        switch (node.shape) {
            case Shape::one:
                return push({.kind = node.negated ? Kind::others : Kind::spans, .spans = node.spans, .next = next});
            case Shape::begin: return push({.kind = Kind::begin, .next = next});
            case Shape::end: return push({.kind = Kind::end, .next = next});
            case Shape::sequence:
                for (auto part = node.children.rbegin(); part != node.children.rend(); ++part)
                    next = emit(**part, next);
                return next;
            case Shape::choice: {
                std::uint32_t start = emit(*node.children.back(), next);
                for (std::size_t i = node.children.size() - 1; i-- > 0;)
                    start = push({.kind = Kind::split, .next = emit(*node.children[i], next), .other = start});
                return start;
            }
            case Shape::repeat: return emit_repeat(node, next);
        }
        return next;
    }
    std::uint32_t emit_repeat(const Node& node, std::uint32_t next) {
        const Node& inner = *node.children.front();
        std::uint32_t start = next;
        if (!node.max) {
            start = push({.kind = Kind::split, .other = next});
            const std::uint32_t body = emit(inner, start);
            if (!too_large_) pattern_.states_[start].next = body;
        } else {
            for (std::uint32_t i = node.min; i < *node.max && !too_large_; ++i)
                start = push({.kind = Kind::split, .next = emit(inner, start), .other = next});
        }
        for (std::uint32_t i = 0; i < node.min && !too_large_; ++i) start = emit(inner, start);
        return start;
    }

    std::string_view left_;
    Pattern pattern_;
    std::size_t emitted_ = 0;
    bool too_large_ = false;
};

std::optional<Pattern> Pattern::parse(std::string_view text) {
    if (text.size() > longest) return std::nullopt;
    return PatternParser{text}.parse();
}

bool Pattern::leads_on(const State& state, char32_t c) {
    const auto holds = [c](const Span& span) { return span.first <= c && c <= span.last; };
    if (state.kind == Kind::spans) return std::ranges::any_of(state.spans, holds);
    return state.kind == Kind::others && c <= last_character && std::ranges::none_of(state.spans, holds);
}

/// Adds every state that is reached from `state` without a character.
void Pattern::follow(std::uint32_t state, Position position, std::vector<std::uint32_t>& states,
                     std::vector<bool>& seen) const {
    std::vector<std::uint32_t> open{state};
    while (!open.empty()) {
        const std::uint32_t at = open.back();
        open.pop_back();
        if (seen[at]) continue;
        seen[at] = true;
        const State& here = states_[at];
        switch (here.kind) {
            case Kind::split:
                open.push_back(here.next);
                open.push_back(here.other);
                break;
            case Kind::begin:
                if (position.at_begin) open.push_back(here.next);
                break;
            case Kind::end:
                if (position.at_end) open.push_back(here.next);
                break;
            case Kind::spans:
            case Kind::others:
            case Kind::match: states.push_back(at); break;
        }
    }
}

bool Pattern::matches(std::string_view text) const {
    std::vector<std::uint32_t> states;
    std::vector<bool> seen(states_.size());
    follow(start_, {.at_begin = true, .at_end = text.empty()}, states, seen);
    while (!text.empty() && !states.empty()) {
        const char32_t character = take_character(text);
        std::vector<std::uint32_t> next;
        std::fill(seen.begin(), seen.end(), false);
        for (const std::uint32_t state : states)
            if (leads_on(states_[state], character))
                follow(states_[state].next, {.at_begin = false, .at_end = text.empty()}, next, seen);
        states = std::move(next);
    }
    return text.empty() &&
           std::ranges::any_of(states, [this](std::uint32_t state) { return states_[state].kind == Kind::match; });
}

}  // namespace aldis::xep
