#include "gateway/portal/plain_upload.h"

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
  Receiving(const Desk& desk, const Address& owner)
      : desk_(desk), owner_(owner), settings_(desk.config.load()) {}

  /// False if it need not go on.
  bool take(Multipart& parts, const PartHead& head) {
    if (head.file_name) return take_file(parts, head);
    auto text = parts.text(field_limit);
    if (text) upload_.form.add(head.name, *std::move(text));
    return text.has_value();
  }
  [[nodiscard]] PlainUpload finish() && { return std::move(upload_); }
  [[nodiscard]] const Form& form() const { return upload_.form; }

 private:
  /// Browsers send a file without name and octets where none was chosen.
  bool take_file(Multipart& parts, const PartHead& head) {
    if (head.file_name->empty()) return true;
    const auto& limits = settings_->transfer->limits;
    const std::uint64_t most = std::min(limits.file, limits.transfer - octets_);
    auto begun = desk_.uploads.begin(
        {owner_, printable(*head.file_name, name_limit), head.content_type, most, {}},
        *settings_->transfer);
    const auto* const secret = std::get_if<LinkSecret>(&begun);
    if (secret == nullptr || !store(parts, *secret)) {
      if (secret != nullptr) desk_.uploads.cancel(*secret);
      upload_.too_large = true;
      return false;
    }
    upload_.form.add("upload", secret->text());
    return true;
  }

  /// False if it is more than it may be.
  bool store(Multipart& parts, const LinkSecret& secret) {
    const auto upload = desk_.uploads.find(secret).value();
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
  std::shared_ptr<const config::Config> settings_;
  PlainUpload upload_;
  std::uint64_t octets_ = 0;
};

}  // namespace

std::optional<PlainUpload> read_plain_upload(const Desk& desk, Request& request,
                                             const Visitor& visitor, const Address& owner) {
  const auto boundary = form_data_boundary(request.field("Content-Type").value_or(""));
  if (!boundary) return std::nullopt;
  Multipart parts([&](std::span<char> octets) { return request.body.read(octets); }, *boundary);
  Receiving receiving(desk, owner);
  while (const auto head = parts.next()) {
    // The token stands first in our forms: no stranger's file is stored.
    if (head->file_name && !visitor.has_sent(receiving.form().get("csrf").value_or("")))
      return std::nullopt;
    if (!receiving.take(parts, *head)) break;
  }
  PlainUpload upload = std::move(receiving).finish();
  if (!visitor.has_sent(upload.form.get("csrf").value_or(""))) return std::nullopt;
  return upload;
}

}  // namespace siegel::portal
