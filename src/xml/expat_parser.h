#pragma once

// Only for parser.cpp: what stands between expat and the rest.

#include <expat.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "xml/parser.h"
#include "xml/writer.h"

namespace aldis::xml {

inline constexpr char separator = '\x01';  // no character of XML, so in no name
/// A parser keeps every name it has ever seen; after this many bytes it forgets them.
inline constexpr std::size_t bytes_until_renewal = 1U << 20;

/// A name as expat reports it: namespace, local part and prefix, of which the first and the last may be absent.
struct ReportedName {
    Name name;
    std::string_view prefix;

    explicit ReportedName(std::string_view text) : name{{}, text} {
        const std::size_t local = text.find(separator);
        if (local == std::string_view::npos) return;
        const std::size_t end = std::min(text.find(separator, local + 1), text.size());
        name = {text.substr(0, local), text.substr(local + 1, end - local - 1)};
        if (end < text.size()) prefix = text.substr(end + 1);
    }
};

/// Builds the tree of what expat reports.
class TreeBuilder {
public:
    void start(const Name& name, const XML_Char** attributes) {
        Element* element = nullptr;
        if (current_ == nullptr) {
            document_ = Document{name};
            element = &document_.root();
        } else {
            element = &current_->append(name.local, name.ns);
            if (name.ns.empty()) element->name_.ns = {};
        }
        parents_.push_back(current_);
        current_ = element;
        add_attributes(*element, attributes);
    }
    void end() {
        current_ = parents_.back();
        parents_.pop_back();
    }
    void characters(std::string_view text) { current_->append_text(text); }
    [[nodiscard]] Document take() { return std::move(document_); }
    [[nodiscard]] bool building() const { return current_ != nullptr; }
    void clear() {
        document_ = {};
        current_ = nullptr;
        parents_.clear();
    }

private:
    static void add_attributes(Element& element, const XML_Char** attributes) {
        Arena& arena = element.arena();
        Attribute** place = &element.attributes_;
        for (; *attributes != nullptr; attributes += 2) {
            const Name name = ReportedName{attributes[0]}.name;
            const Name copied{arena.copy(name.ns), arena.copy(name.local)};
            *place = arena.make_object<Attribute>(Attribute{.name = copied, .value = arena.copy(attributes[1])});
            place = &(*place)->next;
        }
    }

    Document document_;
    Element* current_ = nullptr;
    std::vector<Element*> parents_;
};

enum class Found : std::uint8_t { nothing, header, stanza, end };

/// One expat parser and what it has found. Stops after each header, stanza and end.
class ExpatParser {
public:
    ExpatParser() : expat_{XML_ParserCreateNS("UTF-8", separator)} {
        if (expat_ == nullptr) throw std::bad_alloc{};
        set_up();
    }
    ~ExpatParser() { XML_ParserFree(expat_); }
    ExpatParser(const ExpatParser&) = delete;
    ExpatParser& operator=(const ExpatParser&) = delete;

    void renew() {
        XML_ParserReset(expat_, "UTF-8");
        set_up();
    }

    /// Reads until something is found or the bytes are used up.
    Found read(std::string_view bytes, const Limits& limits) {
        limits_ = &limits;
        if (std::exchange(ended_at_once_, false)) return Found::end;
        found_ = Found::nothing;
        XML_Status outcome;
        if (suspended()) {
            outcome = XML_ResumeParser(expat_);
        } else {
            refuse_utf16(bytes);
            fed_ += bytes.size();
            outcome = XML_Parse(expat_, bytes.data(), static_cast<int>(bytes.size()), XML_FALSE);
        }
        if (outcome == XML_STATUS_ERROR) fail();
        if (found_ == Found::nothing && fed_ - item_start_ > limits.stanza_bytes && (depth_ != 1 || partial()))
            throw ParseError{Fault::too_big, "a stanza is over the limit"};
        return found_;
    }
    [[nodiscard]] bool suspended() const {
        XML_ParsingStatus status;
        XML_GetParsingStatus(expat_, &status);
        return status.parsing == XML_SUSPENDED;
    }
    /// Bytes that were fed and come after what was found.
    [[nodiscard]] std::size_t behind() const { return fed_ - item_end_; }
    /// Nothing is pending: the parser stands just inside the root.
    [[nodiscard]] bool at_boundary() const { return depth_ == 1 && !partial(); }
    [[nodiscard]] bool worn() const { return fed_ > bytes_until_renewal; }

    [[nodiscard]] Document take_document() { return builder_.take(); }
    [[nodiscard]] const std::string& prologue() const { return prologue_; }
    /// The default namespace of the root.
    [[nodiscard]] std::string content_ns() const {
        const auto place = declarations_.find("");
        return place == declarations_.end() ? std::string{} : place->second;
    }

    /// A document of one element, to its end.
    Document read_document(std::string_view text, std::string_view default_ns, const Limits& limits) {
        limits_ = &limits;
        whole_ = true;
        default_ns_ = default_ns;
        if (text.size() > limits.stanza_bytes) throw ParseError{Fault::too_big, "a document is over the limit"};
        refuse_utf16(text);
        if (XML_Parse(expat_, text.data(), static_cast<int>(text.size()), XML_TRUE) == XML_STATUS_ERROR) fail();
        return builder_.take();
    }

private:
    void set_up() {
        XML_SetUserData(expat_, this);
        XML_SetElementHandler(expat_, on_start, on_end);
        XML_SetCharacterDataHandler(expat_, on_characters);
        XML_SetNamespaceDeclHandler(expat_, on_namespace, on_namespace_end);
        XML_SetReturnNSTriplet(expat_, XML_TRUE);
        XML_SetXmlDeclHandler(expat_, on_declaration);
        XML_SetCommentHandler(expat_,
                              [](void* self, const XML_Char*) { of(self).refuse(Fault::restricted, "a comment"); });
        XML_SetProcessingInstructionHandler(expat_, [](void* self, const XML_Char*, const XML_Char*) {
            of(self).refuse(Fault::restricted, "a processing instruction");
        });
        XML_SetStartDoctypeDeclHandler(expat_, [](void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
            of(self).refuse(Fault::restricted, "a document type declaration");
        });
#ifdef ALDIS_EXPAT_HAS_REPARSE_DEFERRAL
        XML_SetReparseDeferralEnabled(expat_, XML_FALSE);
#endif
        builder_.clear();
        depth_ = 0;
        declared_ = 0;
        fed_ = item_start_ = item_end_ = 0;
        found_ = Found::nothing;
        refused_.reset();
        ended_at_once_ = false;
        declarations_.clear();
        prologue_.clear();
        default_ns_ = {};
        default_declared_ = 0;
        whole_ = false;
    }

    /// expat takes UTF-16 that it recognises by the first two bytes, whatever encoding it was told (RFC 6120
    /// section 11.6).
    void refuse_utf16(std::string_view bytes) const {
        // Not by find_first_of(): clang-19 looks for the wrong characters where some of them are beyond ASCII.
        const auto not_in_utf8 = [](char c) { return c == '\x00' || c == '\xFE' || c == '\xFF'; };
        if (std::ranges::any_of(bytes.substr(0, fed_ < 2 ? 2 - fed_ : 0), not_in_utf8))
            throw ParseError{Fault::unsupported_encoding, "only UTF-8 is spoken here"};
    }

    static ExpatParser& of(void* self) { return *static_cast<ExpatParser*>(self); }

    [[nodiscard]] bool partial() const { return index() != fed_; }
    [[nodiscard]] std::size_t index() const {
        const XML_Index at = XML_GetCurrentByteIndex(expat_);
        return at < 0 ? fed_ : static_cast<std::size_t>(at);
    }

    void refuse(Fault fault, const char* what) {
        if (!refused_) refused_.emplace(fault, what);
        XML_StopParser(expat_, XML_FALSE);
    }

    [[noreturn]] void fail() {
        if (refused_) throw ParseError{*refused_};
        const XML_Error code = XML_GetErrorCode(expat_);
        const char* const text = XML_ErrorString(code);
        // RFC 6120 section 11.1: references to anything but the five predefined entities.
        const bool entity = code == XML_ERROR_UNDEFINED_ENTITY || code == XML_ERROR_EXTERNAL_ENTITY_HANDLING ||
                            code == XML_ERROR_AMPLIFICATION_LIMIT_BREACH;
        const bool encoding = code == XML_ERROR_UNKNOWN_ENCODING || code == XML_ERROR_INCORRECT_ENCODING;
        throw ParseError{entity     ? Fault::restricted
                         : encoding ? Fault::unsupported_encoding
                                    : Fault::not_well_formed,
                         text != nullptr ? text : "not well-formed"};
    }

    void found(Found what) {
        found_ = what;
        const auto length = static_cast<std::size_t>(XML_GetCurrentByteCount(expat_));
        item_end_ = index() + length;
        if (item_end_ - item_start_ > limits_->stanza_bytes) {
            refuse(Fault::too_big, "a stanza is over the limit");
            return;
        }
        item_start_ = item_end_;
        XML_StopParser(expat_, XML_TRUE);
    }

    static void on_start(void* user, const XML_Char* name, const XML_Char** attributes) {
        ExpatParser& self = of(user);
        if (self.refused_) return;
        if (static_cast<std::size_t>(XML_GetSpecifiedAttributeCount(self.expat_) / 2 + self.declared_) >
            self.limits_->attributes)
            return self.refuse(Fault::too_big, "too many attributes");
        self.declared_ = 0;
        if (self.depth_ >= self.limits_->depth) return self.refuse(Fault::too_big, "elements are nested too deeply");
        ReportedName reported{name};
        if (self.whole_ && reported.name.ns.empty() && self.default_declared_ == 0) reported.name.ns = self.default_ns_;
        if (self.depth_ == 1 && !self.whole_) self.item_start_ = self.index();
        ++self.depth_;
        self.builder_.start(reported.name, attributes);
        if (self.depth_ == 1 && !self.whole_) {
            self.builder_.end();
            self.write_prologue(reported);
            self.found(Found::header);
        }
    }

    static void on_end(void* user, const XML_Char*) {
        ExpatParser& self = of(user);
        if (self.refused_) return;
        --self.depth_;
        if (self.builder_.building()) self.builder_.end();
        if (self.whole_) return;
        if (self.depth_ == 1) self.found(Found::stanza);
        if (self.depth_ > 0) return;
        // Of a root that is empty, expat reports the end although it was stopped at the start.
        self.found_ == Found::header ? static_cast<void>(self.ended_at_once_ = true) : self.found(Found::end);
    }

    static void on_characters(void* user, const XML_Char* characters, int length) {
        ExpatParser& self = of(user);
        if (self.refused_) return;
        const std::string_view text{characters, static_cast<std::size_t>(length)};
        if (self.builder_.building()) {
            self.builder_.characters(text);
        } else if (text.find_first_not_of(" \t\r\n") != std::string_view::npos) {
            self.refuse(Fault::stray_text, "characters between stanzas");
        } else {
            // White space between stanzas keeps a connection alive (section 4.6.1) and counts for none of them.
            self.item_start_ = self.index() + text.size();
        }
    }

    static void on_namespace(void* user, const XML_Char* prefix, const XML_Char* uri) {
        ExpatParser& self = of(user);
        ++self.declared_;
        if (self.whole_) {
            if (prefix == nullptr) ++self.default_declared_;
        } else if (self.depth_ == 0) {
            self.declarations_[prefix == nullptr ? "" : prefix] = uri == nullptr ? "" : uri;
        }
    }

    static void on_namespace_end(void* user, const XML_Char* prefix) {
        ExpatParser& self = of(user);
        if (self.whole_ && prefix == nullptr) --self.default_declared_;
    }

    /// A start tag like the root's, in which the same names mean the same.
    void write_prologue(const ReportedName& root) {
        prologue_ = "<";
        if (!root.prefix.empty()) prologue_.append(root.prefix).append(1, ':');
        prologue_ += root.name.local;
        for (const auto& [prefix, uri] : declarations_) {
            prologue_ += prefix.empty() ? " xmlns='" : " xmlns:" + prefix + "='";
            escape_attribute(prologue_, uri);
            prologue_ += '\'';
        }
        prologue_ += '>';
    }

    static void on_declaration(void* user, const XML_Char* version, const XML_Char* encoding, int) {
        ExpatParser& self = of(user);
        if (version == nullptr || encoding == nullptr) return;
        std::string upper{encoding};
        for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
        if (upper != "UTF-8") self.refuse(Fault::unsupported_encoding, "only UTF-8 is spoken here");
    }

    XML_Parser expat_;
    TreeBuilder builder_;
    const Limits* limits_ = nullptr;
    std::size_t fed_ = 0;         ///< bytes given to expat since it was fresh
    std::size_t item_start_ = 0;  ///< where the header or stanza in hand began
    std::size_t item_end_ = 0;    ///< where the last one ended
    std::uint16_t depth_ = 0;
    int declared_ = 0;  ///< namespaces declared by the element about to start
    Found found_ = Found::nothing;
    bool whole_ = false;
    std::optional<ParseError> refused_;
    bool ended_at_once_ = false;                       ///< the root was empty: its end follows its start
    std::map<std::string, std::string> declarations_;  ///< the root's namespaces by prefix
    std::string prologue_;                             ///< the start tag of streams that may borrow this parser
    std::string_view default_ns_;                      ///< of a whole document
    int default_declared_ = 0;                         ///< elements around here that declare another one
};

}  // namespace aldis::xml
