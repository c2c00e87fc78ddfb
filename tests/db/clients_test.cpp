// Clients, their tokens, certificates: who may log in, and with what.
#include "tests/db/fixture.h"

namespace aldis::db::tests {
namespace {

struct LoginStores : testing::Test, ByHand {
    void seen(std::string_view id, Timestamp at, std::string_view owner = "romeo@x") {
        write([&](Connection& connection) { Clients::touch(connection, owner, {.id = id, .at = at}); });
    }
    bool offer(std::string_view secret, Timestamp expires, std::string_view id = "phone") {
        return write([&](Connection& connection) {
            return Clients::offer_token(connection, "romeo@x", id,
                                        {.secret = std::string{secret},
                                         .mechanism = "HT-SHA-256-ENDP",
                                         .issued = second(1),
                                         .expires = expires});
        });
    }
    bool use(std::string_view secret, std::optional<std::uint32_t> count = {}, std::string_view id = "phone") {
        return write(
            [&](Connection& connection) { return Clients::use_token(connection, "romeo@x", id, secret, count); });
    }
    ClientTokens tokens(std::string_view id = "phone") {
        return read([&](Connection& connection) { return Clients::tokens(connection, "romeo@x", id); });
    }
    std::optional<Client> find(std::string_view id) {
        return read([&](Connection& connection) { return Clients::find(connection, "romeo@x", id); });
    }
    std::vector<Client> list() {
        return read([](Connection& connection) { return Clients::list(connection, "romeo@x"); });
    }
};
using ClientsStore = LoginStores;
using CertificatesStore = LoginStores;

TEST_F(ClientsStore, KeepsWhatItLearnsOfAClient) {
    write([](Connection& connection) {
        Clients::touch(connection, "romeo@x",
                       {.id = "phone",
                        .software = "Gajim",
                        .uri = "https://gajim.org/",
                        .device = "Romeo's phone",
                        .address = "192.0.2.1",
                        .mechanism = "SCRAM-SHA-256",
                        .at = second(5),
                        .password = true});
        Clients::touch(
            connection, "romeo@x",
            {.id = "phone", .mechanism = "HT-SHA-256-NONE", .at = second(9), .permission = Permission::normal});
    });
    const std::optional<Client> client = find("phone");
    ASSERT_TRUE(client);
    EXPECT_EQ(client->software, "Gajim");
    EXPECT_EQ(client->uri, "https://gajim.org/");
    EXPECT_EQ(client->device, "Romeo's phone");
    EXPECT_EQ(client->address, "192.0.2.1");
    EXPECT_EQ(client->mechanism, "HT-SHA-256-NONE");
    EXPECT_EQ(client->first_seen, second(5));
    EXPECT_EQ(client->last_seen, second(9));
    EXPECT_TRUE(client->password);
    EXPECT_EQ(client->permission, Permission::normal);
    EXPECT_FALSE(client->token_expires);
    EXPECT_FALSE(find("laptop"));
    write([](Connection& connection) { Clients::touch(connection, "romeo@x", "phone", second(12)); });
    EXPECT_EQ(find("phone")->last_seen, second(12));
}

TEST_F(ClientsStore, ListsWhoWasSeenLastFirst) {
    seen("a", second(3));
    seen("b", second(7));
    seen("c", second(5));
    seen("other", second(9), "juliet@x");
    std::vector<std::string> ids;
    for (const Client& client : list()) ids.push_back(client.id);
    EXPECT_EQ(ids, (std::vector<std::string>{"b", "c", "a"}));
}

TEST_F(ClientsStore, ForgetsTheOldestBeyondItsBound) {
    for (std::size_t number = 0; number < Clients::limit; ++number)
        seen("c" + std::to_string(number), second(100 + static_cast<std::int64_t>(number)));
    ASSERT_TRUE(offer("secret", second(1000), "c0"));
    seen("c0", second(90));
    seen("c1", second(500));
    EXPECT_EQ(list().size(), Clients::limit);
    seen("new", second(600));
    EXPECT_EQ(list().size(), Clients::limit);
    EXPECT_FALSE(find("c0"));
    EXPECT_FALSE(tokens("c0").offered) << "a token without a client";
    EXPECT_TRUE(find("c1"));
    EXPECT_TRUE(find("new"));
}

TEST_F(ClientsStore, CutsLongTextsBetweenCharactersAndTakesNoLongId) {
    const std::string long_text = std::string(Clients::longest_text - 1, 'a') + "ö";
    write([&](Connection& connection) {
        Clients::touch(connection, "romeo@x", {.id = "phone", .device = long_text, .at = second(1)});
        Clients::touch(connection, "romeo@x", {.id = std::string(Clients::longest_text + 1, 'i'), .at = second(1)});
    });
    EXPECT_EQ(list().size(), 1U);
    EXPECT_EQ(find("phone")->device, std::string(Clients::longest_text - 1, 'a'));
}

TEST_F(ClientsStore, KeepsTheOldTokenUntilTheNewOneIsUsed) {
    EXPECT_FALSE(offer("first", second(100))) << "no such client";
    seen("phone", second(1));
    EXPECT_TRUE(offer("lost", second(100)));
    EXPECT_TRUE(offer("first", second(100)));
    EXPECT_FALSE(use("lost")) << "never used, and another one was given";
    EXPECT_TRUE(use("first"));
    EXPECT_EQ(tokens().current->secret, "first");
    EXPECT_EQ(tokens().current->mechanism, "HT-SHA-256-ENDP");
    EXPECT_EQ(tokens().current->issued, second(1));
    EXPECT_EQ(tokens().current->expires, second(100));

    EXPECT_TRUE(offer("second", second(200)));
    EXPECT_EQ(find("phone")->token_expires, second(200));
    EXPECT_TRUE(use("first")) << "the client may not have got the second";
    EXPECT_EQ(tokens().offered->secret, "second");
    EXPECT_TRUE(use("second"));
    EXPECT_FALSE(tokens().offered);
    EXPECT_FALSE(use("first"));
    EXPECT_FALSE(use("second", {}, "laptop"));
}

TEST_F(ClientsStore, UsingATokenEndsThoseThatExpireEarlier) {
    seen("phone", second(1));
    offer("first", second(300));
    use("first");
    offer("second", second(200));
    EXPECT_TRUE(use("first"));
    EXPECT_FALSE(tokens().offered);
}

TEST_F(ClientsStore, CountsGrow) {
    seen("phone", second(1));
    offer("first", second(100));
    EXPECT_TRUE(use("first", 0));
    EXPECT_FALSE(use("first", 0));
    EXPECT_TRUE(use("first", 7));
    EXPECT_FALSE(use("first", 7));
    EXPECT_FALSE(use("first", 6));
    EXPECT_TRUE(use("first")) << "the caller decides where one is needed";
    EXPECT_EQ(tokens().current->count, 7U);
    EXPECT_TRUE(use("first", 4'294'967'295));
    offer("second", second(200));
    EXPECT_TRUE(use("second", 1)) << "each token has its own";
    EXPECT_FALSE(use("second", 1));
}

TEST_F(ClientsStore, TokensAndClientsAreRevoked) {
    seen("phone", second(1));
    seen("laptop", second(2));
    offer("p", second(100));
    use("p");
    offer("l", second(100), "laptop");
    write([](Connection& connection) { Clients::remove_tokens(connection, "romeo@x", "phone"); });
    EXPECT_FALSE(use("p"));
    EXPECT_TRUE(find("phone"));
    EXPECT_TRUE(write([](Connection& connection) { return Clients::remove(connection, "romeo@x", "laptop"); }));
    EXPECT_FALSE(use("l", {}, "laptop"));
    EXPECT_FALSE(write([](Connection& connection) { return Clients::remove(connection, "romeo@x", "laptop"); }));
}

TEST_F(ClientsStore, ANewPasswordEndsAllTokens) {
    const auto show_password = [this](std::string_view id) {
        write([&](Connection& connection) {
            Clients::touch(connection, "romeo@x", {.id = id, .at = second(1), .password = true});
        });
    };
    write([this](Connection& connection) { stores.add_account(connection, "romeo@x", "old", second(1)); });
    show_password("phone");
    show_password("laptop");
    offer("p", second(100));
    offer("l", second(100), "laptop");
    seen("c", second(1), "juliet@x");
    EXPECT_TRUE(
        write([](Connection& connection) { return Stores::set_password(connection, "romeo@x", "new", "laptop"); }));
    EXPECT_FALSE(use("p"));
    EXPECT_FALSE(use("l", {}, "laptop"));
    EXPECT_FALSE(find("phone")->password);
    EXPECT_TRUE(find("laptop")->password) << "it has set the new one";
    EXPECT_FALSE(write([](Connection& connection) { return Stores::set_password(connection, "nobody@x", "new"); }));
}

TEST_F(ClientsStore, FindsAllThatALoginNeeds) {
    const auto login = [this](std::string_view client) {
        return read([&](Connection& connection) { return Stores::find_login(connection, "romeo@x", client); });
    };
    EXPECT_FALSE(login("phone").user);
    write([this](Connection& connection) { stores.add_account(connection, "romeo@x", "keys", second(1)); });
    EXPECT_EQ(login("").user->credentials, "keys");
    EXPECT_FALSE(login("phone").client);
    seen("phone", second(1));
    offer("p", second(100));
    EXPECT_TRUE(login("phone").client);
    EXPECT_EQ(login("phone").tokens.offered->secret, "p");
    EXPECT_FALSE(login("").tokens.offered);
    EXPECT_FALSE(write([](Connection& connection) {
        return Users::renew_credentials(connection, "romeo@x", "others", "better");
    })) << "another password came first";
    EXPECT_TRUE(write(
        [](Connection& connection) { return Users::renew_credentials(connection, "romeo@x", "keys", "better"); }));
    EXPECT_EQ(login("").user->credentials, "better");
}

TEST_F(ClientsStore, PurgesBitByBit) {
    for (int number = 0; number < 5; ++number) seen("c" + std::to_string(number), second(number));
    offer("a", second(10), "c3");
    offer("b", second(99), "c4");
    const auto purge = [this] {
        return write([](Connection& connection) { return Clients::purge(connection, second(3), second(50), 2); });
    };
    EXPECT_EQ(purge(), 2U);
    EXPECT_EQ(list().size(), 3U);
    EXPECT_FALSE(tokens("c3").offered);
    EXPECT_TRUE(tokens("c4").offered);
    EXPECT_EQ(purge(), 1U);
    EXPECT_EQ(purge(), 0U);
    EXPECT_EQ(list().size(), 2U);
}

Certificate certificate(std::string name, char byte) {
    return {.name = std::move(name),
            .der = std::string{"\x30\0der", 5} + byte,
            .fingerprint = std::string(31, '\0') + byte,
            .no_management = byte == 'n',
            .added = second(4)};
}

TEST_F(CertificatesStore, AddsFindsListsAndRemoves) {
    const auto add = [this](std::string_view owner, const Certificate& added) {
        return write([&](Connection& connection) { return Certificates::add(connection, owner, added); });
    };
    EXPECT_EQ(add("romeo@x", certificate("phone", 'p')), Certificates::Added::yes);
    EXPECT_EQ(add("romeo@x", certificate("phone", 'q')), Certificates::Added::name_taken);
    EXPECT_EQ(add("romeo@x", certificate("the same", 'p')), Certificates::Added::name_taken);
    EXPECT_EQ(add("romeo@x", certificate("bot", 'n')), Certificates::Added::yes);
    EXPECT_EQ(add("juliet@x", certificate("phone", 'p')), Certificates::Added::yes);
    EXPECT_EQ(add("romeo@y", certificate("phone", 'p')), Certificates::Added::yes);
    read([](Connection& connection) {
        const std::optional<Certificate> bot =
            Certificates::find(connection, "romeo@x", certificate("bot", 'n').fingerprint);
        ASSERT_TRUE(bot);
        EXPECT_EQ(bot->name, "bot");
        EXPECT_EQ(bot->der, certificate("bot", 'n').der);
        EXPECT_TRUE(bot->no_management);
        EXPECT_EQ(bot->added, second(4));
        EXPECT_FALSE(Certificates::find(connection, "juliet@x", bot->fingerprint));
        const std::string& phone = certificate("phone", 'p').fingerprint;
        EXPECT_EQ(Certificates::owners(connection, "x", phone), (std::vector<std::string>{"juliet@x", "romeo@x"}));
        EXPECT_EQ(Certificates::owners(connection, "x", bot->fingerprint), std::vector<std::string>{"romeo@x"});
        EXPECT_EQ(Certificates::list(connection, "romeo@x").size(), 2U);
        EXPECT_EQ(Certificates::list(connection, "romeo@x")[0].name, "bot");
        EXPECT_FALSE(Certificates::list(connection, "romeo@x")[1].no_management);
    });
    const auto remove = [this](std::string_view name) {
        return write([&](Connection& connection) { return Certificates::remove(connection, "romeo@x", name); });
    };
    EXPECT_EQ(remove("phone")->fingerprint, certificate("phone", 'p').fingerprint);
    EXPECT_FALSE(remove("phone"));
    EXPECT_EQ(add("romeo@x", certificate("phone", 'p')), Certificates::Added::yes) << "the name is free again";
}

TEST_F(CertificatesStore, HasBounds) {
    write([](Connection& connection) {
        for (std::size_t number = 0; number < Certificates::limit; ++number) {
            EXPECT_EQ(Certificates::add(connection, "romeo@x",
                                        certificate(std::to_string(number), static_cast<char>(number))),
                      Certificates::Added::yes);
        }
        EXPECT_EQ(Certificates::add(connection, "romeo@x", certificate("more", 'm')), Certificates::Added::too_many);
        Certificate large = certificate("large", 'l');
        large.der.resize(Certificates::largest + 1);
        EXPECT_EQ(Certificates::add(connection, "juliet@x", large), Certificates::Added::too_large);
        EXPECT_EQ(Certificates::add(connection, "juliet@x",
                                    certificate(std::string(Certificates::longest_name + 1, 'n'), 'l')),
                  Certificates::Added::too_large);
    });
}

}  // namespace
}  // namespace aldis::db::tests
