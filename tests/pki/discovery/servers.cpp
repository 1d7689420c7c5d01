#include "tests/pki/discovery/servers.h"

#include <csignal>
#include <stdexcept>
#include <thread>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/smtp/certificates.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

pid_t spawn(std::vector<std::string> words, const std::filesystem::path& output) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t child = -1;
  posix_spawnp(&child, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (child < 0) throw std::runtime_error("cannot start " + words[0]);
  return child;
}

/// Debian keeps servers where a user's PATH does not look.
std::string server(const std::string& name) {
  return "/usr/sbin/" + name;
}

}  // namespace

Program::Program(const std::vector<std::string>& words, const std::filesystem::path& output)
    : process_(spawn(words, output)) {}

Program::~Program() {
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
}

std::string run(const std::vector<std::string>& words) {
  const TemporaryDirectory folder;
  const pid_t child = spawn(words, folder / "output");
  int status = -1;
  ::waitpid(child, &status, 0);
  const std::string output = read_file(folder / "output");
  if (status != 0) throw std::runtime_error(words[0] + " has failed: " + output);
  return output;
}

std::uint16_t free_port() {
  const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
  return socket.address().port();
}

void wait_for_port(std::uint16_t port, const std::filesystem::path& output) {
  for (int tries = 0; tries < 600; ++tries) {
    try {
      const Poco::Net::StreamSocket probe(Poco::Net::SocketAddress("127.0.0.1", port));
      return;
    } catch (const Poco::Exception&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  throw std::runtime_error("the server does not start: " + read_file(output));
}

std::string ldif_value(const std::string& name, const std::string& octets) {
  std::string text(4 * ((octets.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(octets.data()),
                                   static_cast<int>(octets.size()));
  text.resize(static_cast<std::size_t>(size));
  return name + ":: " + text;
}

// --- LDAP

Slapd::Slapd() {
  entries_ = "dn: " + std::string(base) + "\nobjectClass: organization\no: Bund\n\n";
}

void Slapd::add_person(const std::string& address, const std::vector<std::string>& values) {
  ++persons_;
  entries_ += "dn: cn=" + std::to_string(persons_) + "," + base +
              "\nobjectClass: inetOrgPerson\ncn: " + std::to_string(persons_) +
              "\nsn: Person\nmail: " + address + '\n';
  for (const std::string& value : values) entries_ += value + '\n';
  entries_ += '\n';
}

void Slapd::start() {
  const auto tls = TestCertificates::make(folder_.path(), "127.0.0.1");
  const std::string folder = folder_.path().string();
  std::filesystem::create_directory(folder_ / "data");
  std::string settings;
  for (const char* schema : {"core", "cosine", "inetorgperson"})
    settings += "include /etc/ldap/schema/" + std::string(schema) + ".schema\n";
  settings += "moduleload /usr/lib/ldap/back_mdb.so\npidfile " + folder + "/pid\nargsfile " +
              folder + "/args\nTLSCertificateFile " + tls.certificate.string() +
              "\nTLSCertificateKeyFile " + tls.key.string() + "\nTLSCACertificateFile " +
              tls.ca.string() + "\ndatabase mdb\nsuffix \"" + base + "\"\nrootdn \"" +
              administrator + "\"\nrootpw " + password + "\ndirectory " + folder +
              "/data\nindex mail eq\n";
  write_file(folder_ / "slapd.conf", settings);
  write_file(folder_ / "entries.ldif", entries_);
  const std::string conf = (folder_ / "slapd.conf").string();
  run({server("slapadd"), "-q", "-f", conf, "-l", (folder_ / "entries.ldif").string()});
  program_ = std::make_unique<Program>(std::vector<std::string>{server("slapd"), "-f", conf, "-h",
                                                                url() + ' ' + tls_url(), "-d", "0"},
                                       folder_ / "output");
  wait_for_port(port_, folder_ / "output");
}

std::string Slapd::url() const {
  return "ldap://127.0.0.1:" + std::to_string(port_);
}

std::string Slapd::tls_url() const {
  return "ldaps://127.0.0.1:" + std::to_string(tls_port_);
}

// --- DNS

void Nsd::add_signed(const std::string& zone, const std::string& records,
                     std::string (*change)(std::string)) {
  const std::string file = (folder_ / zone).string();
  write_file(file, "$ORIGIN " + zone + ".\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n" +
                       "@ NS ns\nns A 127.0.0.1\n" + records);
  std::string key =
      run({"sh", "-c",
           "cd " + folder_.path().string() + " && ldns-keygen -a ECDSAP256SHA256 -k " + zone});
  key.resize(key.find('\n'));
  run({"ldns-signzone", "-n", "-i", "20200101", "-e", "20380101", "-f", file + ".signed", file,
       (folder_ / key).string()});
  anchors_ += read_file(folder_ / (key + ".key"));
  std::string text = read_file(file + ".signed");
  std::filesystem::remove(file);
  add(zone, change == nullptr ? text : change(text));
}

void Nsd::add_unsigned(const std::string& zone, const std::string& records) {
  add(zone, "$ORIGIN " + zone + ".\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n" +
                "@ NS ns\nns A 127.0.0.1\n" + records);
}

void Nsd::add(const std::string& zone, const std::string& text) {
  write_file(folder_ / zone, text);
  zones_ += "zone:\n  name: " + zone + "\n  zonefile: " + zone + '\n';
}

void Nsd::start() {
  const std::string folder = folder_.path().string();
  write_file(folder_ / "nsd.conf",
             "server:\n  ip-address: 127.0.0.1@" + std::to_string(port_) +
                 "\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"" + folder +
                 "\"\n  pidfile: \"\"\n  xfrdfile: \"" + folder + "/xfrd\"\n  xfrdir: \"" + folder +
                 "\"\n  database: \"\"\n  zonelistfile: \"" + folder +
                 "/zone.list\"\n  server-count: 1\nremote-control:\n  control-enable: no\n" +
                 zones_);
  write_file(trust_anchor(), anchors_);
  program_ = std::make_unique<Program>(
      std::vector<std::string>{server("nsd"), "-c", (folder_ / "nsd.conf").string(), "-d"},
      folder_ / "output");
  wait_for_port(port_, folder_ / "output");
}

// --- HTTPS

WebServer::WebServer(const std::string& host) {
  const auto tls = TestCertificates::make(folder_.path(), host);
  std::filesystem::create_directory(folder_ / "root");
  program_ = std::make_unique<Program>(
      std::vector<std::string>{"python3", SIEGEL_SOURCE "/tests/pki/discovery/web_server.py",
                               std::to_string(port_), std::to_string(proxy_port_),
                               tls.certificate.string(), tls.key.string(),
                               (folder_ / "root").string()},
      folder_ / "output");
  wait_for_port(port_, folder_ / "output");
  wait_for_port(proxy_port_, folder_ / "output");
}

void WebServer::put(const std::string& path, const std::string& octets) {
  const std::filesystem::path file = folder_ / ("root" + path);
  std::filesystem::create_directories(file.parent_path());
  write_file(file, octets);
}

std::string WebServer::log() const {
  return read_file(folder_ / "output");
}

}  // namespace siegel::tests
