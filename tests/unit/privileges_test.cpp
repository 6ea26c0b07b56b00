// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/capabilities.h"
#include "support/child.h"
#include "support/error.h"
#include "support/fence.h"
#include "support/unique_fd.h"

using namespace tcpladder;

namespace {

/// A process of its own does it, since there is no way back; its exit status.
template <typename Do>
int in_a_child(Do&& act) {
    const pid_t pid = ::fork();
    if (pid == 0)
        ::_exit(act());
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

long landlock_abi() {
    return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

struct Folder {
    std::string path = "/tmp/tcpladder-test-XXXXXX";
    Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
    ~Folder() {
        ::unlink((path + "/file").c_str());
        ::rmdir(path.c_str());
    }
};

int make_file(const std::string& folder) {
    const UniqueFd file(::open((folder + "/file").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600));
    return file ? 0 : errno;
}

int connect_somewhere() {
    const UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(1);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
    return errno;
}

RunAs somebody() {
    return {12345, 12345, "somebody", "/home/somebody", "/bin/zsh"};
}

bool has(const std::vector<std::string>& variables, const std::string& text) {
    return std::find(variables.begin(), variables.end(), text) != variables.end();
}

}  // namespace

TEST_CASE("behind the fence no file is made, unless in the folder that is left open") {
    if (landlock_abi() < 1)
        return;
    const Folder open, closed;
    CHECK(in_a_child([&] {
              put_up_fence("");
              return make_file(closed.path);
          }) == EACCES);
    CHECK(in_a_child([&] {
              put_up_fence(open.path);
              return make_file(closed.path);
          }) == EACCES);
    CHECK(in_a_child([&] {
              put_up_fence(open.path);
              return make_file(open.path);
          }) == 0);
}

TEST_CASE("behind the fence what is open stays usable, and all can be read") {
    const Folder folder;
    CHECK(in_a_child([&] {
              const UniqueFd file(::open((folder.path + "/file").c_str(), O_RDWR | O_CREAT, 0600));
              put_up_fence("");
              const UniqueFd reader(::open((folder.path + "/file").c_str(), O_RDONLY));
              return ::write(file.get(), "x", 1) == 1 && ::ftruncate(file.get(), 0) == 0 && reader;
          }) == 1);
}

TEST_CASE("behind the fence no program runs and no connection is made") {
    if (landlock_abi() < 1)
        return;
    CHECK(in_a_child([] {
              put_up_fence("");
              ::execl("/bin/true", "true", nullptr);
              return errno;
          }) == EACCES);
    if (landlock_abi() >= 4)
        CHECK(in_a_child([] {
                  put_up_fence("");
                  return connect_somewhere();
              }) == EACCES);
}

TEST_CASE("a folder that is not there cannot be left open") {
    if (landlock_abi() < 1)
        return;
    CHECK(in_a_child([] {
              try {
                  put_up_fence("/nowhere/at/all");
              } catch (const Error&) {
                  return 1;
              }
              return 0;
          }) == 1);
}

TEST_CASE("capabilities that were given up are gone") {
    CHECK(in_a_child([] {
              set_capabilities(0);
              return effective_capabilities() == 0;
          }) == 1);
}

TEST_CASE("what runs as another user has that user's environment, and nothing of sudo") {
    ::setenv("HOME", "/root", 1);
    ::setenv("SUDO_UID", "12345", 1);
    ::setenv("SUDO_COMMAND", "tcpladder trace", 1);
    ::setenv("TCPLADDER_TEST", "kept", 1);
    const auto variables = somebody().environment();
    CHECK(has(variables, "HOME=/home/somebody"));
    CHECK(has(variables, "USER=somebody"));
    CHECK(has(variables, "LOGNAME=somebody"));
    CHECK(has(variables, "SHELL=/bin/zsh"));
    CHECK(has(variables, "TCPLADDER_TEST=kept"));
    CHECK_FALSE(has(variables, "HOME=/root"));
    for (const auto& variable : variables)
        CHECK_FALSE(variable.starts_with("SUDO_"));

    CHECK(has(RunAs{}.environment(), "HOME=/root"));
    ::unsetenv("SUDO_UID");
    ::unsetenv("SUDO_COMMAND");
    ::unsetenv("TCPLADDER_TEST");
}

TEST_CASE("a child waits until its gate is opened") {
    Gate gate;
    Child child({"/bin/true"}, {}, gate);
    std::array<char, 4096> program{};
    CHECK(::readlink(("/proc/" + std::to_string(child.pid()) + "/exe").c_str(), program.data(),
                     program.size() - 1) > 0);
    CHECK(std::string(program.data()).find("unit-tests") != std::string::npos);
    gate.open();
    CHECK(child.wait());
}

TEST_CASE("several gates are opened in any order") {
    Gate first, second;
    Child early({"/bin/true"}, {}, first), late({"/bin/false"}, {}, second);
    second.open();
    CHECK_FALSE(late.wait());
    CHECK(late.ending() == "exit status 1");
    first.open();
    CHECK(early.wait());
}

TEST_CASE("a program that is not there is told by name when the gate is opened") {
    Gate gate;
    const Child child({"/nowhere/at/all"}, {}, gate);
    CHECK_THROWS_WITH_AS(gate.open(),
                         "cannot start '/nowhere/at/all': cannot run it: No such file or directory",
                         Error);
}
