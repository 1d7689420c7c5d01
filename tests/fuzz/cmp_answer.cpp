// A CMP server that sends any octets: as the answer to a first request, as the stored answer of a
// transaction that goes on, and the latter also with the protection that the shared secret gives,
// so that what lies behind the check of the protection is reached. The first octet chooses.

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <openssl/cmp.h>
#include <openssl/objects.h>

#include "base/clock.h"
#include "pki/asn1.h"
#include "pki/enrol/cmp.h"
#include "tests/enrol/requests.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace {

using namespace siegel;
using pki::enrol::Cmp;

constexpr std::string_view secret = "sehr geheim, und lang";

std::filesystem::path secret_file() {
  static const tests::TemporaryDirectory folder;
  tests::write_secret(folder / "secret", secret);
  return folder / "secret";
}

config::CmpSettings settings() {
  config::CmpSettings settings;
  settings.url = "http://127.0.0.1/";
  settings.reference = "ra-1";
  settings.secret = secret_file();
  return settings;
}

const pki::enrol::Submission& wish() {
  static const auto key = pki::PrivateKey::generate(pki::KeyType::p256);
  static const pki::enrol::Submission made{tests::request_for(key, "bauamt@stadt.example"), key};
  return made;
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// `octets` as the CA would have protected them; empty if they are no message.
std::string protected_anew(std::string_view octets) {
  const Handle<OSSL_CMP_MSG, OSSL_CMP_MSG_free> message(
      pki::from_der_exactly<OSSL_CMP_MSG>(octets, d2i_OSSL_CMP_MSG, OSSL_CMP_MSG_free));
  if (!message) return {};
  const Handle<OSSL_CMP_CTX, OSSL_CMP_CTX_free> ca(OSSL_CMP_CTX_new(nullptr, nullptr));
  OSSL_CMP_CTX_set1_referenceValue(ca.get(), bytes("ca"), 2);
  OSSL_CMP_CTX_set1_secretValue(ca.get(), bytes(secret), static_cast<int>(secret.size()));
  const bool is_done = OSSL_CMP_MSG_update_transactionID(ca.get(), message.get()) == 1;
  static_cast<void>(pki::drain_openssl_errors());
  return is_done ? pki::to_der(message.get(), i2d_OSSL_CMP_MSG) : std::string();
}

void check(const pki::enrol::Answer& answer) {
  if (const auto* issued = std::get_if<pki::enrol::Issued>(&answer))
    if (!wish().key.fits(issued->certificate)) std::abort();
  if (const auto* waiting = std::get_if<pki::enrol::Waiting>(&answer))
    if (waiting->transaction.empty() || waiting->transaction.size() > (64U << 10U)) std::abort();
  if (const auto* refused = std::get_if<pki::enrol::Refused>(&answer))
    if (refused->reason.empty()) std::abort();
  if (const auto* unreachable = std::get_if<pki::enrol::Unreachable>(&answer))
    if (unreachable->reason.empty() || unreachable->reason.find(secret) != std::string::npos)
      std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  static const config::CmpSettings with_secret = settings();
  const SystemClock clock;
  const std::string octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == '0') {
    check(Cmp(with_secret, clock, [&](const std::string&) { return octets; }).submit(wish()));
    return 0;
  }
  Cmp cmp(with_secret, clock,
          [](const std::string&) -> std::string { throw Error(Fault::world, "nobody listens"); });
  check(cmp.poll(wish(), data[0] == '1' ? octets : protected_anew(octets)));
  return 0;
}
