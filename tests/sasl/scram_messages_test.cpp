#include "sasl/scram_messages.h"

#include <gtest/gtest.h>

#include "sasl/text.h"

namespace aldis::sasl {
namespace {

using namespace std::string_literals;

TEST(ScramClientFirst, IsTakenApart) {
    const Read<ClientFirst> first = parse_client_first("p=tls-exporter,a=a=2Cb,n=user=3D,r=abc,x=1=2,y=3");
    ASSERT_TRUE(first);
    EXPECT_EQ(first->flag, BindingFlag::used);
    EXPECT_EQ(first->binding, "tls-exporter");
    EXPECT_EQ(first->authzid, "a,b");
    EXPECT_EQ(first->username, "user=");
    EXPECT_EQ(first->nonce, "abc");
    EXPECT_EQ(first->gs2_header, "p=tls-exporter,a=a=2Cb,");
    EXPECT_EQ(first->bare, "n=user=3D,r=abc,x=1=2,y=3");
}

TEST(ScramClientFirst, IsRefusedWhereItIsMalformed) {
    for (const std::string& bad : {""s,
                                   ","s,
                                   ",,"s,
                                   "n"s,
                                   "n,"s,
                                   "n,,"s,
                                   "n,,n=user"s,
                                   "n,,n=user,"s,
                                   "n,,n=user,r="s,
                                   "n,,n=,r=abc"s,
                                   "n,,r=abc,n=user"s,
                                   "n,,n=user,x=y,r=abc"s,
                                   "N,,n=user,r=abc"s,
                                   "f,,n=user,r=abc"s,
                                   "nn,,n=user,r=abc"s,
                                   "p,,n=user,r=abc"s,
                                   "p=,,n=user,r=abc"s,
                                   "p=a b,,n=user,r=abc"s,
                                   "n,user,n=user,r=abc"s,
                                   "n,a=,n=user,r=abc"s,
                                   "n,b=x,n=user,r=abc"s,
                                   "n,a=x=,n=user,r=abc"s,
                                   "n,n=user,r=abc"s,
                                   "n,,n=us=er,r=abc"s,
                                   "n,,n=user=,r=abc"s,
                                   "n,,n=user=2,r=abc"s,
                                   "n,,n=user=2c,r=abc"s,
                                   "n,,n=user=3d,r=abc"s,
                                   "n,,n=user=00,r=abc"s,
                                   "n,,n=user,r=a bc"s,
                                   "n,,n=user,r=a\x7f"s,
                                   "n,,n=user,r=a\xc3\xbc"s,
                                   "n,,n=user,r=abc,"s,
                                   "n,,n=user,r=abc,,x=y"s,
                                   "n,,n=user,r=abc,x="s,
                                   "n,,n=user,r=abc,xy"s,
                                   "n,,n=user,r=abc,1=y"s,
                                   "n,,n=user,r=abc,r=def"s,
                                   "n,,n=user,r=abc,p=abc"s,
                                   "n,,n=user\xff,r=abc"s,
                                   "n,,n=us\0er,r=abc"s,
                                   "\0n,,n=user,r=abc"s,
                                   " n,,n=user,r=abc"s}) {
        const Read<ClientFirst> first = parse_client_first(bad);
        ASSERT_FALSE(first) << bad;
        EXPECT_EQ(first.error().condition, Failure::malformed_request);
    }
}

TEST(ScramClientFirst, IsRefusedWithAMandatoryExtension) {
    EXPECT_EQ(parse_client_first("n,,m=ext,n=user,r=abc").error().why, "mandatory extension");
    EXPECT_FALSE(parse_client_first("n,,n=user,r=abc,m=ext"));
    EXPECT_FALSE(parse_client_final("m=ext,c=biws,r=abc,p=AAAA"));
    EXPECT_FALSE(parse_client_final("c=biws,r=abc,m=ext,p=AAAA"));
}

TEST(ScramClientFirst, HasBounds) {
    const std::string longest(largest_username, 'u');
    EXPECT_TRUE(parse_client_first("n,,n=" + longest + ",r=abc"));
    EXPECT_FALSE(parse_client_first("n,,n=" + longest + "u,r=abc"));
    EXPECT_TRUE(parse_client_first("n,,n=user,r=" + std::string(largest_nonce, 'r')));
    EXPECT_FALSE(parse_client_first("n,,n=user,r=" + std::string(largest_nonce + 1, 'r')));
    EXPECT_TRUE(parse_client_first("n,a=" + std::string(largest_authzid, 'a') + ",n=user,r=abc"));
    EXPECT_FALSE(parse_client_first("n,a=" + std::string(largest_authzid + 1, 'a') + ",n=user,r=abc"));
    const std::string start = "n,,n=user,r=abc,x=";
    EXPECT_TRUE(parse_client_first(start + std::string(largest_message - start.size(), 'x')));
    EXPECT_EQ(parse_client_first(start + std::string(largest_message - start.size() + 1, 'x')).error().why,
              "message too long");
}

TEST(ScramClientFinal, IsTakenApart) {
    const Read<ClientFinal> last = parse_client_final("c=biws,r=abc,x=y,p=AAEC");
    ASSERT_TRUE(last);
    EXPECT_EQ(last->channel_binding, "n,,");
    EXPECT_EQ(last->nonce, "abc");
    EXPECT_EQ(last->proof, "\0\1\2"s);
    EXPECT_EQ(last->without_proof, "c=biws,r=abc,x=y");
}

TEST(ScramClientFinal, IsRefusedWhereItIsMalformed) {
    for (const std::string& bad : {""s,
                                   ","s,
                                   "p=AAAA"s,
                                   ",p=AAAA"s,
                                   "c=biws,r=abc"s,
                                   "c=biws,r=abc,"s,
                                   "c=biws,p=AAAA"s,
                                   "r=abc,p=AAAA"s,
                                   "r=abc,c=biws,p=AAAA"s,
                                   "c=biws,r=abc,p=AAAA,x=y"s,
                                   "c=biws,p=AAAA,r=abc"s,
                                   "c=biws,r=abc,p=AAAA,"s,
                                   "c=biws,r=abc,p=AAAA,p=AAAA"s,
                                   "c=biws,r=abc,p=A"s,
                                   "c=biws,r=abc,p=AAA"s,
                                   "c=biws,r=abc,p=AAAA\n"s,
                                   "c=biws,r=abc,p=AA=="s + "=",
                                   "c=biws,r=abc,p=AB=="s,
                                   "c=biw,r=abc,p=AAAA"s,
                                   "c=,r=abc,p=AAAA"s,
                                   "c=biws,r=,p=AAAA"s,
                                   "c=biws,r=a\xc3\xbc,p=AAAA"s,
                                   "c=biws,r=abc,x,p=AAAA"s,
                                   "c=biws,r=abc,,p=AAAA"s,
                                   "c=biws,r=abc,c=biws,p=AAAA"s,
                                   "c=biws,r=abc,x=\xff,p=AAAA"s,
                                   "c=biws,r=abc,x=\0,p=AAAA"s,
                                   "c=biws,r=abc,x="s + std::string(largest_message, 'x') + ",p=AAAA"}) {
        const Read<ClientFinal> last = parse_client_final(bad);
        ASSERT_FALSE(last) << bad;
        EXPECT_EQ(last.error().condition, Failure::malformed_request);
    }
}

TEST(SaslText, DecodesNoBase64OutsideOfAscii) {
    EXPECT_EQ(decode_base64("AAEC"), "\0\1\2"s);
    for (int byte = 0; byte < 256; ++byte) {
        std::string text = "AAAA";
        text[1] = static_cast<char>(byte);
        const bool in_alphabet = byte < 0x80 && (std::isalnum(byte) != 0 || byte == '+' || byte == '/');
        EXPECT_EQ(decode_base64(text).has_value(), in_alphabet) << byte;
    }
}

TEST(SaslText, KnowsUtf8) {
    for (const std::string& good : {""s, "a"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s,
                                    "\xee\x80\x80"s, "\xef\xbf\xbf"s, "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s})
        EXPECT_TRUE(is_utf8(good));
    for (const std::string& bad :
         {"\x80"s, "\xc0\x80"s, "\xc1\xbf"s, "\xc2"s, "\xc2\x41"s, "\xe0\x9f\xbf"s, "\xed\xa0\x80"s, "\xe2\x82"s,
          "\xe2\x82\x41"s, "\xf0\x8f\xbf\xbf"s, "\xf4\x90\x80\x80"s, "\xf5\x80\x80\x80"s, "\xff"s, "a\xf0\x90\x80"s})
        EXPECT_FALSE(is_utf8(bad));
}

}  // namespace
}  // namespace aldis::sasl
