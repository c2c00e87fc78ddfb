#include "modules/private_storage.h"

#include "config/fields.h"
#include "mod/module.h"
#include "modules/private_storage_rules.h"
#include "xep/xep0049_private_storage.h"

namespace aldis::modules {
namespace {

constexpr stanza::Error of_another{Condition::forbidden, ErrorType::cancel, "This belongs to somebody else."};
constexpr stanza::Error full{Condition::resource_constraint, ErrorType::cancel, "There is no room for more."};

struct PrivateStorageConfig {
    std::uint32_t elements = 500;
    config::ByteSize bytes = config::mib(1);

    static constexpr auto fields = config::fields(
        config::field<&PrivateStorageConfig::elements>("elements", config::between(1, 100'000),
                                                       config::doc("How many elements an account may keep.")),
        config::field<&PrivateStorageConfig::bytes>("bytes", config::between(config::kib(4), config::mib(64)),
                                                    config::doc("How much they may be together, of one account.")));
};

/// XEP-0049: Private XML Storage. Clients keep here what nobody else sees.
class PrivateStorage final : public mod::Module {
public:
    explicit PrivateStorage(mod::Context& context)
        : context_{context}, registry_{context.host().slot<private_storage::Registry>()} {
        using mod::For;
        context.on_iq(IqType::get, For::own_account, *this, &PrivateStorage::get);
        context.on_iq(IqType::set, For::own_account, *this, &PrivateStorage::set);
        for (const For others : {For::account, For::nobody})
            for (const IqType type : {IqType::get, IqType::set})
                context.on_iq(type, others, *this, &PrivateStorage::forbid);
    }

private:
    Task<Result<xml::Document>> get(mod::Request request, xep::PrivateStorage asked);
    Task<Result<mod::Empty>> set(mod::Request request, xep::PrivateStorage asked);
    Result<mod::Empty> forbid(const mod::Request& /*request*/, xep::PrivateStorage /*asked*/) {
        return std::unexpected{of_another};
    }
    Task<bool> store(std::string owner, std::vector<db::PrivateElement> elements);

    mod::Context& context_;
    private_storage::Registry& registry_;
};

Task<Result<xml::Document>> PrivateStorage::get(mod::Request request, xep::PrivateStorage /*asked*/) {
    const xml::Element& query = *request.iq->payload();
    if (const Result<void> good = private_storage::check_get(query); !good) co_return std::unexpected{good.error()};

    xml::Document answer{xep::PrivateStorage::schema.name};
    for (const xml::Element& wanted : query.children()) {
        if (const private_storage::Special* const special = registry_.find(wanted)) {
            Task<Result<xml::Document>> work = special->get(*request.account);
            const Result<xml::Document> found = co_await work;
            if (!found) co_return std::unexpected{found.error()};
            answer.root().append_copy(found->root());
            continue;
        }
        auto find = [owner = request.account->jid().text(), ns = std::string{wanted.ns()},
                     name = std::string{wanted.local()}](db::Connection& connection) {
            return db::PrivateData::find(connection, owner, ns, name);
        };
        const std::string found = co_await context_.read(std::move(find));
        if (found.empty()) {
            answer.root().append(wanted.name().local, wanted.name().ns);
        } else {
            answer.root().append_raw(found);
        }
    }
    co_return answer;
}

Task<Result<mod::Empty>> PrivateStorage::set(mod::Request request, xep::PrivateStorage /*asked*/) {
    const xml::Element& query = *request.iq->payload();
    if (const Result<void> good = private_storage::check_set(query); !good) co_return std::unexpected{good.error()};

    std::vector<db::PrivateElement> elements;
    for (const xml::Element& child : query.children()) {
        const private_storage::Special* const special = registry_.find(child);
        if (special == nullptr) {
            private_storage::add(elements, child);
            continue;
        }
        Task<Result<void>> work = special->set(*request.account, xml::Document::copy_of(child));
        const Result<void> done = co_await work;
        if (!done) co_return std::unexpected{done.error()};
    }
    if (elements.empty()) co_return mod::Empty{};
    Task<bool> work = store(request.account->jid().text(), std::move(elements));
    const bool stored = co_await work;
    if (!stored) co_return std::unexpected{full};
    co_return mod::Empty{};
}

Task<bool> PrivateStorage::store(std::string owner, std::vector<db::PrivateElement> elements) {
    const PrivateStorageConfig& config = context_.config<PrivateStorageConfig>();
    auto job = [owner = std::move(owner), elements = std::move(elements),
                bounds = db::PrivateData::Bounds{.elements = config.elements, .bytes = config.bytes}](
                   db::Connection& connection) { return db::PrivateData::put(connection, owner, elements, bounds); };
    const bool stored = co_await context_.home().stores().database.write(context_.home().way_back(), std::move(job));
    co_return stored;
}

constexpr mod::Spec specs[] = {{"XEP-0049", "1.2"}};

}  // namespace

extern const mod::Info private_storage_info;
const mod::Info private_storage_info{.name = "private_storage",
                                     .summary = "Keeps what clients store for themselves.",
                                     .implements = specs,
                                     .config = &config::schema_of<PrivateStorageConfig>,
                                     .for_guests = false,
                                     .make = mod::make<PrivateStorage>};

}  // namespace aldis::modules
