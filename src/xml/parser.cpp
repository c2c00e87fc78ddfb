#include "xml/parser.h"

#include <array>

#include "xml/expat_parser.h"

namespace aldis::xml {
namespace {

/// The start tags that nearly every stream has; the declarations are in the order of their prefixes.
constexpr std::array<std::string_view, 3> usual_prologues{
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
    "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' "
    "xmlns:stream='http://etherx.jabber.org/streams'>",
    "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>",
};

}  // namespace

ParserPool::ParserPool() = default;
ParserPool::~ParserPool() = default;

std::unique_ptr<ExpatParser> ParserPool::take(std::string_view prologue) {
    for (auto place = idle_.rbegin(); place != idle_.rend(); ++place) {
        if ((*place)->prologue() != prologue) continue;
        std::unique_ptr<ExpatParser> parser = std::move(*place);
        idle_.erase(std::next(place).base());
        return parser;
    }
    auto parser = std::make_unique<ExpatParser>();
    if (prologue.empty()) return parser;
    static constexpr Limits generous{.stanza_bytes = std::numeric_limits<std::size_t>::max(),
                                     .depth = std::numeric_limits<std::uint16_t>::max(),
                                     .attributes = std::numeric_limits<std::uint16_t>::max()};
    parser->read(prologue, generous);
    parser->read({}, generous);
    static_cast<void>(parser->take_document());
    return parser;
}

void ParserPool::give_back(std::unique_ptr<ExpatParser> parser) {
    if (parser->worn()) return;
    // The one that nobody has borrowed for longest goes: it may have a prologue that nobody else has.
    if (idle_.size() == most_idle) idle_.erase(idle_.begin());
    idle_.push_back(std::move(parser));
}

StreamReader::StreamReader(ParserPool& pool, const Limits& limits) : pool_{&pool}, limits_{&limits} {}
StreamReader::~StreamReader() = default;
StreamReader::StreamReader(StreamReader&&) noexcept = default;

std::string_view StreamReader::prologue() const {
    if (unusual_) return *unusual_;
    return usual_ == 0 ? std::string_view{} : usual_prologues[usual_ - 1U];
}

Event StreamReader::next() {
    const bool go_on = parser_ && parser_->suspended();
    if (!go_on && unread_.empty()) {
        finish_chunk();
        return NeedMore{};
    }
    if (!parser_) parser_ = pool_->take(prologue());
    const Found found = parser_->read(unread_, *limits_);
    if (found == Found::nothing) {
        unread_ = {};
        finish_chunk();
        return NeedMore{};
    }
    unread_ = unread_.substr(unread_.size() - parser_->behind());
    return take_event(found);
}

Event StreamReader::take_event(Found found) {
    if (found == Found::end) return StreamEnd{};
    Document document = parser_->take_document();
    if (found == Found::header) {
        remember(parser_->prologue());
        return StreamHeader{.root = std::move(document), .content_ns = parser_->content_ns()};
    }
    // Also a stream whose every chunk ends inside a stanza, so that it never gives its parser back, renews it.
    if (parser_->worn()) parser_.reset();
    return document;
}

void StreamReader::remember(const std::string& prologue) {
    usual_ = 0;
    unusual_.reset();
    for (std::size_t i = 0; i < usual_prologues.size(); ++i)
        if (prologue == usual_prologues[i]) usual_ = static_cast<std::uint8_t>(i + 1);
    if (usual_ == 0) unusual_ = std::make_unique<std::string>(prologue);
}

void StreamReader::finish_chunk() {
    if (parser_ && usual_ + (unusual_ ? 1 : 0) > 0 && parser_->at_boundary()) pool_->give_back(std::move(parser_));
}

void StreamReader::restart() {
    parser_.reset();
    unusual_.reset();
    usual_ = 0;
}

void StreamReader::use(ParserPool& pool) {
    // What the parser has not consumed is still in unread(): the next one starts there.
    parser_.reset();
    pool_ = &pool;
}

Document parse_document(std::string_view text, std::string_view default_ns, const Limits& limits) {
    static thread_local ExpatParser parser;
    parser.renew();
    return parser.read_document(text, default_ns, limits);
}

}  // namespace aldis::xml
