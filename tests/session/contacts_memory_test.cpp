#include <gtest/gtest.h>
#include <sys/resource.h>

#include "session/contacts.h"

namespace aldis::session {
namespace {

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
TEST(Contacts, ForgetWhatTheyHeldBefore) {
    // One contact renamed over and over needs no more room than one contact.
    Contacts contacts;
    const auto most_kilobytes = [] {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
    };
    const long before = most_kilobytes();
    for (int i = 0; i < 200'000; ++i) contacts.put({.contact = "juliet@example.org", .name = std::string(1000, 'j')});
    EXPECT_LT(most_kilobytes() - before, 20'000);
    EXPECT_EQ(contacts.find("juliet@example.org")->name.size(), 1000u);
    EXPECT_EQ(contacts.size(), 1u);
}
#endif

}  // namespace
}  // namespace aldis::session
