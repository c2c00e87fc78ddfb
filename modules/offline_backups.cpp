#include "modules/offline_backups.h"

#include <sstream>

#include "modules/offline_queue.h"

namespace aldis::modules::offline {
namespace {

const Row& row_of(const session::Backup& backup) { return static_cast<const Row&>(backup); }

}  // namespace

std::shared_ptr<const session::Backup> Backups::make(session::Transit& transit) {
    if (fate_of(transit.message) != Fate::keep) return nullptr;
    const Bytes& stanza = transit.bytes();
    const auto row = std::make_shared<Row>();
    row->size = stanza->size();
    // Not counted as waiting: what sessions have not acknowledged has bounds of its own.
    db::Offline::append(transit.unit, transit.account.jid().text(), context_.clock().now(), stanza, row->id);
    transit.account.slot<Queue>().add_live(row);
    return row;
}

void Backups::taken(session::Account& account, const session::Backup& backup) {
    const Row& row = row_of(backup);
    account.slot<Queue>().remove_live(row);
    if (taken_.empty()) context_.home().shard().post([this] { remove_taken(); });
    taken_.push_back({account.jid().text(), *row.id});
}

/// Lost, it is sent once more after a crash.
void Backups::remove_taken() {
    db::Unit unit;
    for (const Taken& one : std::exchange(taken_, {})) db::Offline::remove(unit, one.owner, one.id, one.id);
    context_.home().commit(std::move(unit), [this](bool stored) {
        if (!stored) context_.log().error("what was acknowledged could not be deleted, and may be sent again");
    });
}

void Backups::release(session::Account& account, const session::Backup& backup) {
    const Row& row = row_of(backup);
    auto& queue = account.slot<Queue>();
    queue.remove_live(row);
    queue.usage.add(row.size);
    queue.again = true;
}

std::string Backups::save(const session::Backup& backup) {
    const Row& row = row_of(backup);
    return std::to_string(*row.id) + " " + std::to_string(row.size);
}

std::shared_ptr<const session::Backup> Backups::load(session::Account& account, std::string_view saved) {
    std::istringstream in{std::string{saved}};
    const auto row = std::make_shared<Row>();
    std::int64_t id = 0;
    if (!(in >> id >> row->size)) return nullptr;
    *row->id = id;
    auto& queue = account.slot<Queue>();
    queue.usage.remove(row->size);
    queue.add_live(row);
    return row;
}

}  // namespace aldis::modules::offline
