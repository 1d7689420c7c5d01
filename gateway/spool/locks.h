#pragma once

#include <filesystem>
#include <string_view>

namespace siegel::spool {

/// Who has the spool, and who has which item, among processes. One file, one octet of it per lock:
/// octet 0 for the owner of the spool, a hash of the id for an item. The locks belong to the open
/// file (fcntl(2) "open file description locks"), so the kernel drops them when a process dies,
/// however it dies, and there is no lock file per item that could be left behind or be removed
/// under somebody's feet. Two ids that share an octet only wait for each other. Threads of one
/// process share the locks: the Schedule keeps them apart.
class Locks {
 public:
  enum class Open { create, existing };

  /// With `existing`, a missing file is no error: nobody has ever owned the spool.
  Locks(const std::filesystem::path& file, Open how);
  Locks(const Locks&) = delete;
  Locks& operator=(const Locks&) = delete;
  ~Locks();

  /// False if another process has it. Throws Error{world} if the system refuses.
  [[nodiscard]] bool try_own() const;
  [[nodiscard]] bool try_lock(std::string_view id) const;
  void unlock(std::string_view id) const noexcept;

 private:
  int number_;
};

}  // namespace siegel::spool
