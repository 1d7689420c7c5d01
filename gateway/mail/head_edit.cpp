#include <algorithm>

#include "base/ascii.h"
#include "gateway/mail/compose.h"

namespace siegel::mail {
namespace {

bool ends_line(std::string_view text) {
  return text.empty() || text.ends_with('\n');
}

/// The octets of a message after its last field: the empty line and the body.
std::string_view after_fields(const Message& message) {
  const auto& fields = message.top().fields;
  if (fields.empty()) return message.octets();
  const auto last = fields.back().octets;
  const auto end = static_cast<std::size_t>(last.data() + last.size() - message.octets().data());
  return message.octets().substr(end);
}

/// Appends received fields as few large slices, and text of our own between them.
class SliceWriter {
 public:
  explicit SliceWriter(const Message& message) : message_(&message) {}

  void keep(std::string_view received) {
    if (pending_.data() + pending_.size() != received.data()) flush();
    pending_ = {pending_.empty() ? received.data() : pending_.data(),
                pending_.size() + received.size()};
    // A head that ends within its last field: what we add after it must start a line.
    if (!ends_line(received)) write("\r\n");
  }
  void write(std::string_view text) {
    flush();
    octets_.append(std::string(text));
  }
  [[nodiscard]] Octets finish() && {
    flush();
    return std::move(octets_);
  }

 private:
  void flush() {
    octets_.append(message_->slice(pending_));
    pending_ = {};
  }

  const Message* message_;
  std::string_view pending_;
  Octets octets_;
};

}  // namespace

HeadEdit& HeadEdit::drop(std::function<bool(const Field&)> unwanted) {
  drops_.push_back(std::move(unwanted));
  return *this;
}

HeadEdit& HeadEdit::prepend(std::string fields) {
  prepended_.push_back(std::move(fields));
  return *this;
}

HeadEdit& HeadEdit::append(std::string_view fields) {
  appended_ += fields;
  return *this;
}

HeadEdit& HeadEdit::replace(std::string_view name, std::string fields) {
  std::erase_if(replacements_, [&](const auto& replacement) {
    return ascii::equals_ignoring_case(replacement.first, name);
  });
  replacements_.emplace_back(name, std::move(fields));
  return *this;
}

Octets HeadEdit::fields() const {
  SliceWriter out(*message_);
  for (auto text = prepended_.rbegin(); text != prepended_.rend(); ++text) out.write(*text);
  std::vector<bool> used(replacements_.size(), false);
  for (const Field& field : message_->top().fields) {
    const auto found = std::ranges::find_if(replacements_, [&](const auto& replacement) {
      return ascii::equals_ignoring_case(replacement.first, field.name);
    });
    if (found != replacements_.end()) {
      const auto index = static_cast<std::size_t>(found - replacements_.begin());
      if (!used[index]) out.write(found->second);
      used[index] = true;
    } else if (std::ranges::none_of(drops_,
                                    [&](const auto& unwanted) { return unwanted(field); })) {
      out.keep(field.octets);
    }
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) out.write(replacements_[i].second);
  }
  out.write(appended_);
  return std::move(out).finish();
}

Octets HeadEdit::message() const {
  Octets edited = fields();
  const auto rest = after_fields(*message_);
  // RFC 5322 §3.5: the body is set off by an empty line; a message of fields alone may lack it.
  if (rest.empty()) return edited.append(std::string("\r\n"));
  return edited.append(message_->slice(rest));
}

}  // namespace siegel::mail
