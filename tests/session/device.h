#pragma once

#include "world.h"

namespace aldis::session::test {

inline constexpr std::string_view sm = "xmlns='urn:xmpp:sm:3'";

/// A client with stream management (XEP-0198), which loses its connection and comes back.
class Device {
public:
    Device(World& world, std::string_view local, std::string_view resource)
        : world_{world},
          local_{local},
          resource_{resource},
          bare_{local_ + "@example.org"},
          jid_{bare_ + "/" + resource_} {}

    /// Logs in; nothing is bound yet.
    Device& connects(unsigned shard = 0) {
        end_ = world_.connect(shard);
        std::string name(1, '\0');
        name.append(local_).append(1, '\0').append("pencil");
        std::string login{stream::test::header};
        login.append("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>").append(base64_encode(name));
        login.append("</auth>").append(stream::test::header);
        says(login);
        return *this;
    }
    Device& binds() {
        const std::string heard =
            says("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" + resource_ +
                 "</resource></bind></iq>");
        EXPECT_TRUE(heard.contains("<jid>" + jid_ + "</jid>")) << heard;
        return *this;
    }
    /// Connects, binds, and enables stream management, so that it can be resumed.
    Device& comes(unsigned shard = 0, std::string_view attributes = "resume='true'") {
        connects(shard).binds();
        heard_ = says("<enable xmlns='urn:xmpp:sm:3' " + std::string{attributes} + "/>");
        EXPECT_TRUE(heard_.contains("<enabled xmlns='urn:xmpp:sm:3'")) << heard_;
        id_ = attribute("id");
        return *this;
    }
    Device& comes_available(unsigned shard = 0) {
        comes(shard);
        says("<presence/>");
        return *this;
    }
    /// The connection goes away without a word.
    void cut() {
        end_->receive_end(net::Closed::broken);
        world_.settle();
        (void)end_->take_sent();
    }
    /// On a new connection. @return what it hears
    std::string resumes(std::uint64_t h, unsigned shard = 0) { return connects(shard).asks_to_resume(h); }
    std::string asks_to_resume(std::uint64_t h) {
        return says("<resume xmlns='urn:xmpp:sm:3' previd='" + id_ + "' h='" + std::to_string(h) + "'/>");
    }
    std::string acknowledges(std::uint64_t h) {
        return says("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(h) + "'/>");
    }
    /// 'h' that the server answers an <r/> with, without anything new; nothing: it does not answer
    std::optional<std::uint64_t> is_told() { return h_in(says("<r xmlns='urn:xmpp:sm:3'/>")); }
    [[nodiscard]] static std::optional<std::uint64_t> h_in(const std::string& heard) {
        const std::size_t at = heard.find("<a xmlns='urn:xmpp:sm:3' h='");
        if (at == std::string::npos) return std::nullopt;
        return std::stoull(heard.substr(at + 28));
    }

    /// Sends it, and everybody does what there is to do.
    std::string says(std::string_view xml) {
        end_->receive(xml);
        return hears();
    }
    std::string hears() {
        world_.settle();
        return end_->take_sent();
    }
    /// A message that is archived.
    void writes_to(const std::string& to, const std::string& id) {
        end_->receive("<message type='chat' id='" + id + "' to='" + to + "'><body>" + id + "</body></message>");
        world_.settle();
    }

    [[nodiscard]] Session* session() const {
        Account* const account = world_.home_of(local_).find(*Jid::parse(bare_));
        return account == nullptr ? nullptr : account->find(resource_);
    }
    [[nodiscard]] const std::string& bare() const { return bare_; }
    [[nodiscard]] const std::string& jid() const { return jid_; }
    [[nodiscard]] const std::string& id() const { return id_; }
    void set_id(std::string id) { id_ = std::move(id); }
    /// <enabled/>
    [[nodiscard]] const std::string& heard() const { return heard_; }
    [[nodiscard]] std::string attribute(const std::string& name) const {
        const std::size_t at = heard_.find(" " + name + "='");
        if (at == std::string::npos) return "";
        const std::size_t begin = at + name.size() + 3;
        return heard_.substr(begin, heard_.find('\'', begin) - begin);
    }
    [[nodiscard]] net::MemoryTransport& end() { return *end_; }
    [[nodiscard]] const std::shared_ptr<net::MemoryTransport>& shared_end() const { return end_; }

private:
    World& world_;
    std::string local_;
    std::string resource_;
    std::string bare_;
    std::string jid_;
    std::string id_;
    std::string heard_;
    std::shared_ptr<net::MemoryTransport> end_;
};

/// A message as the other people of a test send it.
inline std::string message_to(const std::string& to, const std::string& id, const std::string& type = "chat") {
    return "<message type='" + type + "' id='" + id + "' to='" + to + "'><body>" + id + "</body></message>";
}

/// Romeo (plain) and Juliet's devices, on one shard or on two.
class ManagedTest : public ::testing::TestWithParam<unsigned> {
protected:
    explicit ManagedTest(const Limits& limits = {}) : world{GetParam(), limits} {
        for (Person* const person : {&romeo, &nurse}) {
            EXPECT_TRUE(person->bound());
            person->says("<presence/>");
        }
        romeo.hears();
        nurse.hears();
    }
    std::string account(unsigned shard, const std::string& name) {
        std::string local = world.name_on(shard, name);
        world.add_account(local);
        return local;
    }
    [[nodiscard]] static Limits with(const Resumption& resumption) {
        Limits limits;
        limits.resumption = resumption;
        return limits;
    }

    World world;
    std::string capulet = account(GetParam() - 1, "juliet");
    Person romeo{world, account(0, "romeo"), "orchard"};
    Person nurse{world, account(0, "nurse"), "hall"};
    Device balcony{world, capulet, "balcony"};
    Device garden{world, capulet, "garden"};
};

#define ON_ONE_SHARD_AND_TWO(test)                                    \
    INSTANTIATE_TEST_SUITE_P(Shards, test, ::testing::Values(1u, 2u), \
                             [](const auto& info) { return "On" + std::to_string(info.param); })

}  // namespace aldis::session::test
