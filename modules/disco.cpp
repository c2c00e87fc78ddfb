#include <algorithm>

#include "mod/module.h"
#include "modules/command_list.h"
#include "modules/disco_info.h"
#include "xep/xep0030_disco.h"
#include "xep/xep0050_commands.h"

namespace aldis::modules {
namespace {

namespace disco = xep::disco;

constexpr stanza::Error no_such_node{Condition::item_not_found, ErrorType::cancel, {}};
constexpr stanza::Error not_yours{Condition::forbidden, ErrorType::auth, {}};
constexpr stanza::Error not_told{Condition::service_unavailable, ErrorType::cancel, {}};

bool is_command(std::string_view node) {
    return std::ranges::any_of(account_commands, [&](const CommandNode& command) { return command.node == node; });
}

/// XEP-0050 "Retrieving the Command List".
disco::Info info_of_command(const CommandNode& command) {
    return {.node = std::string{command.node},
            .identities = {{.category = "automation", .type = "command-node", .name = std::string{command.name}}},
            .features = {{.var = std::string{xep::commands::ns}}, {.var = std::string{xep::dataforms::ns}}}};
}

disco::Info info_of_command_list() {
    return {.node = std::string{xep::commands::ns},
            .identities = {{.category = "automation", .type = "command-list"}},
            .features = {{.var = std::string{xep::commands::ns}}}};
}

/// XEP-0030: Service Discovery, of the domain and of accounts. What is announced is what modules have registered.
class Disco final : public mod::Module {
public:
    explicit Disco(mod::Context& context) : context_{context} {
        using enum mod::For;
        if (!context.host().is_service()) context.identity(server, "server", "im", "Aldis");
        context.identity(account, "account", "registered");
        context.on_iq(IqType::get, server, *this, &Disco::server_info);
        context.on_iq(IqType::get, server, *this, &Disco::items);
        context.on_iq(IqType::get, own_account, *this, &Disco::own_info);
        context.on_iq(IqType::get, own_account, *this, &Disco::own_items);
        context.on_iq(IqType::get, account, *this, &Disco::account_info);
        context.on_iq(IqType::get, account, *this, &Disco::items);
        context.on_iq(IqType::get, nobody, *this, &Disco::items);
    }

private:
    Result<disco::Info> server_info(const mod::Request&, disco::Info query) {
        const bool own_caps = query.node && *query.node == context_.handlers().caps_node;
        if (query.node && !query.node->empty() && !own_caps) return std::unexpected{no_such_node};
        disco::Info info = info_of(context_.handlers().disco_of(mod::For::server));
        info.node = query.node;
        return info;
    }

    Result<disco::Info> own_info(const mod::Request&, disco::Info query) {
        if (!query.node || query.node->empty()) return info_of(context_.handlers().disco_of(mod::For::own_account));
        if (has_commands() && *query.node == xep::commands::ns) return info_of_command_list();
        for (const CommandNode& command : account_commands)
            if (has_commands() && *query.node == command.node) return info_of_command(command);
        return std::unexpected{no_such_node};
    }

    /// "Security Considerations": only to those who may see the account's presence. Its commands are for its owner.
    Result<disco::Info> account_info(const mod::Request& request, disco::Info query) {
        if (!request.account->contacts().subscribed_from(request.iq->from().bare_text()))
            return std::unexpected{not_told};
        if (has_commands() && query.node && (*query.node == xep::commands::ns || is_command(*query.node)))
            return std::unexpected{not_yours};
        return own_info(request, std::move(query));
    }

    /// Does anybody run them?
    [[nodiscard]] bool has_commands() const {
        return context_.handlers().disco_of(mod::For::own_account).features.contains(std::string{xep::commands::ns});
    }

    Result<disco::Items> items(const mod::Request&, disco::Items query) { return disco::Items{.node = query.node}; }

    /// An account's items are its available resources; its commands have a node.
    Result<disco::Items> own_items(const mod::Request& request, disco::Items query) {
        disco::Items found{.node = query.node};
        if (has_commands() && query.node && *query.node == xep::commands::ns)
            for (const CommandNode& command : account_commands)
                found.items.push_back({.jid = request.account->jid(),
                                       .name = std::string{command.name},
                                       .node = std::string{command.node}});
        if (query.node && !query.node->empty()) return found;
        for (const auto& session : request.account->sessions())
            if (session->available()) found.items.push_back({.jid = session->jid()});
        return found;
    }

    mod::Context& context_;
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
