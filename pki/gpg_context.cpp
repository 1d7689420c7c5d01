#include "pki/gpg_context.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace siegel::pki::gpg {
namespace {

constexpr auto least_gpgme = "1.18.0";
constexpr auto least_gpg = "2.2.40";
constexpr std::size_t first_room = std::size_t{64} << 10U;

Error unusable(std::string detail) {
  return {Fault::ours,
          "OpenPGP needs gpg 2.2.40 and gpg-agent; install the packages gnupg and gpg-agent, or "
          "take the section `openpgp` out of siegel.yaml",
          std::move(detail)};
}

}  // namespace

void start() {
  // Also makes the library's threads safe and SIGPIPE ignored, once for the process.
  static const char* const version = gpgme_check_version(least_gpgme);
  if (version == nullptr) throw unusable("GpgME is older than " + std::string(least_gpgme));
  const gpgme_error_t error = gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP);
  if (error != 0) throw unusable(failure(error, "gpg").detail());
  gpgme_engine_info_t engines = nullptr;
  demand(gpgme_get_engine_info(&engines), "gpgme_get_engine_info");
  for (; engines != nullptr; engines = engines->next) {
    if (engines->protocol != GPGME_PROTOCOL_OpenPGP || engines->version == nullptr) continue;
    if (::strverscmp(engines->version, least_gpg) >= 0) return;
    throw unusable("gpg is " + std::string(engines->version));
  }
  throw unusable("GpgME knows no gpg");
}

Context make_context(const std::filesystem::path& home) {
  gpgme_ctx_t made = nullptr;
  demand(gpgme_new(&made), "gpgme_new");
  Context context(made);
  // Never globally (STANDARDS §4.2): there are several homes.
  demand(gpgme_ctx_set_engine_info(context.get(), GPGME_PROTOCOL_OpenPGP, nullptr, home.c_str()),
         "gpgme_ctx_set_engine_info");
  demand(gpgme_set_pinentry_mode(context.get(), GPGME_PINENTRY_MODE_ERROR),
         "gpgme_set_pinentry_mode");
  demand(gpgme_set_keylist_mode(context.get(), GPGME_KEYLIST_MODE_LOCAL), "gpgme_set_keylist_mode");
  gpgme_set_offline(context.get(), 1);
  gpgme_set_armor(context.get(), 1);
  return context;
}

gpgme_err_code_t code(gpgme_error_t error) {
  return gpgme_err_code(error);
}

Error failure(gpgme_error_t error, std::string_view what) {
  std::array<char, 200> text{};
  gpgme_strerror_r(error, text.data(), text.size());
  return {Fault::world,
          "gpg cannot do its work at the moment; try again later, and see whether there is room "
          "and memory where `openpgp.directory` is",
          std::string(what) + ": " + text.data() + " (" + gpgme_strsource(error) + ')'};
}

void demand(gpgme_error_t error, std::string_view what) {
  if (error != 0) throw failure(error, what);
}

// --- octets that gpg reads

Source::Source(std::string_view octets) : whole_(octets) {
  open();
}

Source::Source(const Octets& octets) : octets_(&octets) {
  open();
}

Source::~Source() {
  gpgme_data_release(data_);
}

void Source::open() {
  static gpgme_data_cbs calls{&Source::read, nullptr, nullptr, nullptr};
  demand(gpgme_data_new_from_cbs(&data_, &calls, this), "gpgme_data_new_from_cbs");
}

ssize_t Source::read(void* self, void* buffer, std::size_t size) {
  auto& source = *static_cast<Source*>(self);
  while (true) {
    std::string_view now = source.whole_;
    if (source.octets_ != nullptr) {
      const auto& slices = source.octets_->slices();
      if (source.slice_ == slices.size()) return 0;
      now = slices[source.slice_].view();
    }
    const std::size_t count = std::min(size, now.size() - source.at_);
    std::memcpy(buffer, now.substr(source.at_).data(), count);
    source.at_ += count;
    if (count > 0 || source.octets_ == nullptr) return static_cast<ssize_t>(count);
    ++source.slice_;
    source.at_ = 0;
  }
}

// --- octets that gpg writes

Sink::Sink(std::uint64_t limit) : limit_(limit) {
  static gpgme_data_cbs calls{nullptr, &Sink::write, nullptr, nullptr};
  octets_.reserve(first_room);  // what is small, a secret key above all, never moves
  demand(gpgme_data_new_from_cbs(&data_, &calls, this), "gpgme_data_new_from_cbs");
}

Sink::~Sink() {
  const Cleansing cleansing(octets_);
  gpgme_data_release(data_);
}

ssize_t Sink::write(void* self, const void* buffer, std::size_t size) {
  auto& sink = *static_cast<Sink*>(self);
  if (sink.over_ || size > sink.limit_ - sink.octets_.size()) {
    sink.over_ = true;
    errno = EFBIG;
    return -1;
  }
  sink.octets_.append(static_cast<const char*>(buffer), size);
  return static_cast<ssize_t>(size);
}

}  // namespace siegel::pki::gpg
