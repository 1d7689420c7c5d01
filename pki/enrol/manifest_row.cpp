#include "pki/enrol/manifest_row.h"

#include <algorithm>

#include "base/ascii.h"
#include "config/spelling.h"
#include "pki/enrol/name_rules.h"

namespace siegel::pki::enrol {
namespace {

using config::CaProfile;
using config::did_you_mean;
using config::in_quotes;
using config::one_of;

std::vector<std::string_view> views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

struct PurposeWord {
  std::string_view text;
  bool sign, encrypt;
};
constexpr std::array purpose_words{PurposeWord{"sign", true, false},
                                   PurposeWord{"encrypt", false, true},
                                   PurposeWord{"both", true, true},
                                   PurposeWord{"signieren", true, false},
                                   PurposeWord{"verschluesseln", false, true},
                                   PurposeWord{"beides", true, true}};

/// Takes the cells of one row in the order of the columns.
class RowReader {
 public:
  RowReader(const Table::Row& row, const ColumnPlaces& places, const Demands& demands,
            std::vector<ManifestProblem>& problems)
      : row_(row), places_(places), demands_(demands), problems_(problems) {}

  RowFindings read() && {
    const std::size_t before = problems_.size();
    const auto mailbox = read_mailbox();
    check_display_name();
    const auto owner = read_address(Column::owner, Need::required);
    const auto deputy = read_deputy(owner);
    const CaProfile* const profile = read_profile();
    const auto key_type = read_key_type(profile);
    const Purposes purposes = read_purposes(profile);
    RowFindings findings{mailbox, std::nullopt, {}};
    const bool is_named = mailbox && owner && profile != nullptr;
    if (!is_named) return findings;
    Wish wish{*mailbox,
              std::string(cell(Column::display_name)),
              std::string(cell(Column::department)),
              *owner,
              deputy,
              profile->name,
              key_type.value_or(KeyType::rsa_3072),
              purposes.sign,
              purposes.encrypt};
    findings.subject = judged_subject(wish, *profile);
    if (problems_.size() == before) findings.wish = std::move(wish);
    return findings;
  }

 private:
  enum class Need { required, optional };
  struct Purposes {
    bool sign = false, encrypt = false;
  };

  [[nodiscard]] std::string_view cell(Column column) const {
    const auto place = places_[static_cast<std::size_t>(column)];
    return place ? std::string_view(row_.cells[*place]) : std::string_view();
  }

  void complain(Column column, std::string text) {
    problems_.push_back({row_.number, std::string(name(column)), std::move(text)});
  }

  std::optional<Address> read_address(Column column, Need need) {
    const std::string_view text = cell(column);
    if (text.empty()) {
      if (need == Need::required) complain(column, "is empty; write a mail address");
      return std::nullopt;
    }
    auto address = Address::parse(text);
    if (!address)
      complain(column, "is " + in_quotes(text) +
                           ", which is no mail address; write it like bauamt@stadt.example");
    return address;
  }

  std::optional<Address> read_mailbox() {
    auto address = read_address(Column::address, Need::required);
    if (address && !demands_.config.is_ours(*address)) {
      const auto domains = views(demands_.config.domains);
      const std::string hint = did_you_mean(address->domain(), domains);
      complain(Column::address, "is " + in_quotes(address->str()) + ", whose domain is not ours" +
                                    (hint.empty() ? "; write an address in one of \"domains\" of "
                                                    "the configuration"
                                                  : hint));
    }
    return address;
  }

  /// Also where the rest of the row is too wrong to be named.
  void check_display_name() {
    if (cell(Column::display_name).empty())
      complain(Column::display_name, "is empty; write what the mailbox is for, such as Bauamt");
  }

  std::optional<Address> read_deputy(const std::optional<Address>& owner) {
    auto deputy = read_address(Column::deputy, Need::optional);
    if (deputy && owner && deputy->equals_folded(*owner))
      complain(Column::deputy, "is the owner; write somebody else, or leave the cell empty");
    return deputy;
  }

  const CaProfile* read_profile() {
    const auto profiles = demands_.profiles;
    const std::string_view text = cell(Column::profile);
    if (profiles.empty()) return nullptr;
    std::vector<std::string_view> names;
    for (const CaProfile& profile : profiles) names.emplace_back(profile.name);
    if (text.empty()) {
      if (profiles.size() == 1) return &profiles.front();
      complain(Column::profile,
               "is empty, but there are several CA profiles; write " + one_of(names));
      return nullptr;
    }
    const auto found = std::ranges::find(profiles, text, &CaProfile::name);
    if (found != profiles.end()) return &*found;
    const std::string hint = did_you_mean(text, names);
    complain(Column::profile, "is " + in_quotes(text) + ", which is no CA profile" +
                                  (hint.empty() ? "; write " + one_of(names) : hint));
    return nullptr;
  }

  std::optional<KeyType> read_key_type(const CaProfile* profile) {
    const std::string_view text = cell(Column::key_type);
    if (profile == nullptr) return std::nullopt;
    const auto allowed = views(profile->keys.types);
    if (text.empty()) return parse_key_type(allowed.front());
    const auto type = parse_key_type(text);
    if (type && std::ranges::find(allowed, pki::name(*type)) != allowed.end()) return type;
    const std::string hint = type ? std::string() : did_you_mean(text, allowed);
    complain(Column::key_type, "is " + in_quotes(text) + ", which CA profile " + profile->name +
                                   " does not take" +
                                   (hint.empty() ? "; write " + one_of(allowed) : hint));
    return std::nullopt;
  }

  Purposes read_purposes(const CaProfile* profile) {
    std::string_view rest = cell(Column::purposes);
    if (rest.empty()) return {true, true};
    const std::size_t before = problems_.size();
    Purposes purposes;
    while (!rest.empty()) {
      const auto end = std::min(rest.find_first_of(" ,;+/&"), rest.size());
      if (end > 0) add_purpose(rest.substr(0, end), purposes);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (!purposes.sign && !purposes.encrypt && problems_.size() == before)
      complain(Column::purposes, "names no purpose; write sign, encrypt or both");
    const bool is_joint =
        profile != nullptr && profile->keys.certificates == config::Certificates::joint;
    if (is_joint && purposes.sign != purposes.encrypt)
      complain(Column::purposes, "names one purpose, but CA profile " + profile->name +
                                     " makes one certificate for both; write both, or leave the "
                                     "cell empty");
    return purposes;
  }

  void add_purpose(std::string_view text, Purposes& purposes) {
    const std::string word = ascii::lower(text);
    const auto* const found = std::ranges::find(purpose_words, word, &PurposeWord::text);
    if (found == purpose_words.end()) {
      const std::string hint = did_you_mean(word, {"sign", "encrypt", "both"});
      complain(Column::purposes, "holds " + in_quotes(text) + ", which is no purpose" +
                                     (hint.empty() ? "; write sign, encrypt or both" : hint));
      return;
    }
    purposes.sign = purposes.sign || found->sign;
    purposes.encrypt = purposes.encrypt || found->encrypt;
  }

  std::string judged_subject(const Wish& wish, const CaProfile& profile) {
    JudgedName judged = judge_name(wish, profile);
    for (NameProblem& problem : judged.problems) {
      const bool is_told = problem.column == "display_name" && wish.display_name.empty();
      if (!is_told)
        problems_.push_back({row_.number, std::move(problem.column), std::move(problem.text)});
    }
    return std::move(judged.subject);
  }

  const Table::Row& row_;
  const ColumnPlaces& places_;
  const Demands& demands_;
  std::vector<ManifestProblem>& problems_;
};

}  // namespace

RowFindings read_row(const Table::Row& row, const ColumnPlaces& places, const Demands& demands,
                     std::vector<ManifestProblem>& problems) {
  return RowReader(row, places, demands, problems).read();
}

}  // namespace siegel::pki::enrol
