// Parts of the relay beside the bare operation that cannot be avoided, in one run. Figures are
// printed, nothing is judged: `tools/check bench`, and docs/PERFORMANCE.md keeps a table of them.

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <new>

#include <benchmark/benchmark.h>
#include <fmt/core.h>
#include <malloc.h>
#include <openssl/cms.h>
#include <openssl/evp.h>

#include "gateway/crypt/inspect.h"
#include "pki/loose_keys.h"
#include "tests/bench/ratio_reporter.h"
#include "tests/bench/subjects.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::bench {
namespace {

constexpr std::size_t small = 4U << 10U;
constexpr std::size_t large = 10U << 20U;

using Work = std::function<void()>;
using pki::LooseKeys;

std::shared_ptr<LooseKeys> loose_keys(std::vector<pki::DecryptionKey> own,
                                      std::unique_ptr<pki::LooseOpenPgpKeys> openpgp = nullptr) {
  return std::make_shared<LooseKeys>(tests::world().material(), std::move(own),
                                     std::vector<pki::Certificate>(), std::move(openpgp));
}

void measure(const std::string& name, Work work) {
  benchmark::RegisterBenchmark(name.c_str(), [work = std::move(work)](benchmark::State& state) {
    for (auto _ : state) work();
  });
}

std::string size_name(std::size_t octets) {
  return octets == small ? "4 KB" : "10 MB";
}

// --- parse: beside reading every octet once
// ------------------------------------------------------------

void add_parse(std::size_t size) {
  const Blob octets(plain_message(size));
  const std::string name = "parse " + size_name(size);
  measure(name + "/ours", [octets] { benchmark::DoNotOptimize(mail::Message::parse(octets)); });
  measure(name + "/peer", [octets] {
    const auto view = octets.view();
    benchmark::DoNotOptimize(std::count(view.begin(), view.end(), '\n'));
  });
}

// --- sign: beside EVP_DigestSign over the same octets
// --------------------------------------------------

void bare_sign(EVP_PKEY* key, std::string_view octets) {
  const Handle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  std::string signature(1024, '\0');
  std::size_t length = signature.size();
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  const auto* in = reinterpret_cast<const unsigned char*>(octets.data());
  pki::checked(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key), "init");
  pki::checked(EVP_DigestSign(context.get(), out, &length, in, octets.size()), "sign");
  benchmark::DoNotOptimize(signature);
}

void add_sign(pki::KeyType type, std::size_t size) {
  const Blob octets(plain_message(size));
  const tests::Party& party = author(type);
  const std::string name = fmt::format("sign {} {}", pki::name(type), size_name(size));
  measure(name + "/ours", [octets, &party] {
    const auto received = mail::Message::parse(octets);
    benchmark::DoNotOptimize(crypt::transform(gateway_config(), outgoing_envelope(), received, {},
                                              sign_as(party), nullptr));
  });
  measure(name + "/peer", [octets, &party] { bare_sign(party.key.get(), octets.view()); });
}

// --- inspect: beside SMIME_read_CMS and CMS_verify
// -----------------------------------------------------

void bare_verify(std::string_view message, X509_STORE* store) {
  const pki::BioHandle in = pki::memory_bio(message);
  BIO* content = nullptr;
  const Handle<CMS_ContentInfo, CMS_ContentInfo_free> cms(
      pki::checked(SMIME_read_CMS(in.get(), &content), "SMIME_read_CMS"));
  const pki::BioHandle owned(content);
  pki::checked(CMS_verify(cms.get(), nullptr, store, content, nullptr, 0), "CMS_verify");
}

/// OpenSSL's own store of the same anchors and lists.
std::shared_ptr<X509_STORE> bare_store() {
  std::shared_ptr<X509_STORE> store(X509_STORE_new(), X509_STORE_free);
  const auto material = tests::world().material();
  for (const auto& anchor : material.anchors)
    X509_STORE_add_cert(store.get(), anchor.certificate.x509());
  for (const auto& crl : material.crls) X509_STORE_add_crl(store.get(), crl.x509_crl());
  X509_VERIFY_PARAM* const demands = X509_STORE_get0_param(store.get());
  X509_VERIFY_PARAM_set_flags(demands, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  X509_VERIFY_PARAM_set_time(demands, static_cast<time_t>(to_unix(tests::noon())));
  return store;
}

void add_inspect(std::size_t size) {
  const std::string signed_message =
      treated(plain_message(size), sign_as(author(pki::KeyType::rsa_3072)));
  const Blob octets(signed_message);
  const auto keys = loose_keys({});
  const std::string name = "inspect rsa-3072 " + size_name(size);
  measure(name + "/ours", [octets, keys] {
    const auto seen =
        crypt::inspect(mail::Message::parse(octets), *keys, {}, {"bench", tests::noon()});
    if (seen.verdict.summary() != policy::Summary::good) std::abort();
  });
  measure(name + "/peer",
          [octets, store = bare_store()] { bare_verify(octets.view(), store.get()); });
}

// --- encrypt and decrypt: beside CMS_encrypt and CMS_decrypt
// ---------------------------------------------

using Cms = Handle<CMS_ContentInfo, CMS_ContentInfo_free>;

Cms bare_encrypt(std::string_view octets, X509* recipient) {
  const pki::X509StackHandle recipients(sk_X509_new_null());
  X509_up_ref(recipient);
  sk_X509_push(recipients.get(), recipient);
  const pki::BioHandle in = pki::memory_bio(octets);
  return Cms(pki::checked(CMS_encrypt(recipients.get(), in.get(), EVP_aes_256_gcm(), CMS_BINARY),
                          "CMS_encrypt"));
}

void add_encrypt(std::size_t size) {
  const Blob octets(plain_message(size));
  const tests::Party& anna = author(pki::KeyType::rsa_3072);
  const std::string name = "encrypt rsa-3072 " + size_name(size);
  measure(name + "/ours", [octets, &anna] {
    const auto received = mail::Message::parse(octets);
    benchmark::DoNotOptimize(crypt::transform(gateway_config(), outgoing_envelope(), received, {},
                                              encrypt_to(anna), nullptr));
  });
  measure(name + "/peer", [octets, &anna] {
    benchmark::DoNotOptimize(bare_encrypt(octets.view(), anna.certificate.x509()));
  });
}

void add_decrypt(std::size_t size) {
  const tests::Party& anna = author(pki::KeyType::rsa_3072);
  const Blob octets(treated(plain_message(size), encrypt_to(anna)));
  const auto keys = loose_keys({{anna.certificate, anna.key}});
  const std::string name = "decrypt rsa-3072 " + size_name(size);
  measure(name + "/ours", [octets, keys] {
    const auto seen =
        crypt::inspect(mail::Message::parse(octets), *keys, {}, {"bench", tests::noon()});
    if (!seen.verdict.decrypted) std::abort();
  });
  measure(name + "/peer",
          [cms = std::make_shared<Cms>(bare_encrypt(plain_message(size), anna.certificate.x509())),
           &anna] {
            const pki::BioHandle out = pki::growing_bio();
            pki::checked(CMS_decrypt(cms->get(), anna.key.get(), anna.certificate.x509(), nullptr,
                                     out.get(), 0),
                         "CMS_decrypt");
          });
}

// --- S/MIME with OpenPGP on but not used: beside the same without it
// -----------------------------------------------------------------------------------------

void add_beside_openpgp(const std::string& what, const std::string& message,
                        const std::vector<pki::DecryptionKey>& own) {
  static const tests::TemporaryDirectory folder;
  const Blob octets(message);
  const auto look = [octets](const std::shared_ptr<LooseKeys>& keys) {
    const auto seen =
        crypt::inspect(mail::Message::parse(octets), *keys, {}, {"bench", tests::noon()});
    if (!seen.verdict.decrypted && seen.verdict.summary() != policy::Summary::good) std::abort();
  };
  const std::string name = what + " rsa-3072 4 KB, OpenPGP on";
  const auto with = loose_keys(own, std::make_unique<pki::LooseOpenPgpKeys>(folder / "g"));
  measure(name + "/ours", [look, with] { look(with); });
  measure(name + "/peer", [look, without = loose_keys(own)] { look(without); });
}

void add_beside_openpgp() {
  const tests::Party& anna = author(pki::KeyType::rsa_3072);
  add_beside_openpgp("inspect", treated(plain_message(small), sign_as(anna)), {});
  add_beside_openpgp("decrypt", treated(plain_message(small), encrypt_to(anna)),
                     {{anna.certificate, anna.key}});
}

void add_all() {
  for (const std::size_t size : {small, large}) {
    add_parse(size);
    add_sign(pki::KeyType::rsa_3072, size);
    add_sign(pki::KeyType::p256, size);
    add_inspect(size);
    add_encrypt(size);
    add_decrypt(size);
  }
  add_beside_openpgp();
}

// --- memory
// ----------------------------------------------------------------------------------------------

/// The most that the heap held at any moment of `work`, beyond what it held before.
std::size_t heap_growth(const Work& work);

void print_memory() {
  const tests::TemporaryDirectory folder;
  const auto file = folder / "message";
  tests::write_file(file, plain_message(50U << 20U));
  const tests::Party& party = author(pki::KeyType::rsa_3072);
  const std::size_t growth = heap_growth([&] {
    const auto received = mail::Message::parse(Blob::from_file(file));
    benchmark::DoNotOptimize(crypt::transform(gateway_config(), outgoing_envelope(), received, {},
                                              sign_as(party), nullptr));
  });
  fmt::print("\nheap growth while a mapped 50 MB message is signed: {:.2f} MB\n",
             static_cast<double>(growth) / (1U << 20U));
}

std::atomic<std::size_t> heap_now{0}, heap_peak{0};

void count(void* block, bool is_new) {
  const std::size_t size = malloc_usable_size(block);
  if (!is_new) {
    heap_now -= size;
    return;
  }
  const std::size_t now = heap_now += size;
  std::size_t peak = heap_peak;
  while (now > peak && !heap_peak.compare_exchange_weak(peak, now)) {
  }
}

std::size_t heap_growth(const Work& work) {
  const std::size_t before = heap_now;
  heap_peak = before;
  work();
  return heap_peak - before;
}

}  // namespace
}  // namespace siegel::bench

// Every allocation of the program is counted, OpenSSL's and GMime's too: glibc lets a program
// define these.
extern "C" void* __libc_malloc(std::size_t size);
extern "C" void __libc_free(void* block);
extern "C" void* __libc_realloc(void* block, std::size_t size);
extern "C" void* __libc_calloc(std::size_t count, std::size_t size);

extern "C" void* malloc(std::size_t size) {
  void* const block = __libc_malloc(size);
  if (block != nullptr) siegel::bench::count(block, true);
  return block;
}

extern "C" void* calloc(std::size_t count, std::size_t size) {
  void* const block = __libc_calloc(count, size);
  if (block != nullptr) siegel::bench::count(block, true);
  return block;
}

extern "C" void* realloc(void* block, std::size_t size) {
  if (block != nullptr) siegel::bench::count(block, false);
  void* const moved = __libc_realloc(block, size);
  if (moved != nullptr) siegel::bench::count(moved, true);
  return moved;
}

extern "C" void free(void* block) {
  if (block != nullptr) siegel::bench::count(block, false);
  __libc_free(block);
}

int main(int argc, char** argv) {
  siegel::bench::add_all();
  benchmark::Initialize(&argc, argv);
  siegel::bench::RatioReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  siegel::bench::print_memory();
  return 0;
}
