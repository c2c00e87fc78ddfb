#include "modules/pubsub/interests.h"

#include <utility>

namespace aldis::modules::pubsub {
namespace {

/// What is remembered of what was told while somebody reads.
constexpr std::size_t most_told = 65'536;

}  // namespace

Interests::Visit::~Visit() {
    if (--interests_.visits_ > 0) return;
    const std::vector<std::function<void()>> waiting = std::exchange(interests_.waiting_, {});
    for (const std::function<void()>& change : waiting) change();
}

void Interests::set(const Jid& full, const Wanted& nodes, const std::vector<Jid>& owners) {
    if (visits_ > 0) {
        waiting_.emplace_back([this, full, nodes, owners] { set(full, nodes, owners); });
        return;
    }
    forget(full);
    if (owners.empty() || nodes->empty()) return;
    Watcher& watcher = watcher_of(full, nodes);
    watcher.owners.reserve(owners.size());
    for (const Jid& owner : owners) connect(watcher, owner);
}

void Interests::add(const Jid& full, const Wanted& nodes, const Jid& owner) {
    if (visits_ > 0) {
        waiting_.emplace_back([this, full, nodes, owner] { add(full, nodes, owner); });
        return;
    }
    if (nodes->empty()) return;
    const auto place = watchers_.find(full);
    if (place != watchers_.end() && *place->second.kind->nodes != *nodes) {
        std::vector<Jid> owners;
        for (const OwnerEntry* const entry : place->second.owners) owners.push_back(entry->first);
        set(full, nodes, owners);
    }
    connect(watcher_of(full, nodes), owner);
}

void Interests::remove(const Jid& full, const Jid& owner) {
    if (visits_ > 0) {
        waiting_.emplace_back([this, full, owner] { remove(full, owner); });
        return;
    }
    const auto place = watchers_.find(full);
    if (place == watchers_.end()) return;
    Watcher& watcher = place->second;
    const auto found =
        std::ranges::find_if(watcher.owners, [&](const OwnerEntry* entry) { return entry->first.same_bare(owner); });
    if (found == watcher.owners.end()) return;
    OwnerEntry& entry = **found;
    watcher.owners.erase(found);
    disconnect(watcher, entry);
    if (watcher.owners.empty()) erase(place);
}

void Interests::forget(const Jid& full) {
    if (visits_ > 0) {
        waiting_.emplace_back([this, full] { forget(full); });
        return;
    }
    const auto place = watchers_.find(full);
    if (place == watchers_.end()) return;
    for (OwnerEntry* const owner : place->second.owners) disconnect(place->second, *owner);
    erase(place);
}

Interests::Kind* Interests::kind_of(const Wanted& nodes) {
    if (const auto place = kinds_.find(*nodes); place != kinds_.end()) return place->get();
    return kinds_.insert(std::make_unique<Kind>(nodes)).first->get();
}

void Interests::drop(Kind& kind) {
    if (--kind.watchers == 0) kinds_.erase(kinds_.find(*kind.nodes));
}

Interests::Watcher& Interests::watcher_of(const Jid& full, const Wanted& nodes) {
    const auto [place, made] = watchers_.try_emplace(full);
    Watcher& watcher = place->second;
    if (made) {
        watcher.full = &place->first;
        watcher.kind = kind_of(nodes);
        ++watcher.kind->watchers;
    }
    return watcher;
}

void Interests::connect(Watcher& watcher, const Jid& owner) {
    OwnerEntry& entry = *owners_.try_emplace(owner).first;
    std::vector<const Watcher*>& all = entry.second.watchers;
    const auto place = std::ranges::lower_bound(all, &watcher, &Interests::before);
    if (place != all.end() && *place == &watcher) return;
    all.insert(place, &watcher);
    watcher.owners.push_back(&entry);
}

void Interests::disconnect(const Watcher& watcher, OwnerEntry& owner) {
    std::vector<const Watcher*>& all = owner.second.watchers;
    const auto place = std::ranges::lower_bound(all, &watcher, &Interests::before);
    if (place != all.end() && *place == &watcher) all.erase(place);
    if (all.empty()) owners_.erase(owners_.find(owner.first));
}

void Interests::erase(std::unordered_map<Jid, Watcher>::iterator place) {
    Kind& kind = *place->second.kind;
    watchers_.erase(place);
    drop(kind);
}

bool Interests::before(const Watcher* one, const Watcher* other) {
    if (one->kind != other->kind) return std::less{}(one->kind, other->kind);
    return std::less{}(one, other);
}

std::size_t Interests::key_of(const Jid& owner, std::string_view node) {
    return owner.bare_hash() * 31 + std::hash<std::string_view>{}(node);
}

void Interests::note(const Jid& owner, std::string_view node) {
    if (readings_.empty()) return;
    if (told_.size() >= most_told) {
        told_.clear();
        unknown_until_ = last_told_;
    }
    told_.push_back({++last_told_, key_of(owner, node)});
}

std::uint64_t Interests::begin_reading() {
    readings_.push_back(last_told_);
    return last_told_;
}

void Interests::end_reading(std::uint64_t since) {
    if (const auto place = std::ranges::find(readings_, since); place != readings_.end()) readings_.erase(place);
    const std::uint64_t oldest = readings_.empty() ? last_told_ : readings_.front();
    const auto first = std::ranges::upper_bound(told_, oldest, {}, &Told::number);
    told_.erase(told_.begin(), first);
}

bool Interests::told_since(std::uint64_t since, const Jid& owner, std::string_view node) const {
    if (since < unknown_until_) return true;
    const auto first = std::ranges::upper_bound(told_, since, {}, &Told::number);
    return std::any_of(first, told_.end(), [key = key_of(owner, node)](const Told& told) { return told.key == key; });
}

}  // namespace aldis::modules::pubsub
