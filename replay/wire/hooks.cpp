// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/wire/hooks.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <fmt/format.h>

#include "generator/transmit/port.hpp"

namespace secct::replay {
namespace {

constexpr auto time_limit = std::chrono::seconds(60);
constexpr auto poll_interval = std::chrono::milliseconds(2);
constexpr int cannot_execute = 127;  // the exit status of a shell

[[noreturn]] void become_shell(const std::string& command, const HookVariables& variables) {
  setpgid(0, 0);  // so that its child processes can be killed with it
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
  execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  _exit(cannot_execute);
}

}  // namespace

void run_hook(const std::string& name, const std::string& command, const HookVariables& variables) {
  if (command.empty()) return;
  const auto child = fork();
  if (child < 0) throw SetupError(fmt::format("hooks.{}: {}", name, std::strerror(errno)));
  if (child == 0) become_shell(command, variables);
  const auto end = std::chrono::steady_clock::now() + time_limit;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() >= end) {
      kill(-child, SIGKILL);
      waitpid(child, &status, 0);
      throw SetupError(fmt::format("hooks.{}: '{}' did not end within 60 s", name, command));
    }
    std::this_thread::sleep_for(poll_interval);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  throw SetupError(WIFEXITED(status) ? fmt::format("hooks.{}: '{}' failed with exit status {}",
                                                   name, command, WEXITSTATUS(status))
                                     : fmt::format("hooks.{}: '{}' was killed by signal {}", name,
                                                   command, WTERMSIG(status)));
}

}  // namespace secct::replay
