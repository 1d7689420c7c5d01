#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "gateway/portal/visitor.h"

namespace siegel::portal {

/// The uploads that a form brought: their secrets, as they came from the page.
class KeptUploads {
 public:
  /// Those that are not for `owner` count as lost: the form must bring its own.
  KeptUploads(const Desk& desk, const Form& form, const Address& owner);

  [[nodiscard]] bool empty() const noexcept { return secrets_.empty(); }
  /// One of them is known no longer.
  [[nodiscard]] bool has_lost() const noexcept { return has_lost_; }
  [[nodiscard]] std::vector<const transfer::LinkSecret*> secrets() const;
  [[nodiscard]] std::size_t size() const noexcept { return secrets_.size(); }
  [[nodiscard]] std::uint64_t octets() const noexcept { return octets_; }
  /// `kept` and `has_kept`, so that a refused form loses nothing.
  void put_into(nlohmann::json& data, Language language) const;

 private:
  struct Known {
    std::string name;
    std::uint64_t octets = 0;
  };
  std::vector<transfer::LinkSecret> secrets_;
  std::vector<Known> known_;
  std::uint64_t octets_ = 0;
  bool has_lost_ = false;
};

/// `file_max`, `transfer_max` … of pages with uploads.
void put_limits(nlohmann::json& data, const config::TransferLimits& limits, Language language);

}  // namespace siegel::portal
