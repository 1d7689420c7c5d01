#pragma once

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>

#include "base/disk.h"
#include "base/error.h"

namespace siegel::tests {

/// A disk in memory that can lose its power. It keeps two things apart: what there is, and what
/// would be there after a power cut, namely the names of each folder at the time of its last
/// sync_directory (file contents are durable once `write` returned, as Disk promises).
/// It can also refuse: the n-th change, every change from the n-th on, or everything that needs
/// room. Thread-safe. Folders above `root` do not exist.
class ForgetfulDisk final : public Disk {
 public:
  explicit ForgetfulDisk(const Path& root) : root_path_(std::filesystem::absolute(root)) {}

  // --- what a test does to it -------------------------------------------------------------------

  /// The power comes back: everything that was not synced is gone.
  void forget() {
    const std::lock_guard lock(mutex_);
    forget_below(*root_);
    power_cut_at_.reset();
  }
  /// The power comes back, and of what was not synced the disk has kept this and that.
  void forget_some(std::uint32_t seed) {
    const std::lock_guard lock(mutex_);
    std::mt19937 dice(seed);
    forget_some_below(*root_, dice);
    power_cut_at_.reset();
  }
  /// The process was killed, the machine was not: everything stays.
  void survive() {
    const std::lock_guard lock(mutex_);
    power_cut_at_.reset();
  }
  /// The first `changes` changes from now on are made, then the power goes. A write that is hit
  /// leaves half of its octets.
  void cut_power_after(std::size_t changes) {
    const std::lock_guard lock(mutex_);
    power_cut_at_ = changes_ + changes;
  }
  /// The n-th change from now on (from 0) fails, once.
  void fail_change(std::size_t n) {
    const std::lock_guard lock(mutex_);
    fail_at_ = changes_ + n;
  }
  /// No room: folders and files cannot be written; renaming and removing still works.
  void fill_up() {
    const std::lock_guard lock(mutex_);
    full_ = true;
  }
  void make_room() {
    const std::lock_guard lock(mutex_);
    full_ = false;
  }
  /// How many changes there have been.
  [[nodiscard]] std::size_t changes() const {
    const std::lock_guard lock(mutex_);
    return changes_;
  }
  /// Damages a file: it ends after `octets`.
  void cut_file(const Path& file, std::size_t octets) {
    const std::lock_guard lock(mutex_);
    std::string& content = find(file)->content;
    content.resize(std::min(octets, content.size()));
  }
  /// Damages a file: one octet is another one.
  void flip_octet(const Path& file, std::size_t at) {
    const std::lock_guard lock(mutex_);
    std::string& content = find(file)->content;
    content.at(at) = static_cast<char>(content.at(at) ^ 1);
  }

  // --- Disk -------------------------------------------------------------------------------------

  void make_directory(const Path& directory) override {
    const std::lock_guard lock(mutex_);
    change(Needs::room);
    add(directory, std::make_shared<Node>(Node{true, {}, {}, {}}));
  }
  void write(const Path& file, const Octets& octets) override {
    const std::lock_guard lock(mutex_);
    const auto node = std::make_shared<Node>();
    node->content = octets.join().view();
    if (is_hit_now() || full_) {
      node->content.resize(node->content.size() / 2);
      add(file, node);
    }
    change(Needs::room);
    add(file, node);
  }
  void rename(const Path& from, const Path& to) override {
    const std::lock_guard lock(mutex_);
    change(Needs::nothing);
    Node& source = parent_of(from);
    const auto at = source.names.find(from.filename().string());
    if (at == source.names.end()) throw system_error("rename " + from.string(), ENOENT);
    const std::shared_ptr<Node> node = at->second;
    source.names.erase(at);
    parent_of(to).names[to.filename().string()] = node;
  }
  void sync_directory(const Path& directory) override {
    const std::lock_guard lock(mutex_);
    change(Needs::nothing);
    Node& node = need(directory);
    node.durable = node.names;
  }
  void remove(const Path& path) override {
    const std::lock_guard lock(mutex_);
    change(Needs::nothing);
    parent_of(path).names.erase(path.filename().string());
  }
  [[nodiscard]] Blob read(const Path& file) const override {
    const std::lock_guard lock(mutex_);
    const auto node = find(file);
    if (!node || node->directory) throw system_error("read " + file.string(), ENOENT);
    return Blob(node->content);
  }
  [[nodiscard]] bool exists(const Path& path) const override {
    const std::lock_guard lock(mutex_);
    return find(path) != nullptr;
  }
  [[nodiscard]] std::vector<std::string> list(const Path& directory) const override {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    if (const auto node = find(directory)) {
      for (const auto& [name, child] : node->names) names.push_back(name);
    }
    return names;
  }
  [[nodiscard]] std::uint64_t free_octets(const Path&) const override {
    const std::lock_guard lock(mutex_);
    return full_ ? std::uint64_t{0} : std::uint64_t{1} << 30U;
  }

 private:
  struct Node;
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  struct Node {
    bool directory = false;
    std::string content;
    Names names, durable;
  };
  enum class Needs { room, nothing };

  /// True if the next change is the first one that the power cut or the fault hits: a write leaves
  /// half of its octets then, and none later.
  [[nodiscard]] bool is_hit_now() const {
    return changes_ == power_cut_at_ || changes_ == fail_at_;
  }

  /// Counts a change and refuses it if it is its turn.
  void change(Needs needs) {
    const bool refused = changes_ == fail_at_ || (power_cut_at_ && changes_ >= *power_cut_at_);
    ++changes_;
    if (refused) throw system_error("test disk", EIO);
    if (full_ && needs == Needs::room) throw system_error("test disk", ENOSPC);
  }

  [[nodiscard]] std::shared_ptr<Node> find(const Path& path) const {
    std::shared_ptr<Node> node = root_;
    for (const Path& name : path.lexically_relative(root_path_)) {
      if (name == ".") continue;
      const auto at = node->names.find(name.string());
      if (at == node->names.end()) return nullptr;
      node = at->second;
    }
    return node;
  }
  [[nodiscard]] Node& need(const Path& path) const {
    const auto node = find(path);
    if (!node) throw system_error("test disk " + path.string(), ENOENT);
    return *node;
  }
  [[nodiscard]] Node& parent_of(const Path& path) const { return need(path.parent_path()); }
  void add(const Path& path, const std::shared_ptr<Node>& node) {
    if (!parent_of(path).names.emplace(path.filename().string(), node).second)
      throw system_error("test disk " + path.string(), EEXIST);
  }

  static void forget_below(Node& node) {
    node.names = node.durable;
    for (const auto& [name, child] : node.names) forget_below(*child);
  }
  /// Each name that differs from the durable ones stays as it is, or is undone.
  static void forget_some_below(Node& node, std::mt19937& dice) {
    Names all = node.durable;
    all.insert(node.names.begin(), node.names.end());
    Names kept;
    for (const auto& [name, child] : all) {
      const Names& source = dice() % 2 == 0 ? node.names : node.durable;
      if (const auto at = source.find(name); at != source.end()) kept.insert(*at);
    }
    node.names = kept;
    node.durable = kept;
    for (const auto& [name, child] : node.names) forget_some_below(*child, dice);
  }

  Path root_path_;
  std::shared_ptr<Node> root_ = std::make_shared<Node>(Node{true, {}, {}, {}});
  std::size_t changes_ = 0;
  std::optional<std::size_t> power_cut_at_, fail_at_;
  bool full_ = false;
  mutable std::mutex mutex_;
};

}  // namespace siegel::tests
