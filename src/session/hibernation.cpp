#include "session/hibernation.h"

#include <cstring>

#include "session/account.h"
#include "session/home.h"

namespace aldis::session {
namespace {

constexpr std::uint8_t format = 2;  ///< 1: without backups

class Out {
public:
    void number(std::uint64_t value) {
        char bytes[8];
        std::memcpy(bytes, &value, 8);
        bytes_.append(bytes, 8);
    }
    void text(std::string_view value) {
        number(value.size());
        bytes_ += value;
    }
    void time(Timestamp value) { number(static_cast<std::uint64_t>(value.time_since_epoch().count())); }
    [[nodiscard]] std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

/// Reads what Out wrote; past the end, everything is empty and good() is false.
class In {
public:
    explicit In(std::string_view bytes) : rest_{bytes} {}
    std::uint64_t number() {
        std::uint64_t value = 0;
        const std::string_view bytes = take(8);
        if (good_) std::memcpy(&value, bytes.data(), 8);
        return value;
    }
    std::string_view text() { return take(number()); }
    Timestamp time() { return Timestamp{std::chrono::microseconds{static_cast<std::int64_t>(number())}}; }
    [[nodiscard]] bool good() const { return good_; }

private:
    std::string_view take(std::size_t size) {
        good_ = good_ && size <= rest_.size();
        if (!good_) return {};
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    std::string_view rest_;
    bool good_ = true;
};

}  // namespace

std::string Hibernation::freeze(Session& session, Timestamp until, Numbers& numbers) {
    const mod::Handlers& handlers = session.account_.host().handlers();
    Out modules;
    modules.number(handlers.keepers.size());
    for (const auto& [name, keeper] : handlers.keepers) {
        modules.text(name);
        modules.text(keeper.save(session));
    }

    const Management& management = *session.management_;
    Out out;
    out.number(format);
    out.time(until);
    out.text(management.id);
    out.number(static_cast<std::uint64_t>(management.patience.count()));
    out.number(management.h(session.handled_));
    out.number(management.unacknowledged.acknowledged());
    out.text(session.client());
    out.text(session.presence_ ? std::string_view{*session.presence_} : std::string_view{});
    out.number(static_cast<std::uint8_t>(session.priority_));
    out.number(session.interested_ ? 1 : 0);
    out.number(session.greeted_ ? 1 : 0);
    out.number(session.directed_ ? session.directed_->size() : 0);
    if (session.directed_)
        for (const Jid& told : *session.directed_) out.text(told.text());
    out.number(management.unacknowledged.size());
    management.unacknowledged.for_each(
        [&out, &numbers, backups = handlers.backups](const Unacknowledged::Stanza& stanza) {
            out.number(static_cast<std::uint64_t>(stanza.kind));
            out.time(stanza.at);
            out.text(*stanza.wire);
            if (!stanza.delivery) return out.number(0);
            out.number(numbers.try_emplace(stanza.delivery.get(), numbers.size() + 1).first->second);
            out.text(*stanza.delivery->original);
            out.number(stanza.delivery->taken ? 1 : 0);
            out.text(stanza.delivery->backup ? backups->save(*stanza.delivery->backup) : std::string{});
        });
    out.text(modules.take());
    return out.take();
}

std::optional<Timestamp> Hibernation::thaw(Session& session, std::string_view state, Deliveries& deliveries) {
    In in{state};
    const mod::Handlers& handlers = session.account_.host().handlers();
    const std::uint64_t written = in.number();
    if (written == 0 || written > format) return std::nullopt;
    const Timestamp until = in.time();
    session.management_ = std::make_unique<Management>();
    Management& management = *session.management_;
    management.id = in.text();
    const std::uint64_t patience = in.number();
    constexpr std::chrono::seconds longest = std::chrono::years{10};
    if (patience > static_cast<std::uint64_t>(longest.count())) return std::nullopt;
    management.patience = std::chrono::seconds{patience};
    session.handled_.start_at(in.number());
    management.unacknowledged.start_at(static_cast<std::uint32_t>(in.number()));
    session.set_client(std::string{in.text()});
    if (const std::string_view presence = in.text(); !presence.empty())
        session.presence_ = make_bytes(std::string{presence});
    session.priority_ = static_cast<std::int8_t>(in.number());
    session.interested_ = in.number() != 0;
    session.greeted_ = in.number() != 0;
    for (std::uint64_t left = in.number(); left > 0 && in.good(); --left) {
        if (!session.directed_) session.directed_ = std::make_unique<std::vector<Jid>>();
        if (Result<Jid> told = Jid::parse(in.text())) session.directed_->push_back(std::move(*told));
    }
    for (std::uint64_t left = in.number(); left > 0 && in.good(); --left) {
        Unacknowledged::Stanza stanza{.kind = static_cast<stanza::Kind>(in.number() % 3), .at = in.time()};
        stanza.wire = make_bytes(std::string{in.text()});
        if (const std::uint64_t number = in.number(); number != 0) {
            const std::string_view original = in.text();
            const bool taken = in.number() != 0;
            const std::string_view backup = written > 1 ? in.text() : std::string_view{};
            std::shared_ptr<Delivery>& shared = deliveries[number];
            if (!shared) shared = std::make_shared<Delivery>(Delivery{.original = make_bytes(std::string{original})});
            if (!backup.empty() && !shared->backup && handlers.backups != nullptr)
                shared->backup = handlers.backups->load(session.account_, backup);
            shared->taken = shared->taken || taken;
            ++shared->waiting;
            stanza.delivery = shared;
        }
        if (!in.good()) break;
        management.unacknowledged.add(std::move(stanza));
    }
    In modules{in.text()};
    for (std::uint64_t left = modules.number(); left > 0 && modules.good(); --left) {
        const auto keeper = handlers.keepers.find(modules.text());
        const std::string_view text = modules.text();
        if (keeper != handlers.keepers.end()) keeper->second.load(session, text);
    }
    if (!in.good() || management.id.empty()) return std::nullopt;
    return until;
}

}  // namespace aldis::session
