#include "net/memory_transport.h"

#include <gtest/gtest.h>

namespace aldis::net {
namespace {

struct Notes final : Receiver {
    std::string got;
    bool secure = false;
    std::optional<Closed> closed;

    void on_bytes(std::string_view bytes) override { got += bytes; }
    void on_tls() override { secure = true; }
    void on_closed(Closed why) override { closed = why; }
};

TEST(MemoryTransport, CarriesBytesBothWays) {
    MemoryTransport transport;
    Notes notes;
    transport.set_receiver(&notes);
    transport.receive("in");
    transport.send("out");
    EXPECT_EQ(notes.got, "in");
    EXPECT_EQ(transport.take_sent(), "out");
    EXPECT_EQ(transport.sent(), "");
}

TEST(MemoryTransport, ReportsAtTheEndOfTheTurnAndOnce) {
    MemoryTransport transport;
    Notes notes;
    transport.set_receiver(&notes);
    transport.close();
    transport.abort();
    EXPECT_FALSE(notes.closed);
    transport.turn();
    EXPECT_EQ(notes.closed, Closed::by_us);
    notes.closed.reset();
    transport.turn();
    EXPECT_FALSE(notes.closed);
    transport.receive("late");
    EXPECT_EQ(notes.got, "");
}

TEST(MemoryTransport, KeepsBytesWhilePausedAndDiscardsThemWhenTlsStarts) {
    MemoryTransport transport;
    Notes notes;
    transport.set_receiver(&notes);
    transport.pause_reading();
    transport.receive("a");
    EXPECT_EQ(notes.got, "");
    transport.resume_reading();
    transport.turn();
    EXPECT_EQ(notes.got, "a");
    transport.pause_reading();
    transport.receive("injected");
    transport.start_tls();
    EXPECT_EQ(transport.tls(), nullptr);
    transport.turn();
    transport.resume_reading();
    transport.turn();
    EXPECT_TRUE(notes.secure);
    EXPECT_EQ(notes.got, "a");
    EXPECT_EQ(transport.tls()->version, "TLSv1.3");
}

TEST(MemoryTransport, EndsOverItsLimit) {
    MemoryTransport transport;
    Notes notes;
    transport.set_receiver(&notes);
    transport.limit_queue(10);
    transport.send("01234567890");
    transport.turn();
    EXPECT_EQ(notes.closed, Closed::over_limit);
}

}  // namespace
}  // namespace aldis::net
