// SPDX-License-Identifier: MIT
#include "commands/workload.h"

#include <algorithm>
#include <array>
#include <climits>

#include <fmt/core.h>
#include <unistd.h>

#include "support/error.h"

namespace tcpladder {
namespace {

// In the build tree beside us; installed, in libexec.
std::string program_path(const std::string& name) {
    std::array<char, PATH_MAX> self{};
    const auto length = ::readlink("/proc/self/exe", self.data(), self.size() - 1);
    std::string folder(self.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    folder.resize(std::min(folder.rfind('/'), folder.size()));
    for (const auto& place : {folder + "/" + name, folder + "/../libexec/tcpladder/" + name}) {
        if (::access(place.c_str(), X_OK) == 0)
            return place;
    }
    throw Error("'" + name + "' is not in '" + folder + "', nor in its ../libexec/tcpladder");
}

}  // namespace

Workload::Workload(const TraceOptions& options, EventLoop& loop, Places places)
    : options_(options),
      loop_(loop),
      user_(options.user.empty() ? RunAs::invoking_user() : RunAs::named(options.user)) {
    server_.emplace(std::vector<std::string>{program_path("daytime-server"), "--port",
                                             std::to_string(options.daytime_port), "--address",
                                             options.address, "--pause", options.pause},
                    user_, server_gate_, places.server);
    loop_.add(server_->fd(), [this] { server_ended(); });
    const std::vector<std::string> client = {program_path("daytime-client"),
                                             "--port",
                                             std::to_string(options.daytime_port),
                                             "--address",
                                             options.address,
                                             "--quiet"};
    clients_.reserve(options.clients);
    for (std::uint32_t i = 0; i < options.clients; ++i) {
        const int fd = clients_.emplace_back(client, user_, clients_gate_, places.client).fd();
        loop_.add(fd, [this, fd] { client_ended(fd); });
    }
}

void Workload::start() {
    server_gate_.open();
}

void Workload::observe(const Event& event) {
    if (listening_)
        return;
    const auto* change = std::get_if<StateChange>(&event.body);
    if (change == nullptr || change->to != TcpState::kListen || !server_)
        return;
    listening_ = change->task.pid == static_cast<std::uint32_t>(server_->pid());
}

void Workload::step() {
    if (started_ || !listening_ || stopping_)
        return;
    started_ = true;
    clients_gate_.open();
}

void Workload::server_ended() {
    loop_.remove(server_->fd());
    if (server_->wait())
        return;
    if (!listening_)
        throw Error(fmt::format("the server ended ({}) before it listened on {} port {}",
                                server_->ending(), options_.address, options_.daytime_port));
    complaints_.push_back(fmt::format("the server ended by itself ({})", server_->ending()));
}

void Workload::client_ended(int fd) {
    const auto found = std::find_if(clients_.begin(), clients_.end(),
                                    [fd](const Child& child) { return child.fd() == fd; });
    loop_.remove(fd);
    if (!found->wait())
        complaints_.push_back(fmt::format("a client ended with {}", found->ending()));
    std::vector<Child> rest;
    rest.reserve(clients_.size());
    for (auto& child : clients_) {
        if (&child != &*found)
            rest.push_back(std::move(child));
    }
    clients_.swap(rest);
}

void Workload::stop_server() {
    stopping_ = true;
    if (server_)
        server_->terminate();
}

// The clients first: they would complain of a server that goes away.
void Workload::stop_all() {
    for (auto& client : clients_) {
        client.terminate();
    }
    for (auto& client : clients_) {
        loop_.remove(client.fd());
        client.wait();
    }
    clients_.clear();
    stop_server();
}

}  // namespace tcpladder
