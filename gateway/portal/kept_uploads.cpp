#include "gateway/portal/kept_uploads.h"

#include <nlohmann/json.hpp>

#include "gateway/portal/in_words.h"

namespace siegel::portal {

using transfer::LinkSecret;

KeptUploads::KeptUploads(const Desk& desk, const Form& form, const Address& owner) {
  for (const std::string& text : form.all("upload")) {
    auto secret = LinkSecret::parse(text);
    const auto upload = secret ? desk.uploads.find(*secret) : std::nullopt;
    if (!upload || !transfer::is_same_owner(upload->owner, owner)) {
      has_lost_ = true;
      continue;
    }
    octets_ += upload->octets;
    known_.push_back({upload->name, upload->octets});
    secrets_.push_back(*std::move(secret));
  }
}

std::vector<const LinkSecret*> KeptUploads::secrets() const {
  std::vector<const LinkSecret*> found;
  for (const LinkSecret& secret : secrets_) found.push_back(&secret);
  return found;
}

void KeptUploads::put_into(nlohmann::json& data, Language language) const {
  nlohmann::json kept = nlohmann::json::array();
  for (std::size_t i = 0; i < known_.size(); ++i)
    kept.push_back({{"upload_secret", secrets_[i].text()},
                    {"file_name", known_[i].name},
                    {"file_size", size_in_words(known_[i].octets, language)}});
  data["has_kept"] = !kept.empty();
  data["kept"] = std::move(kept);
}

void put_limits(nlohmann::json& data, const config::TransferLimits& limits, Language language) {
  data["file_max"] = size_in_words(limits.file, language);
  data["file_max_octets"] = std::to_string(limits.file);
  data["transfer_max"] = size_in_words(limits.transfer, language);
  data["transfer_max_octets"] = std::to_string(limits.transfer);
  data["files_max"] = std::to_string(limits.files);
}

}  // namespace siegel::portal
