// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/local_socket.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;

struct Scratch {
  Scratch() {
    std::string name = (fs::temp_directory_path() / "coffret-socket-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Scratch() { fs::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string path;
};

TEST_SUITE("vault/daemon/local_socket") {
  TEST_CASE("one directory has one socket, whatever way it is named") {
    const Scratch scratch;
    fs::create_directory(scratch.path + "/vault");
    fs::create_directory_symlink(scratch.path + "/vault", scratch.path + "/link");
    const auto path = socket_path(scratch.path + "/vault", "/run/user/1");
    REQUIRE(path.has_value());
    CHECK(*socket_path(scratch.path + "/link", "/run/user/1") == *path);
    CHECK(path->starts_with("/run/user/1/coffret/"));
    CHECK(path->size() == std::string{"/run/user/1/coffret/"}.size() + 16 + 5);
    CHECK(*socket_path(scratch.path + "/vault", "") == scratch.path + "/vault/socket");
    CHECK(socket_path(scratch.path + "/none", "").error() == errc::never_initialised);
  }

  TEST_CASE("the socket is private, answers us, and is taken once") {
    const Scratch scratch;
    const std::string path = scratch.path + "/socket";
    CHECK(connect_local(path).error() == errc::server_unreachable);
    auto listener = listen_local(path);
    REQUIRE(listener.has_value());
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    const auto here = connect_local(path);
    REQUIRE(here.has_value());
    CHECK(accept_local(*listener).has_value());
    CHECK(listen_local(path).error() == errc::in_use);
    *listener = Descriptor{};
  }

  TEST_CASE("a socket file that a killed daemon left is replaced") {
    const Scratch scratch;
    const std::string path = scratch.path + "/socket";
    { const auto gone = listen_local(path); }
    CHECK(connect_local(path).error() == errc::server_unreachable);
    CHECK(listen_local(path).has_value());
  }

  TEST_CASE("a directory that others can enter is refused, before any secret is sent") {
    const Scratch scratch;
    REQUIRE(::chmod(scratch.path.c_str(), 0755) == 0);
    CHECK(listen_local(scratch.path + "/socket").error() == errc::unsafe_location);
    CHECK(connect_local(scratch.path + "/socket").error() == errc::unsafe_location);
  }
}

}  // namespace
}  // namespace coffret::daemon
