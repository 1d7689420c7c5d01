#include "tests/pki/openssl_responder.h"

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

#include <Poco/Net/ServerSocket.h>
#include <openssl/pem.h>
#include <sys/wait.h>

#include "pki/openssl.h"
#include "tests/pki/openssl_command.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

std::string key_pem(const pki::PrivateKey& key) {
  const auto bio = pki::growing_bio();
  pki::checked(
      PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr),
      "PEM_write_bio_PrivateKey");
  return pki::octets_of(bio);
}

// A line of `openssl ca`: status, end, day of revocation, serial number, file, subject.
std::string line(char status, const std::string& revoked, const pki::Certificate& certificate) {
  std::string serial = certificate.serial();
  if (serial.size() % 2 != 0) serial.insert(0, 1, '0');
  return std::string(1, status) + "\t991231235959Z\t" + revoked + '\t' + serial +
         "\tunknown\t/CN=x\n";
}

}  // namespace

// Its port must be known before the first certificate is made, and what it knows before it starts:
// it would look at a changed index only after the next request.
OpensslResponder::OpensslResponder(const pki::LocalCa& authority, const pki::LocalCa& signer) {
  write_file(folder_ / "ca.pem", authority.certificate().pem());
  write_file(folder_ / "signer.pem", signer.certificate().pem() + key_pem(signer.key()));
  const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
  port_ = std::to_string(socket.address().port());
}

OpensslResponder::~OpensslResponder() {
  if (process_ <= 0) return;
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
}

void OpensslResponder::start(const std::vector<pki::Certificate>& good,
                             const std::vector<pki::Certificate>& revoked) {
  std::string index;
  for (const auto& each : good) index += line('V', "", each);
  for (const auto& each : revoked) index += line('R', "260101000000Z,keyCompromise", each);
  write_file(folder_ / "index.txt", index);
  const auto output = folder_ / "output";
  process_ = start_openssl(
      {"ocsp", "-port", port_, "-index", (folder_ / "index.txt").string(), "-CA",
       (folder_ / "ca.pem").string(), "-rsigner", (folder_ / "signer.pem").string(), "-rkey",
       (folder_ / "signer.pem").string(), "-rmd", "sha256", "-nmin", "60", "-timeout", "5"},
      output);
  for (int i = 0; i < 1000; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (std::filesystem::exists(output) && read_file(output).find("ACCEPT") != std::string::npos)
      return;
  }
  throw std::runtime_error("openssl ocsp does not listen: " + read_file(output));
}

}  // namespace siegel::tests
