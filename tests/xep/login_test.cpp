// Coming in: SASL2, Bind 2, tokens, upgrades, certificates, and the list of one's clients.

#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0198_stream_management.h"
#include "xep/xep0257_client_certificates.h"
#include "xep/xep0386_bind2.h"
#include "xep/xep0388_sasl2.h"
#include "xep/xep0480_upgrade_tasks.h"
#include "xep/xep0484_fast.h"
#include "xep/xep0494_client_access.h"

namespace aldis::xep {
namespace {

// "Discovering support" of XEP-0386, with the upgrades of XEP-0480
TEST(Xep0388, ReadsAndBuildsTheFeature) {
    const std::string feature =
        "<authentication xmlns='urn:xmpp:sasl:2'><mechanism>SCRAM-SHA-1</mechanism>"
        "<mechanism>SCRAM-SHA-1-PLUS</mechanism><inline><bind xmlns='urn:xmpp:bind:0'><inline>"
        "<feature var='urn:xmpp:carbons:2'/><feature var='urn:xmpp:csi:0'/><feature var='urn:xmpp:sm:3'/></inline>"
        "</bind><sm xmlns='urn:xmpp:sm:3'/></inline>"
        "<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-BLOOP2</upgrade></authentication>";
    EXPECT_EQ(round<sasl2::Authentication>(feature), feature);
    const Result<sasl2::Authentication> read = parse<sasl2::Authentication>(feature);
    EXPECT_EQ(read->mechanisms, (std::vector<std::string>{"SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"}));
    const xml::Element& inside = read->inline_features->features.root();
    EXPECT_TRUE(xml::has<sm::Feature>(inside));
    EXPECT_EQ(xml::get<bind2::Feature>(inside)->inline_features->features[1].var, "urn:xmpp:csi:0");
    EXPECT_EQ(upgrade::tasks_of(read->extensions.root()), std::vector<std::string>{"UPGR-BLOOP2"});
}

// "Initiation"
TEST(Xep0388, ReadsAnAuthenticationRequest) {
    const Result<sasl2::Authenticate> read = parse<sasl2::Authenticate>(
        "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='SCRAM-SHA-1-PLUS'>"
        "<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>UPGR-SCRAM-SHA-256</upgrade>"
        "<initial-response>cD10bHMtZXhwb3J0ZXI=</initial-response>"
        "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'><software>AwesomeXMPP</software>"
        "<device>Kiva&apos;s Phone</device></user-agent>"
        "<bind xmlns='urn:xmpp:bind:0'><tag>AwesomeXMPP</tag><enable xmlns='urn:xmpp:carbons:2'/>"
        "<enable xmlns='urn:xmpp:sm:3'/><inactive xmlns='urn:xmpp:csi:0'/></bind></authenticate>");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->mechanism, "SCRAM-SHA-1-PLUS");
    EXPECT_EQ(read->initial_response, "cD10bHMtZXhwb3J0ZXI=");
    EXPECT_EQ(read->user_agent->id, "d4565fa7-4d72-4749-b3d3-740edbf87770");
    EXPECT_EQ(read->user_agent->device, "Kiva's Phone");
    EXPECT_EQ(upgrade::tasks_of(read->requests.root()), std::vector<std::string>{"UPGR-SCRAM-SHA-256"});
    const std::optional<bind2::Bind> bind = xml::get<bind2::Bind>(read->requests.root());
    ASSERT_TRUE(bind);
    EXPECT_EQ(bind->tag, "AwesomeXMPP");
    EXPECT_TRUE(xml::has<sm::Enable>(bind->requests.root()));
    EXPECT_FALSE(xml::has<sm::Resume>(bind->requests.root()));
}

TEST(Xep0388, TellsAnEmptyResponseFromNone) {
    EXPECT_EQ(parse<sasl2::Authenticate>("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='X'><initial-response/>"
                                         "</authenticate>")
                  ->initial_response,
              "");
    EXPECT_EQ(parse<sasl2::Authenticate>("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='X'/>")->initial_response,
              std::nullopt);
    EXPECT_FALSE(parse<sasl2::Authenticate>("<authenticate xmlns='urn:xmpp:sasl:2'/>"));
}

TEST(Xep0388, KnowsAUuid) {
    EXPECT_TRUE(sasl2::is_uuid("d4565fa7-4d72-4749-b3d3-740edbf87770"));
    EXPECT_TRUE(sasl2::is_uuid("D4565FA7-4D72-4749-B3D3-740EDBF87770"));
    for (const char* text : {"", "d4565fa7-4d72-4749-b3d3-740edbf8777", "d4565fa704d72-4749-b3d3-740edbf87770",
                             "d4565fa7-4d72-4749-b3d3-740edbf8777g", "d4565fa7-4d72-4749-b3d3-740edbf877701"})
        EXPECT_FALSE(sasl2::is_uuid(text)) << text;
}

TEST(Xep0388, ReadsAndBuildsWhatIsExchanged) {
    for (const char* text :
         {"<challenge xmlns='urn:xmpp:sasl:2'>U28s</challenge>", "<challenge xmlns='urn:xmpp:sasl:2'/>"})
        EXPECT_EQ(round<sasl2::Challenge>(text), text);
    const std::string response = "<response xmlns='urn:xmpp:sasl:2'>Li4u</response>";
    EXPECT_EQ(round<sasl2::Response>(response), response);
    EXPECT_EQ(parse<sasl2::Abort>("<abort xmlns='urn:xmpp:sasl:2'><text>no</text></abort>")->text, "no");
}

// "Success"
TEST(Xep0388, BuildsASuccessWithWhatWasAskedForInline) {
    const std::string resumed =
        "<success xmlns='urn:xmpp:sasl:2'><additional-data>SGFkIHlvdSA=</additional-data>"
        "<authorization-identifier>juliet@montague.example</authorization-identifier>"
        "<resumed xmlns='urn:xmpp:sm:3' h='345' previd='124'/></success>";
    EXPECT_EQ(round<sasl2::Success>(resumed), resumed);
    sasl2::Success made{.authorization_identifier = jid("juliet@montague.example/Balcony/a987dsh9a87sdh"),
                        .results = xml::Document{sasl2::Success::schema.name}};
    xml::add(made.results.root(), bind2::Bound{});
    EXPECT_EQ(build(made),
              "<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>juliet@montague.example/Balcony/"
              "a987dsh9a87sdh</authorization-identifier><bound xmlns='urn:xmpp:bind:0'/></success>");
}

// "Failure"
TEST(Xep0388, ReadsAndBuildsAFailure) {
    const Result<sasl2::Failure> read = parse<sasl2::Failure>(
        "<failure xmlns='urn:xmpp:sasl:2'><aborted xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
        "<optional-application-specific xmlns='urn:something:else'/><text>This is a terrible "
        "example.</text></failure>");
    EXPECT_EQ(read->condition, "aborted");
    EXPECT_EQ(build(*read),
              "<failure xmlns='urn:xmpp:sasl:2'><aborted xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
              "<text>This is a terrible example.</text></failure>");
    EXPECT_FALSE(parse<sasl2::Failure>("<failure xmlns='urn:xmpp:sasl:2'/>"));
}

// "Continue"
TEST(Xep0388, ReadsAndBuildsTasks) {
    const std::string more =
        "<continue xmlns='urn:xmpp:sasl:2'><additional-data>SSdt</additional-data><tasks><task>HOTP-EXAMPLE</task>"
        "<task>TOTP-EXAMPLE</task></tasks><text>This account requires 2FA</text></continue>";
    EXPECT_EQ(round<sasl2::Continue>(more), more);
    const std::string next =
        "<next xmlns='urn:xmpp:sasl:2' task='TOTP-EXAMPLE'><totp xmlns='urn:totp:example'>SSd2</totp></next>";
    EXPECT_EQ(round<sasl2::Next>(next), next);
    EXPECT_EQ(parse<sasl2::Next>(next)->task, "TOTP-EXAMPLE");
    const std::string data =
        "<task-data xmlns='urn:xmpp:sasl:2'><salt xmlns='urn:xmpp:scram-upgrade:0' iterations='4096'>QV9T</salt>"
        "</task-data>";
    EXPECT_EQ(round<sasl2::TaskData>(data), data);
}

TEST(Xep0386, ReadsAndBuildsARequest) {
    const std::string bind =
        "<bind xmlns='urn:xmpp:bind:0'><tag>AwesomeXMPP</tag><enable xmlns='urn:xmpp:carbons:2'/></bind>";
    EXPECT_EQ(round<bind2::Bind>(bind), bind);
    EXPECT_EQ(parse<bind2::Bind>("<bind xmlns='urn:xmpp:bind:0'/>")->tag, std::nullopt);
    const std::string bound =
        "<bound xmlns='urn:xmpp:bind:0'><metadata xmlns='urn:xmpp:mam:2'><start id='YWxwaGEg' "
        "timestamp='2008-08-22T21:09:04Z'/></metadata></bound>";
    EXPECT_EQ(round<bind2::Bound>(bound), bound);
}

TEST(Xep0480, ReadsAndBuildsAScramUpgrade) {
    const std::string salt = "<salt xmlns='urn:xmpp:scram-upgrade:0' iterations='4096'>QV9TWENSWFE2c2VrOGJmX1o=</salt>";
    EXPECT_EQ(round<upgrade::Salt>(salt), salt);
    EXPECT_EQ(parse<upgrade::Salt>(salt)->iterations, 4096u);
    const std::string hash =
        "<hash xmlns='urn:xmpp:scram-upgrade:0'>BzOnw3Pc5H4bOLlPZ/8JAy6wnTpH05aH21KW2+Xfpaw=</hash>";
    EXPECT_EQ(round<upgrade::Hash>(hash), hash);
    EXPECT_FALSE(parse<upgrade::Salt>("<salt xmlns='urn:xmpp:scram-upgrade:0'>QV9T</salt>"));
}

// "Server advertises support for FAST"
TEST(Xep0484, ReadsAndBuildsTheFeature) {
    const std::string feature =
        "<fast xmlns='urn:xmpp:fast:0' tls-0rtt='true'><mechanism>HT-SHA-256-ENDP</mechanism>"
        "<mechanism>HT-SHA-256-NONE</mechanism></fast>";
    EXPECT_EQ(round<fast::Feature>(feature), feature);
}

TEST(Xep0484, ReadsAndBuildsTheUseOfATokenAndTheWishForOne) {
    const std::string used = "<fast xmlns='urn:xmpp:fast:0' count='123' invalidate='true'/>";
    EXPECT_EQ(round<fast::Fast>(used), used);
    EXPECT_TRUE(parse<fast::Fast>("<fast xmlns='urn:xmpp:fast:0' invalidate='1'/>")->invalidate);
    EXPECT_FALSE(parse<fast::Fast>("<fast xmlns='urn:xmpp:fast:0'/>")->invalidate);
    EXPECT_FALSE(parse<fast::Fast>("<fast xmlns='urn:xmpp:fast:0' count='-1'/>"));
    const std::string wanted = "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-ENDP'/>";
    EXPECT_EQ(round<fast::RequestToken>(wanted), wanted);
    EXPECT_FALSE(parse<fast::RequestToken>("<request-token xmlns='urn:xmpp:fast:0'/>"));
    const std::string token =
        "<token xmlns='urn:xmpp:fast:0' expiry='2020-03-12T14:36:15Z' token='WXZzciBwYmFmdmZnZiBqdmd1IGp2eXFhcmZm'/>";
    EXPECT_EQ(round<fast::Token>(token), token);
}

// "Listing clients"
TEST(Xep0494, ReadsAndBuildsTheList) {
    const std::string clients =
        "<clients xmlns='urn:xmpp:cam:0'><client connected='true' id='zeiP41HLglIu' type='session'>"
        "<first-seen>2023-04-06T14:26:08Z</first-seen><last-seen>2023-04-06T14:37:25Z</last-seen>"
        "<auth><password/></auth><permission status='unrestricted'/><user-agent><software>Gajim</software>"
        "<uri>https://gajim.org/</uri><device>Juliet&apos;s laptop</device></user-agent></client>"
        "<client connected='false' id='HjEEr45_LQr' type='access'><auth><grant/></auth><permission status='normal'/>"
        "</client></clients>";
    const Result<cam::Clients> read = parse<cam::Clients>(clients);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->clients[0].user_agent->device, "Juliet's laptop");
    EXPECT_EQ(read->clients[1].permission.status, cam::Status::normal);
    EXPECT_EQ(parse<cam::Clients>(build(*read))->clients[0].last_seen, read->clients[0].last_seen);
    EXPECT_EQ(build(cam::List{}), "<list xmlns='urn:xmpp:cam:0'/>");
    const std::string revoke = "<revoke xmlns='urn:xmpp:cam:0' id='HjEEr45_LQr'/>";
    EXPECT_EQ(round<cam::Revoke>(revoke), revoke);
    EXPECT_FALSE(parse<cam::Revoke>("<revoke xmlns='urn:xmpp:cam:0'/>"));
}

TEST(Xep0257, ReadsAndBuildsCertificates) {
    const Result<saslcert::Append> append = parse<saslcert::Append>(
        "<append xmlns='urn:xmpp:saslcert:1'><name>Simple Bot</name><no-cert-management/><x509cert>MIIC</x509cert>"
        "</append>");
    ASSERT_TRUE(append);
    EXPECT_EQ(append->name, "Simple Bot");
    EXPECT_TRUE(append->no_cert_management);
    EXPECT_FALSE(parse<saslcert::Append>("<append xmlns='urn:xmpp:saslcert:1'><name>Simple Bot</name></append>"));
    const std::string items =
        "<items xmlns='urn:xmpp:saslcert:1'><item><name>Mobile Client</name><x509cert>MIIC</x509cert><users>"
        "<resource>Phone</resource></users></item><item><name>Laptop</name><x509cert>MIID</x509cert></item></items>";
    EXPECT_EQ(round<saslcert::Items>(items), items);
    const std::string revoke = "<revoke xmlns='urn:xmpp:saslcert:1'><name>Mobile Client</name></revoke>";
    EXPECT_EQ(round<saslcert::Revoke>(revoke), revoke);
    EXPECT_FALSE(parse<saslcert::Disable>("<disable xmlns='urn:xmpp:saslcert:1'/>"));
}

}  // namespace
}  // namespace aldis::xep
