#include <algorithm>
#include <map>
#include <system_error>

#include "base/ascii.h"
#include "base/error.h"
#include "config/checks_profile.h"
#include "config/profile.h"
#include "config/read_tree.h"
#include "config/reader.h"
#include "config/schema_profile.h"
#include "config/text_file.h"

namespace siegel::config {
namespace {

using std::filesystem::path;

/// Manifests and the command line name profiles: a word without blanks or quotes.
bool is_profile_name(std::string_view name) {
  constexpr std::size_t limit = 64;
  const auto is_fit = [](char c) {
    return ascii::is_alpha(c) || ascii::is_digit(c) || c == '-' || c == '_' || c == '.';
  };
  return !name.empty() && name.front() != '.' && name.size() <= limit &&
         std::ranges::all_of(name, is_fit);
}

CaProfile read_profile(TreeNode root, Reading& reading) {
  CaProfile profile;
  if (!take_as_map(root, "connector: batch", reading.problems)) return profile;
  Reader reader(root, {}, reading);
  schema(reader, profile);
  reader.finish();
  check_profile(profile, root, reading.problems);
  return profile;
}

/// Gathers profiles and problems over many files.
class Collection {
 public:
  void add(const path& place) {
    std::error_code error;
    if (std::filesystem::is_directory(place, error)) {
      add_folder(place);
    } else {
      add_file(place);
    }
  }

  [[nodiscard]] Profiles finish() && { return {std::move(profiles_), std::move(lines_)}; }

 private:
  void add_folder(const path& folder) {
    std::vector<path> files;
    std::error_code error;
    for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
      if (it->path().extension() == ".yaml") files.push_back(it->path());
    }
    if (error) complain(folder, "this folder cannot be read: " + error.message());
    if (!error && files.empty())
      complain(folder, "no *.yaml lies in this folder; put a CA profile there, or name another");
    std::ranges::sort(files);
    for (const path& file : files) add_file(file);
  }

  void add_file(const path& file) {
    std::string text;
    try {
      text = read_text_file(file);
    } catch (const Error& error) {
      return complain(file, error.what());
    }
    LoadedProfile loaded = parse_profile(text, file);
    for (const Problem& problem : loaded.problems) lines_ += '\n' + describe(problem, file);
    const auto [first, is_new] = homes_.try_emplace(file.stem().string(), file);
    if (!is_new)
      return complain(file, "a profile of this name is " + first->second.string() +
                                " already; rename one of the files");
    if (loaded.profile) profiles_.push_back(std::move(*loaded.profile));
  }

  void complain(const path& file, const std::string& text) {
    lines_ += '\n' + describe({1, 1, text}, file);
  }

  std::vector<CaProfile> profiles_;
  std::map<std::string, path> homes_;
  std::string lines_;
};

}  // namespace

LoadedProfile parse_profile(std::string_view yaml, const path& file) {
  Reading reading{file.parent_path(), {}};
  auto root = read_tree(yaml, {}, reading.problems);
  LoadedProfile loaded;
  if (root) {
    CaProfile profile = read_profile(std::move(*root), reading);
    profile.name = file.stem().string();
    if (!is_profile_name(profile.name))
      report(reading.problems, {},
             "a profile is named after its file, which must be one word of letters, digits and "
             "-_. (at most 64); rename the file");
    if (reading.problems.empty()) loaded.profile = std::move(profile);
  }
  loaded.problems = in_order(std::move(reading.problems));
  return loaded;
}

Profiles load_usable_profiles(const Config& config) {
  Collection collection;
  for (const path& place : config.enrolment.profiles) collection.add(place);
  return std::move(collection).finish();
}

std::vector<CaProfile> load_profiles(const Config& config) {
  Profiles found = load_usable_profiles(config);
  if (found.problems.empty()) return std::move(found.usable);
  throw Error(Fault::ours, "the CA profiles cannot be used; mend what is named and try again",
              found.problems);
}

}  // namespace siegel::config
