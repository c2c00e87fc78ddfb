#include <gtest/gtest.h>

#include "tests/xep/examples.h"
#include "xep/xep0077_register.h"

namespace aldis::xep::registration {
namespace {

std::string query(const std::string& inner) { return "<query xmlns='jabber:iq:register'>" + inner + "</query>"; }

// "Entity Registers with a Host"
TEST(Xep0077, AsksForFieldsByNamingThem) {
    const std::string wanted = query(
        "<instructions>Choose a username and password for use with this service.</instructions>"
        "<username/><password/><email/>");
    EXPECT_EQ(round<Query>(wanted), wanted);
    const Result<Query> read = parse<Query>(wanted);
    EXPECT_EQ(read->username, "");
    EXPECT_EQ(read->phone, std::nullopt);
    EXPECT_FALSE(read->registered);
}

TEST(Xep0077, TellsWhatIsRegistered) {
    const std::string known = query("<registered/><username>juliet</username><password/>");
    EXPECT_TRUE(parse<Query>(known)->registered);
    EXPECT_EQ(round<Query>(known), known);
}

TEST(Xep0077, TellsACancellation) {
    EXPECT_TRUE(parse<Query>(query("<remove/>"))->remove);
    EXPECT_EQ(build(Query{.remove = true}), query("<remove/>"));
    EXPECT_FALSE(parse<Query>(query("<remove xmlns='other'/>"))->remove);
}

// "Redirection"
TEST(Xep0077, SendsSomebodyElsewhere) {
    const std::string elsewhere = query(
        "<instructions>To register, visit http://www.shakespeare.lit/contact.php</instructions>"
        "<x xmlns='jabber:x:oob'><url>http://www.shakespeare.lit/contact.php</url></x>");
    EXPECT_EQ(round<Query>(elsewhere), elsewhere);
}

// "User Changes Password"
TEST(Xep0077, ReadsTheFormsOfErrors) {
    const Result<Query> read = parse<Query>(
        query("<x xmlns='jabber:x:data' type='submit'><field type='hidden' var='FORM_TYPE'>"
              "<value>jabber:iq:register:changepassword</value></field><field type='text-single' var='username'>"
              "<value>bill@shakespeare.lit</value></field><field type='text-private' var='old_password'>"
              "<value>theglobe</value></field><field type='text-private' var='password'><value>groundlings</value>"
              "</field></x>"));
    ASSERT_TRUE(read && read->form);
    const Result<PasswordChange> change = dataforms::read<PasswordChange>(*read->form);
    ASSERT_TRUE(change);
    EXPECT_EQ(change->username, "bill@shakespeare.lit");
    EXPECT_EQ(change->old_password, "theglobe");
    EXPECT_EQ(change->password, "groundlings");
    EXPECT_FALSE(dataforms::read<Cancellation>(*read->form));
    EXPECT_EQ(dataforms::blank<Registration>().fields.size(), 4u);
}

TEST(Xep0077, NamesTheStreamFeature) {
    EXPECT_EQ(build(Feature{}), "<register xmlns='http://jabber.org/features/iq-register'/>");
}

}  // namespace
}  // namespace aldis::xep::registration
