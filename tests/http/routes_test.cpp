#include "http/routes.h"

#include <gmock/gmock.h>

#include "base/log.h"

namespace aldis::http {
namespace {

Routes::Handler says(std::string text) {
    return [text = std::move(text)](const Request&) { return Response{.body = text}; };
}

class RoutesTest : public testing::Test {
protected:
    RoutesTest() {
        routes.add("GET", "/metrics", says("metrics"));
        routes.add("GET", "/upload/", says("upload"));
        routes.add("PUT", "/upload/", says("stored"));
        routes.add("GET", "/upload/special/", says("special"));
    }
    [[nodiscard]] Response ask(std::string_view method, std::string_view path) const {
        return routes.answer({.method = method, .path = path, .query = {}, .body = {}, .peer = {}});
    }
    Routes routes;
};

TEST_F(RoutesTest, FindExactPathsAndTheLongestStart) {
    EXPECT_EQ(ask("GET", "/metrics").body, "metrics");
    EXPECT_EQ(ask("HEAD", "/metrics").body, "metrics");
    EXPECT_EQ(ask("GET", "/upload/a/b").body, "upload");
    EXPECT_EQ(ask("PUT", "/upload/a").body, "stored");
    EXPECT_EQ(ask("GET", "/upload/special/x").body, "special");
    EXPECT_EQ(ask("GET", "/metrics/").status, 404U);
    EXPECT_EQ(ask("GET", "/").status, 404U);
    EXPECT_EQ(ask("GET", "").status, 404U);
}

TEST_F(RoutesTest, SayWhichMethodsThereAre) {
    const Response response = ask("DELETE", "/upload/a");
    EXPECT_EQ(response.status, 405U);
    EXPECT_THAT(response.headers, testing::ElementsAre(testing::Pair("Allow", "GET, PUT, HEAD")));
}

TEST_F(RoutesTest, AnswerForAHandlerThatFails) {
    const LogCapture capture;
    routes.add("GET", "/broken", [](const Request&) -> Response { throw std::runtime_error{"secret cause"}; });
    EXPECT_EQ(ask("GET", "/broken").status, 500U);
    EXPECT_EQ(ask("GET", "/broken").body.find("secret"), std::string::npos);
    EXPECT_TRUE(capture.contains("secret cause"));
}

}  // namespace
}  // namespace aldis::http
