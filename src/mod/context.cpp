#include "mod/module.h"

#include <stdexcept>

namespace aldis::mod {
namespace {

void log_fault(const Log& log, std::exception_ptr fault) {
    try {
        std::rethrow_exception(fault);
    } catch (const std::exception& error) {
        log.error("a task failed", kv("cause", error.what()));
    }
}

}  // namespace

Context::Context(const Info& info, session::Home& home, session::Host& host, std::shared_ptr<const void> settings)
    : info_{info},
      home_{home},
      host_{host},
      settings_{std::move(settings)},
      name_{info.name},
      log_{info.name},
      tasks_{[this](std::exception_ptr fault) { log_fault(log_, fault); }} {}

Task<Result<void>> Context::commit(db::Unit unit) {
    CallbackResult<bool> stored{
        [this, &unit](std::function<void(bool)> answer) { home_.commit(std::move(unit), std::move(answer)); }};
    const bool done = co_await stored;
    if (!done) co_return refuse(Condition::internal_server_error, ErrorType::wait, "This could not be stored.");
    co_return Result<void>{};
}

Context& Context::service(std::string_view name) {
    const Jid jid = *Jid::parse(std::string{name} + "." + host_.jid().text());
    if (home_.host(jid.domain()) != nullptr)
        throw std::runtime_error{jid.text() + " is a domain of its own, and the service of " + host_.jid().text() +
                                 " that the module " + std::string{name_} +
                                 " opens: disable the module or rename the domain."};
    session::Host& service = home_.add_host(jid);
    service.set_service();
    host_.add_service(service);
    auto context = std::make_unique<Context>(info_, home_, service, settings_);
    Context& made = *context;
    service.keep(std::move(context), nullptr);
    return made;
}

Task<Result<std::shared_ptr<const Iq>>> Context::ask(session::Session& session, Iq request) {
    using Found = std::shared_ptr<const Iq>;
    request.set_from(request.from().empty() ? host_.jid() : request.from());
    request.set_to(session.jid());
    bool asked = true;
    CallbackResult<Found> later{[&](std::function<void(Found)> answer) {
        asked = home_.questions().ask(session, std::move(request), answer);
        if (!asked) answer(nullptr);
    }};
    Found found = co_await later;
    if (!asked) co_return refuse(Condition::resource_constraint, ErrorType::wait);
    if (!found) co_return refuse(Condition::remote_server_timeout, ErrorType::wait);
    co_return found;
}

void Context::feature(For target, std::string_view ns) {
    handlers().disco_of(target).features.emplace(ns);
    if (target == For::own_account) handlers().disco_of(For::account).features.emplace(ns);
    if (target == For::account) handlers().disco_of(For::own_account).features.emplace(ns);
}

void Context::identity(For target, std::string_view category, std::string_view type, std::string_view name) {
    const Identity identity{std::string{category}, std::string{type}, std::string{name}};
    handlers().disco_of(target).identities.insert(identity);
    if (target == For::own_account) handlers().disco_of(For::account).identities.insert(identity);
    if (target == For::account) handlers().disco_of(For::own_account).identities.insert(identity);
}

void Context::stream_feature(std::uint8_t needs, std::uint8_t forbids, std::string xml) {
    host_.domain().offered.push_back({needs, forbids, std::move(xml)});
}

void Context::add_handler(IqKey key, IqHandler handler) {
    feature(key.target, key.ns);
    handlers().iqs.insert_or_assign(std::move(key), std::move(handler));
}

void Context::repeat(std::chrono::milliseconds period, std::function<void()> work) {
    const std::size_t place = timers_.size();
    timers_.push_back(std::make_unique<net::Timer>(home_.shard(), [this, place, period, work = std::move(work)] {
        timers_[place]->start(period);
        work();
    }));
    timers_.back()->start(period);
}

}  // namespace aldis::mod
