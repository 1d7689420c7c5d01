// An EST server for whole-program tests: prints "port N" when it listens, and ends at end of input
// or by a signal.

#include <cstdio>
#include <iostream>
#include <limits>

#include <CLI/CLI.hpp>

#include "tests/enrol/est_server.h"
#include "tests/support/files.h"

namespace {

using namespace siegel;

struct Arguments {
  std::filesystem::path ca, clients, password_file;
  std::string user, host = "127.0.0.1";
  std::uint16_t port = 0;
  long wait = 0;
};

/// As `siegel ca init` makes it.
pki::LocalCa open_ca(const std::filesystem::path& folder) {
  const auto certificates = pki::certificates_from_pem(tests::read_file(folder / "ca.pem"));
  const auto key = pki::PrivateKey::from_der(tests::read_file(folder / "ca.key"));
  if (certificates.empty() || !key) throw std::runtime_error("no CA in " + folder.string());
  return {certificates.front(), *key};
}

std::string first_line(const std::filesystem::path& file) {
  if (file.empty()) return {};
  const std::string text = tests::read_file(file);
  return text.substr(0, text.find_first_of("\r\n"));
}

void run(const Arguments& given) {
  const tests::EstServer server({.ca = open_ca(given.ca),
                                 .clients = given.clients,
                                 .user = given.user,
                                 .password = first_line(given.password_file),
                                 .wait = std::chrono::seconds(given.wait),
                                 .port = given.port,
                                 .host = given.host});
  std::cout << "port " << server.port() << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max(), EOF);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A small EST server for tests");
  Arguments given;
  app.add_option("--ca", given.ca, "folder made by `siegel ca init`")->required();
  app.add_option("--clients", given.clients, "PEM: who signs TLS client certificates");
  app.add_option("--user", given.user, "for HTTP Basic");
  app.add_option("--password-file", given.password_file, "its first line");
  app.add_option("--wait", given.wait, "seconds until a request is approved");
  app.add_option("--port", given.port, "0: a free one");
  app.add_option("--host", given.host, "name or address that its certificate is for");
  CLI11_PARSE(app, argc, argv);
  try {
    run(given);
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
}
