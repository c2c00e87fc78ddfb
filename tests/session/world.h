#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../db/fixture.h"
#include "../stream/harness.h"
#include "mod/load.h"
#include "modules/modules.h"
#include "session/home.h"

// A whole server but for its sockets: shards, homes, modules and a real database, on one thread. Nothing is written
// while the test says so, and time stands still.
namespace aldis::session::test {

/// A connection whose other end outlives it.
class Wire final : public net::Transport {
public:
    explicit Wire(std::shared_ptr<net::MemoryTransport> end) : end_{std::move(end)} {}

    void set_receiver(net::Receiver* receiver) override { end_->set_receiver(receiver); }
    void send(std::string_view bytes) override { end_->send(bytes); }
    void close() override { end_->close(); }
    void abort() override { end_->abort(); }
    void start_tls() override { end_->start_tls(); }
    [[nodiscard]] const net::TlsInfo* tls() const override { return end_->tls(); }
    void pause_reading() override { end_->pause_reading(); }
    void resume_reading() override { end_->resume_reading(); }
    [[nodiscard]] std::size_t queued() const override { return end_->queued(); }
    void limit_queue(std::size_t bytes) override { end_->limit_queue(bytes); }
    void limit_rate(std::size_t bytes_per_second) override { end_->limit_rate(bytes_per_second); }
    void leave_shard() override { end_->leave_shard(); }
    void join_shard(net::Shard& shard) override { end_->join_shard(shard); }
    [[nodiscard]] std::string_view peer_address() const override { return end_->peer_address(); }

private:
    std::shared_ptr<net::MemoryTransport> end_;
};

/// The disk: good, or full.
class Disk final : public db::CommitGate {
public:
    bool full = false;
    void before_commit(std::size_t) override {
        if (full) throw db::Error{db::Fault::disk_full, "the disk is full"};
    }
};

class Everybody final : public Guard {
public:
    int unauthenticated = 0;
    int ended = 0;
    int guests = 0;
    int most_guests = 10;
    bool may_try(std::string_view) override { return true; }
    void failed(std::string_view, std::string_view) override {}
    void succeeded(std::string_view, std::string_view) override {}
    bool admit(std::string_view) override { return ++unauthenticated > 0; }
    void released(std::string_view) override { --unauthenticated; }
    void gone() override { ++ended; }
    bool take_registration(std::string_view, std::uint32_t, std::chrono::seconds) override { return true; }
    void return_registration(std::string_view) override {}
    bool admit_guest(std::string_view) override { return guests < most_guests && ++guests > 0; }
    void guest_gone(std::string_view) override { --guests; }
};

class World {
public:
    /// @param folder  of an earlier one, which has gone
    explicit World(unsigned shards = 1, const Limits& limits = {},
                   std::shared_ptr<db::tests::Folder> folder = std::make_shared<db::tests::Folder>())
        : folder_{std::move(folder)}, stores_{options()}, router_{shards, {"example.org"}} {
        configure_log({.level = Level::error, .areas = {{"session", Level::error}}});
        for (unsigned i = 0; i < shards; ++i) {
            shards_.push_back(std::make_unique<net::Shard>(i, clock, random_));
            homes_.push_back(
                std::make_unique<Home>(*shards_[i], stores_, router_, guard, stream::StreamLimits{}, limits));
        }
        std::vector<Home*> peers;
        for (const auto& home : homes_) peers.push_back(home.get());
        for (const auto& home : homes_) {
            home->set_peers(peers);
            add_host(*home);
        }
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World() { stores_.database.close(); }

    void add_account(std::string_view local, const std::vector<db::RosterItem>& roster = {}) {
        const std::string jid = std::string{local} + "@example.org";
        stores_.database.write_now([&](db::Connection& connection) {
            stores_.add_account(connection, jid, sasl::test::pencil().serialise(), Timestamp{});
            db::Unit unit;
            std::uint64_t version = 0;
            for (db::RosterItem item : roster) {
                item.version = ++version;
                db::Roster::put(unit, jid, item);
            }
            unit.run(connection);
        });
    }
    std::shared_ptr<net::MemoryTransport> connect(unsigned shard = 0) {
        auto end = std::make_shared<net::MemoryTransport>();
        ends_.push_back(end);
        homes_[shard]->accept(std::make_unique<Wire>(end), stream::TlsMode::none);
        return end;
    }
    /// Under TLS, by which everything is possible that needs it.
    std::shared_ptr<net::MemoryTransport> connect_secured(const tls::Info& info, unsigned shard = 0) {
        auto end = std::make_shared<net::MemoryTransport>();
        end->set_tls_info(info);
        end->start_tls();
        end->turn();
        ends_.push_back(end);
        homes_[shard]->accept(std::make_unique<Wire>(end), stream::TlsMode::direct);
        return end;
    }
    /// Turns until nothing happens any more.
    void settle() {
        for (int i = 0; i < 12; ++i) {
            for (const auto& shard : shards_) shard->poll();
            for (const auto& end : ends_) end->turn();
            while (writes && stores_.database.work()) {
            }
        }
    }
    /// The disk does what there is to do, and nobody else does anything.
    void write_only() {
        while (stores_.database.work()) {
        }
    }
    /// Time goes by, and what is due happens.
    void wait(std::chrono::milliseconds time) {
        clock.advance(time);
        settle();
    }
    /// As the server stops: what is resumable is saved, and everything else goes.
    std::shared_ptr<db::tests::Folder> stop() {
        for (const auto& home : homes_) home->shut_down();
        settle();
        for (const auto& home : homes_) home->save_sessions([] {});
        settle();
        return folder_;
    }
    /// What is on disk, for another world: as after a crash.
    [[nodiscard]] std::shared_ptr<db::tests::Folder> folder() const { return folder_; }
    /// As the server starts.
    void restore_sessions() {
        std::map<std::string, std::vector<db::ResumableSession>> saved;
        stores_.database.write_now([&](db::Connection& connection) {
            db::ResumableSessions::take_all(connection, clock.now(), [&](db::ResumableSession&& session) {
                std::string owner = session.owner;
                saved[std::move(owner)].push_back(std::move(session));
            });
        });
        for (auto& [owner, sessions] : saved) {
            const Jid account = *Jid::parse(owner);
            homes_[router_.home_of(account)]->restore_sessions(account, std::move(sessions));
        }
        settle();
    }
    /// A name whose home is this shard.
    [[nodiscard]] std::string name_on(unsigned shard, std::string name) const {
        while (router_.home_of(*Jid::from_parts(name, "example.org")) != shard) name += 'o';
        return name;
    }
    [[nodiscard]] Home& home_of(std::string_view local) {
        return *homes_[router_.home_of(*Jid::from_parts(local, "example.org"))];
    }
    [[nodiscard]] db::Stores& stores() { return stores_; }
    [[nodiscard]] net::Shard& shard(unsigned index) { return *shards_[index]; }
    [[nodiscard]] unsigned shards() const { return static_cast<unsigned>(shards_.size()); }

    stream::test::FakeClock clock;
    Everybody guard;
    Disk disk;
    bool writes = true;  ///< false: what is to be written, or read, waits

private:
    db::Options options() {
        db::Options options = db::tests::by_hand(*folder_);
        options.gate = &disk;
        options.synced = false;
        return options;
    }
    void add_host(Home& home) {
        Host& host = home.add_host(*Jid::parse("example.org"));
        host.domain().plain_without_tls = true;
        host.domain().hashes = {sasl::all_hashes.begin(), sasl::all_hashes.end()};
        host.domain().iterations = 16;
        host.domain().decoy_secret = "a secret";
        host.domain().token_lifetime = std::chrono::days{20};
        mod::load(home, host, modules::all(), [](const mod::Info& info) -> std::shared_ptr<const void> {
            return info.config == nullptr ? nullptr : info.config->make();
        });
        for (const Host* const service : host.services()) router_.add_service(service->jid().text());
    }

    std::shared_ptr<db::tests::Folder> folder_;
    sasl::test::CountingRandom random_;
    std::vector<std::unique_ptr<net::Shard>> shards_;
    db::Stores stores_;
    router::Router router_;
    std::vector<std::unique_ptr<Home>> homes_;
    std::vector<std::shared_ptr<net::MemoryTransport>> ends_;
};

/// A client that is logged in.
class Person {
public:
    Person(World& world, std::string_view local, std::string_view resource, unsigned shard = 0)
        : world_{world},
          jid_{std::string{local} + "@example.org/" + std::string{resource}},
          bare_{jid_.substr(0, jid_.find('/'))},
          end_{world.connect(shard)} {
        std::string name(1, '\0');
        name.append(local).append(1, '\0').append("pencil");
        std::string login{stream::test::header};
        login.append("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>").append(base64_encode(name));
        login.append("</auth>").append(stream::test::header);
        login.append("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>");
        login.append(resource).append("</resource></bind></iq>");
        bound_ = says(login).contains("<jid>" + jid_ + "</jid>");
    }

    [[nodiscard]] bool bound() const { return bound_; }
    [[nodiscard]] const std::string& jid() const { return jid_; }
    [[nodiscard]] const std::string& bare() const { return bare_; }
    [[nodiscard]] net::MemoryTransport& end() { return *end_; }

    /// Sends it, and everybody does what there is to do. What this one has heard.
    std::string says(std::string_view xml) {
        end_->receive(xml);
        return hears();
    }
    /// What has been sent here since it was last asked for.
    std::string hears() {
        world_.settle();
        return end_->take_sent();
    }
    /// A message that is archived.
    void writes_to(const Person& other, std::string_view text) {
        end_->receive("<message type='chat' id='" + std::string{text} + "' to='" + other.bare() + "'><body>" +
                      std::string{text} + "</body></message>");
        world_.settle();
    }
    /// A message that nobody stores.
    void types_to(const Person& other, std::string_view id) {
        end_->receive("<message type='chat' id='" + std::string{id} + "' to='" + other.bare() +
                      "'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
        world_.settle();
    }

private:
    World& world_;
    std::string jid_;
    std::string bare_;
    std::shared_ptr<net::MemoryTransport> end_;
    bool bound_ = false;
};

/// The ids of the stanzas called `name`, in order; an error's with "!" after it.
inline std::vector<std::string> ids_in(const std::string& xml, const std::string& name = "message") {
    std::vector<std::string> ids;
    const xml::Document all = xml::parse_document("<all>" + xml + "</all>", "jabber:client");
    for (const xml::Element& stanza : all.root().children())
        if (stanza.local() == name)
            ids.push_back(std::string{stanza.attribute_or("id", "")} +
                          (stanza.attribute_or("type", "") == "error" ? "!" : ""));
    return ids;
}

/// Romeo writes to Juliet; the Nurse does, too. Juliet's home is another than Romeo's if there are two.
class HomeTest : public ::testing::TestWithParam<unsigned> {
protected:
    HomeTest() {
        for (Person* const person : {&romeo, &nurse, &juliet}) {
            EXPECT_TRUE(person->bound());
            person->says("<presence/>");
        }
        for (Person* const person : {&romeo, &nurse, &juliet}) person->hears();
    }
    std::string account(unsigned shard, const std::string& name) {
        std::string local = world.name_on(shard, name);
        world.add_account(local);
        return local;
    }

    World world{GetParam()};
    Person romeo{world, account(0, "romeo"), "orchard"};
    Person nurse{world, account(0, "nurse"), "hall"};
    Person juliet{world, account(GetParam() - 1, "juliet"), "balcony"};
};

}  // namespace aldis::session::test
