#include <algorithm>

#include "modules/pubsub/errors.h"
#include "modules/pubsub/topics.h"
#include "xep/xep0462_pubsub_filter.h"

namespace aldis::modules::pubsub {
namespace {

namespace disco = xep::disco;
namespace forms = xep::dataforms;
using FoundItems = Result<std::optional<disco::Items>>;

/// XEP-0163 "Contact Service Discovery": only what one may subscribe to or retrieve.
bool shows(const Core& core, const Service& service, const Node& node, const Jid& who) {
    return may_subscribe(node.config, core.standing(service, node, who)).has_value();
}

std::vector<std::string> affiliated(const Node& node, Affiliation wanted) {
    std::vector<std::string> found;
    for (const auto& [jid, affiliation] : node.affiliations)
        if (affiliation == wanted) found.push_back(jid);
    return found;
}

/// "Discover Node Metadata".
Form metadata(const Core& core, const Service& service, const Node& node) {
    xep::pubsub::NodeMetadata found{.title = node.config.title,
                                    .description = node.config.description,
                                    .type = node.config.type,
                                    .language = node.config.language,
                                    .contact = node.config.contact,
                                    .creator = node.creator,
                                    .creation_date = node.created_at,
                                    .publishers = affiliated(node, Affiliation::publisher),
                                    .access_model = node.config.access_model,
                                    .publish_model = node.config.publish_model,
                                    .max_items = node.config.max_items};
    for (const Jid& owner : core.owners(service, node)) found.owners.push_back(owner.text());
    for (const auto& [jid, subscriber] : node.subscribers) found.num_subscribers += subscriber.pending ? 0 : 1;
    return forms::filled(found, forms::Kind::result);
}

/// XEP-0462.
struct TypeFilter {
    std::vector<std::string> types;
    bool excluded = false;

    [[nodiscard]] bool passes(const NodeConfig& config) const {
        return (std::ranges::find(types, config.type.value_or("")) != types.end()) != excluded;
    }
};

Result<std::optional<TypeFilter>> filter_of(const Iq* request) {
    using xep::PubsubFilter;
    if (request == nullptr || request->payload() == nullptr || !xml::has<PubsubFilter>(*request->payload()))
        return std::nullopt;
    const std::optional<PubsubFilter> filter = xml::get<PubsubFilter>(*request->payload());
    if (!filter || filter->form.form_type() != PubsubFilter::ns) return std::unexpected{errors::bad_request};
    const forms::Field* const included = filter->form.field(PubsubFilter::included);
    const forms::Field* const excluded = filter->form.field(PubsubFilter::excluded);
    if ((included == nullptr) == (excluded == nullptr)) return std::unexpected{errors::bad_request};
    const forms::Field& given = included != nullptr ? *included : *excluded;
    return TypeFilter{.types = given.values.empty() ? std::vector<std::string>{""} : given.values,
                      .excluded = excluded != nullptr};
}

disco::Item item_of(const Service& service, const Node& node) {
    disco::Item item{.jid = service.jid, .name = node.config.title, .node = node.name};
    return item;
}

/// About what a node takes in the list.
std::size_t size_of(const Service& service, const Node& node) {
    return service.jid.text().size() + node.name.size() + node.config.title.value_or("").size() + 64;
}

std::size_t most_bytes(const Core& core) { return std::min<std::size_t>(core.limits().page_bytes, 512 << 10); }

/// "Discover Nodes".
FoundItems nodes_of(const Core& core, const Caller& caller, const Service& service, const disco::Items& query,
                    const Iq* request) {
    const Result<std::optional<TypeFilter>> filter = filter_of(request);
    if (!filter) return std::unexpected{filter.error()};
    disco::Items found;
    const std::size_t most = std::min<std::size_t>(
        core.limits().page, query.set ? query.set->max.value_or(core.limits().page) : core.limits().page);
    std::uint64_t index = 0;
    std::uint64_t first = 0;
    std::size_t bytes = 0;
    bool full = false;
    for (const auto& [name, node] : service.nodes) {
        if ((*filter && !(*filter)->passes(node.config)) || !shows(core, service, node, caller.from)) continue;
        ++index;
        if (query.set && query.set->after && name <= *query.set->after) continue;
        if (found.items.empty()) first = index - 1;
        bytes += size_of(service, node);
        full = full || found.items.size() >= most || (bytes > most_bytes(core) && !found.items.empty());
        if (!full) found.items.push_back(item_of(service, node));
    }
    if (!query.set && found.items.size() == index) return found;
    found.set = xep::rsm::Set{.count = index};
    if (!found.items.empty()) {
        found.set->first = {.index = first, .id = *found.items.front().node};
        found.set->last = *found.items.back().node;
    }
    return found;
}

/// May he see what the node has? False: for him, it is not there.
Result<bool> lists(const Core& core, const Caller& caller, Service& service, const std::string& name) {
    const Node* const node = service.find(name);
    if (node == nullptr || !shows(core, service, *node, caller.from)) return false;
    if (Result<void> allowed = may_retrieve(node->config, core.standing(service, *node, caller)); !allowed)
        return std::unexpected{allowed.error()};
    return true;
}

}  // namespace

Task<Result<std::optional<disco::Info>>> node_info(Core& core, Caller caller, Use service, std::string name) {
    const Node* const node = service->find(name);
    if (node == nullptr || !shows(core, *service, *node, caller.from)) co_return std::nullopt;
    disco::Info info{.node = name,
                     .identities = {{.category = "pubsub", .type = "leaf", .name = node->config.title}},
                     .features = {{.var = std::string{xep::pubsub::ns}}}};
    info.forms.push_back(metadata(core, *service, *node));
    co_return info;
}

Task<FoundItems> node_items(Core& core, Caller caller, Use service, disco::Items query, const Iq* request) {
    if (!query.node || query.node->empty()) co_return nodes_of(core, caller, *service, query, request);
    Result<bool> visible = lists(core, caller, *service, *query.node);
    if (!visible) co_return std::unexpected{visible.error()};
    if (!*visible) co_return std::nullopt;
    co_await core.settled(service);
    db::PubsubQuery wanted{.limit = core.limits().page, .payloads = false};
    if (query.set) {
        wanted.limit = std::min<std::size_t>(wanted.limit, query.set->max.value_or(core.limits().page));
        wanted.after = query.set->after;
        wanted.before = query.set->before;
        wanted.index = query.set->index;
    }
    const std::optional<db::PubsubPage> page = co_await core.context().read(
        [jid = service->jid.text(), name = *query.node, wanted, now = core.now()](db::Connection& connection) {
            return db::Pubsub::items(connection, jid, name, wanted, now);
        });
    // What he may see may have changed meanwhile.
    visible = lists(core, caller, *service, *query.node);
    if (!visible) co_return std::unexpected{visible.error()};
    if (!*visible) co_return std::nullopt;
    if (!page) co_return std::unexpected{errors::no_such};
    disco::Items found{.node = query.node};
    for (const db::PubsubItem& item : page->items) found.items.push_back({.jid = service->jid, .name = item.id});
    if (query.set || page->items.size() < page->count) {
        found.set = xep::rsm::Set{.count = page->count};
        if (!page->items.empty()) {
            found.set->first = {.index = page->index, .id = page->items.front().id};
            found.set->last = page->items.back().id;
        }
    }
    co_return found;
}

}  // namespace aldis::modules::pubsub
