#include "pki/discovery/web_key_tree.h"

#include <algorithm>
#include <fstream>
#include <list>
#include <map>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/random.h"
#include "base/utf8.h"
#include "pki/discovery/wkd_location.h"

namespace siegel::pki::discovery {
namespace {

using std::filesystem::path;

void make_folder(const path& folder) {
  if (::mkdir(folder.c_str(), 0755) != 0 || ::chmod(folder.c_str(), 0755) != 0)
    throw system_error("cannot make the folder " + printable(folder.string()), errno);
}

void write_file(const path& file, const std::string& octets) {
  std::ofstream out(file, std::ios::binary);
  if (!(out << octets) || !out.flush() || ::chmod(file.c_str(), 0644) != 0)
    throw system_error("cannot write " + printable(file.string()), errno);
}

/// A folder that is no longer wanted goes, however the scope is left.
class Scaffold {
 public:
  explicit Scaffold(path folder) : folder_(std::move(folder)) { make_folder(folder_); }
  Scaffold(const Scaffold&) = delete;
  Scaffold& operator=(const Scaffold&) = delete;
  ~Scaffold() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  [[nodiscard]] const path& folder() const { return folder_; }

 private:
  path folder_;
};

/// What stands at `to` and what stands at `from` change places; or `from` moves there.
void put_in_place(const path& from, const path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno == ENOENT && ::rename(from.c_str(), to.c_str()) == 0) return;
  throw system_error("cannot replace " + printable(to.string()), errno);
}

/// Only what this wrote may be replaced: a typing error must not cost somebody a web site.
void demand_ours(const path& folder) {
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator(folder, absent)) {
    const std::string name = entry.path().filename().string();
    if (name == "policy" || name == "hu") continue;
    throw Error(Fault::peer, printable(folder.string()) + " holds \"" + printable(name) +
                                 "\", which is no part of a Web Key Directory; name a folder of "
                                 "its own for it, or take that away");
  }
}

/// A key that nobody could fetch was meant for a domain that is not ours, or is no longer.
void demand_one_of(const std::vector<std::string>& domains, const PublishedKey& key) {
  if (std::ranges::find(domains, key.address.domain()) != domains.end()) return;
  throw Error(Fault::peer,
              printable(key.address.str()) +
                  " is in none of our domains, so that its key would be found by nobody; add its "
                  "domain to `domains` in siegel.yaml, or remove the mailbox");
}

/// The newest key for each file.
std::map<std::string, PublishedKey> files_of(const std::string& domain,
                                             const std::vector<PublishedKey>& keys) {
  std::map<std::string, PublishedKey> files;
  for (const PublishedKey& key : keys) {
    if (key.address.domain() != domain) continue;
    const auto [file, is_new] = files.try_emplace(hashed_local_part(key.address), key);
    if (!is_new && file->second.created < key.created) file->second = key;
  }
  return files;
}

/// The new tree of one domain, beside the old one.
class NewDomain {
 public:
  NewDomain(const path& root, const std::string& domain, const std::vector<PublishedKey>& keys)
      : scaffold_(root / ('.' + domain + '.' + random_hex(4))), place_(root / domain) {
    write_file(scaffold_.folder() / "policy", {});
    make_folder(scaffold_.folder() / "hu");
    for (const auto& [name, key] : files_of(domain, keys))
      write_file(scaffold_.folder() / "hu" / name, key.octets);
  }
  void replace_the_old() const { put_in_place(scaffold_.folder(), place_); }

 private:
  Scaffold scaffold_;
  path place_;
};

}  // namespace

void write_web_key_tree(const path& root, const std::vector<std::string>& domains,
                        const std::vector<PublishedKey>& keys) {
  for (const PublishedKey& key : keys) demand_one_of(domains, key);
  std::error_code problem;
  std::filesystem::create_directories(root, problem);
  if (problem) throw system_error("cannot make " + printable(root.string()), problem.value());
  for (const std::string& domain : domains) demand_ours(root / domain);
  std::list<NewDomain> made;
  for (const std::string& domain : domains) made.emplace_back(root, domain, keys);
  for (const NewDomain& domain : made) domain.replace_the_old();
}

}  // namespace siegel::pki::discovery
