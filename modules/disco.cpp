#include <algorithm>

#include "mod/module.h"
#include "modules/commands_rules.h"
#include "modules/disco_info.h"
#include "modules/disco_nodes.h"
#include "xep/xep0030_disco.h"

namespace aldis::modules {
namespace {

namespace disco = xep::disco;
using discovery::Source;
using mod::For;

constexpr stanza::Error no_such_node{Condition::item_not_found, ErrorType::cancel, {}};
constexpr stanza::Error not_told{Condition::service_unavailable, ErrorType::cancel, {}};

bool has_node(const std::optional<std::string>& node) { return node && !node->empty(); }

/// XEP-0050 "Retrieving the Command List".
disco::Info info_of_command(const commands::Command& command) {
    return {.node = command.node,
            .identities = {{.category = "automation", .type = "command-node", .name = command.name}},
            .features = {{.var = std::string{xep::commands::ns}}, {.var = std::string{xep::dataforms::ns}}}};
}

disco::Info info_of_command_list() {
    return {.node = std::string{xep::commands::ns},
            .identities = {{.category = "automation", .type = "command-list"}},
            .features = {{.var = std::string{xep::commands::ns}}}};
}

/// XEP-0030: Service Discovery, of the domain, its services and accounts. What is announced is what modules have
/// registered.
class Disco final : public mod::Module {
public:
    explicit Disco(mod::Context& context)
        : context_{context},
          commands_{context.host().slot<commands::Registry>()},
          sources_{context.host().slot<discovery::Sources>()} {
        if (!context.host().is_service()) context.identity(For::server, "server", "im", "Aldis");
        context.identity(For::account, "account", "registered");
        context.on_iq(IqType::get, For::server, *this, &Disco::server_info);
        context.on_iq(IqType::get, For::server, *this, &Disco::server_items);
        context.on_iq(IqType::get, For::own_account, *this, &Disco::own_info);
        context.on_iq(IqType::get, For::own_account, *this, &Disco::own_items);
        context.on_iq(IqType::get, For::account, *this, &Disco::account_info);
        context.on_iq(IqType::get, For::account, *this, &Disco::account_items);
        context.on_iq(IqType::get, For::nobody, *this, &Disco::no_items);
    }

private:
    Task<Result<disco::Info>> server_info(mod::Request request, disco::Info query) {
        const bool own_caps = query.node && *query.node == context_.handlers().caps_node;
        if (has_node(query.node) && !own_caps) co_return co_await node_info(For::server, request, std::move(query));
        disco::Info info = info_of(context_.handlers().disco_of(For::server));
        info.node = std::move(query.node);
        co_return info;
    }

    Task<Result<disco::Info>> own_info(mod::Request request, disco::Info query) {
        if (has_node(query.node)) co_return co_await node_info(For::own_account, request, std::move(query));
        co_return info_of(context_.handlers().disco_of(For::own_account));
    }

    /// "Security Considerations": only to those who may see the account's presence. Nodes know themselves who may know.
    Task<Result<disco::Info>> account_info(mod::Request request, disco::Info query) {
        const bool known = may_know(request);
        if (!has_node(query.node)) {
            if (!known) co_return std::unexpected{not_told};
            co_return info_of(context_.handlers().disco_of(For::account));
        }
        Result<disco::Info> info = co_await node_info(For::account, request, std::move(query));
        if (!info && !known) co_return std::unexpected{not_told};
        co_return info;
    }

    Task<Result<disco::Info>> node_info(For target, mod::Request request, disco::Info query) {
        if (commands_.running()) {
            if (*query.node == xep::commands::ns) co_return command_list_info(target);
            if (const commands::Command* const command = commands_.find(target, *query.node)) {
                if (!may_run(target, *command, request)) co_return std::unexpected{xep::commands::forbidden};
                co_return info_of_command(*command);
            }
        }
        for (const auto& [where, source] : sources_.all()) {
            if (where != target || !source.info) continue;
            Task<Source::Info> work = source.info(request, query);
            Source::Info info = co_await work;
            if (!info) co_return std::unexpected{info.error()};
            if (*info) co_return std::move(**info);
        }
        co_return std::unexpected{no_such_node};
    }

    static Result<disco::Info> command_list_info(For target) {
        // Of others' accounts: it is not for them.
        if (target == For::account) return std::unexpected{xep::commands::forbidden};
        return info_of_command_list();
    }

    /// The domain's items are its services.
    Task<Result<disco::Items>> server_items(mod::Request request, disco::Items query) {
        disco::Items found;
        if (!has_node(query.node))
            for (session::Host* const service : context_.host().services()) found.items.push_back(item_of(*service));
        co_return co_await all_items(For::server, request, std::move(query), std::move(found));
    }

    /// An account's items are its available resources.
    Task<Result<disco::Items>> own_items(mod::Request request, disco::Items query) {
        disco::Items found;
        if (!has_node(query.node))
            for (const auto& session : request.account->sessions())
                if (session->available()) found.items.push_back({.jid = session->jid()});
        co_return co_await all_items(For::own_account, request, std::move(query), std::move(found));
    }

    Task<Result<disco::Items>> account_items(mod::Request request, disco::Items query) {
        co_return co_await all_items(For::account, request, std::move(query), {});
    }

    /// As of an account that tells nothing.
    Task<Result<disco::Items>> no_items(mod::Request /*request*/, disco::Items query) {
        co_return disco::Items{.node = std::move(query.node)};
    }

    /// What there is, and what modules know of.
    Task<Result<disco::Items>> all_items(For target, mod::Request request, disco::Items query, disco::Items found) {
        found.node = query.node;
        const bool node = has_node(query.node);
        if (node && commands_.running() && *query.node == xep::commands::ns) {
            add_commands(target, request, found);
            co_return found;
        }
        bool known = !node || commands_.find(target, *query.node) != nullptr;
        for (const auto& [where, source] : sources_.all()) {
            if (where != target || !source.items) continue;
            Task<Source::Items> work = source.items(request, query);
            Source::Items more = co_await work;
            if (!more) co_return std::unexpected{more.error()};
            if (!*more) continue;
            known = true;
            std::ranges::move((*more)->items, std::back_inserter(found.items));
            if ((*more)->set) found.set = std::move((*more)->set);
        }
        // Of others' accounts an answer must not tell what there is.
        if (!known && target != For::account) co_return std::unexpected{no_such_node};
        co_return found;
    }

    void add_commands(For target, const mod::Request& request, disco::Items& found) {
        const Jid& address = target == For::server ? context_.host().jid() : request.account->jid();
        commands_.for_each(target, [&](const commands::Command& command) {
            if (may_run(target, command, request))
                found.items.push_back({.jid = address, .name = command.name, .node = command.node});
        });
    }

    [[nodiscard]] bool may_run(For target, const commands::Command& command, const mod::Request& request) const {
        return target != For::account &&
               commands::may_run(command, request.iq->from(), context_.host().jid(), context_.host().settings());
    }
    static bool may_know(const mod::Request& request) {
        return request.account->contacts().subscribed_from(request.iq->from().bare_text());
    }
    static disco::Item item_of(session::Host& service) {
        disco::Item item{.jid = service.jid()};
        const auto& identities = service.handlers().disco_of(For::server).identities;
        if (!identities.empty() && !identities.begin()->name.empty()) item.name = identities.begin()->name;
        return item;
    }

    mod::Context& context_;
    const commands::Registry& commands_;
    const discovery::Sources& sources_;
};

constexpr mod::Spec specs[] = {{"XEP-0030", "2.5.0"}, {"XEP-0128", "1.0.1"}};

}  // namespace

disco::Info info_of(const mod::Disco& registered) {
    disco::Info info;
    for (const mod::Identity& identity : registered.identities)
        info.identities.push_back({.category = identity.category,
                                   .type = identity.type,
                                   .name = identity.name.empty() ? std::nullopt : std::optional{identity.name}});
    for (const std::string& feature : registered.features) info.features.push_back({.var = feature});
    for (const xml::Document& form : registered.forms)
        if (Result<xep::dataforms::Form> parsed = xml::parse<xep::dataforms::Form>(form.root()))
            info.forms.push_back(std::move(*parsed));
    return info;
}

extern const mod::Info disco_info;
const mod::Info disco_info{.name = "disco",
                           .summary = "Tells what the server and its accounts can do.",
                           .implements = specs,
                           .for_services = true,
                           .make = mod::make<Disco>};

}  // namespace aldis::modules
