#pragma once

#include <string>
#include <vector>

#include "config/profile.h"
#include "pki/enrol/request.h"

/// The working parts of name_by_profile(), for those who must know which column is to be mended.
namespace siegel::pki::enrol {

struct NameProblem {
  std::string column;  ///< of the manifest: "display_name", "department", "address" or "profile"
  std::string text;    ///< a sentence whose subject is the column: "is empty; write …"
};

struct JudgedName {
  std::string subject;
  std::vector<NameProblem> problems;
};

/// As name_by_profile().
[[nodiscard]] JudgedName judge_name(const Wish& wish, const config::CaProfile& profile);

}  // namespace siegel::pki::enrol
