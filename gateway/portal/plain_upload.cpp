#include "gateway/portal/plain_upload.h"

#include <algorithm>
#include <array>
#include <exception>

#include "base/utf8.h"
#include "gateway/portal/multipart.h"
#include "gateway/transfer/sealed_file.h"

namespace siegel::portal {
namespace {

using transfer::LinkSecret;
using transfer::SealedWriter;

constexpr std::size_t field_limit = std::size_t{64} << 10U, name_limit = 400;

/// One form, part by part.
class Receiving {
 public:
  Receiving(const Desk& desk, const Address& owner, const Request& request)
      : desk_(desk),
        owner_(owner),
        client_(request.client.ip),
        settings_(desk.config.load()),
        most_(request.body.length().value_or(std::uint64_t{1} << 62U)) {}
  Receiving(const Receiving&) = delete;
  Receiving& operator=(const Receiving&) = delete;
  /// Without finish() nobody knows the files' secrets: they go again.
  ~Receiving() {
    try {
      for (const LinkSecret& secret : begun_) desk_.uploads.cancel(secret);
    } catch (const std::exception& error) {
      desk_.log.warning("upload_not_cancelled", {{"why", error.what()}});
    }
  }

  /// False if it need not go on.
  bool take(Multipart& parts, const PartHead& head) {
    if (head.file_name) return take_file(parts, head);
    auto text = parts.text(field_limit);
    if (!text) return false;
    upload_.form.add(head.name, *std::move(text));
    return true;
  }
  [[nodiscard]] PlainUpload finish() {
    if (!upload_.too_often) begun_.clear();
    return std::move(upload_);
  }
  [[nodiscard]] const Form& form() const { return upload_.form; }

 private:
  /// Browsers send a file without name and octets where none was chosen.
  bool take_file(Multipart& parts, const PartHead& head) {
    if (head.file_name->empty()) return true;
    const auto& limits = settings_->transfer->limits;
    upload_.too_large = begun_.size() >= limits.files;
    upload_.too_often =
        desk_.limits
            .take("new uploads", client_, {limits.new_uploads_per_hour, std::chrono::hours(1)})
            .has_value();
    if (upload_.too_large || upload_.too_often) return false;
    const std::uint64_t most = std::min({limits.file, limits.transfer - octets_, most_});
    auto begun = desk_.uploads.begin(
        {owner_, printable(*head.file_name, name_limit), head.content_type, most, {}, true},
        *settings_->transfer);
    upload_.too_large = std::holds_alternative<transfer::Refusal>(begun);
    if (upload_.too_large) return false;
    begun_.push_back(std::move(std::get<LinkSecret>(begun)));
    upload_.too_large = !store(parts, begun_.back());
    if (upload_.too_large)
      desk_.uploads.cancel(begun_.back());
    else
      upload_.form.add("upload", begun_.back().text());
    return !upload_.too_large;
  }

  /// False if it is more than it may be.
  bool store(Multipart& parts, const LinkSecret& secret) {
    const auto upload = desk_.uploads.find(secret).value();
    desk_.uploads.touch(upload, settings_->transfer->lives);  // it has begun, and may be slow
    SealedWriter writer(desk_.store, upload.file());
    std::array<char, 1> one_more{};
    while (true) {
      const auto room = writer.room();
      const std::size_t got = parts.read(room.empty() ? std::span<char>(one_more) : room);
      if (got == 0) break;
      if (room.empty()) return false;
      writer.advance(got);
    }
    octets_ += writer.end_here();
    writer.sync();
    desk_.uploads.settle(upload, writer.offset());
    return true;
  }

  const Desk& desk_;
  const Address& owner_;
  std::string client_;
  std::shared_ptr<const config::Config> settings_;
  std::uint64_t most_;  // octets that the request can hold
  PlainUpload upload_;
  std::vector<LinkSecret> begun_;
  std::uint64_t octets_ = 0;
};

}  // namespace

std::optional<PlainUpload> read_plain_upload(const Desk& desk, Request& request,
                                             const Visitor& visitor, const Address& owner) {
  const auto boundary = form_data_boundary(request.field("Content-Type").value_or(""));
  if (!boundary) return std::nullopt;
  Multipart parts([&](std::span<char> octets) { return request.body.read(octets); }, *boundary);
  Receiving receiving(desk, owner, request);
  while (const auto head = parts.next()) {
    // The token stands first in our forms: no stranger's file is stored.
    if (head->file_name && !visitor.has_sent(receiving.form().get("csrf").value_or("")))
      return std::nullopt;
    if (!receiving.take(parts, *head)) break;
  }
  if (!visitor.has_sent(receiving.form().get("csrf").value_or(""))) return std::nullopt;
  return receiving.finish();
}

}  // namespace siegel::portal
