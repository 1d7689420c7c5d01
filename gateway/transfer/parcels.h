#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/database.h"
#include "gateway/transfer/blob_store.h"
#include "gateway/transfer/link_secret.h"
#include "gateway/transfer/outbox.h"
#include "gateway/transfer/parcel.h"
#include "gateway/transfer/uploads.h"

namespace siegel::transfer {

struct ParcelWish {
  Origin origin = Origin::staff;
  Address owner;
  Note note;
  std::vector<const LinkSecret*> uploads;  ///< complete, and the owner's
  std::vector<std::string> recipients;     ///< mail addresses; one empty text: for whoever has it
  std::chrono::seconds life{};
  pki::Secret password;  ///< empty = none
  /// One for each of `recipients`, where `password` is empty; or none.
  std::vector<pki::Secret> passwords{};
  /// Pickup with one recipient and no password: where his codes go, an address.
  std::string code_to{};
  /// Its files were scanned, and its links reach their people by other means: it is ready at once.
  bool is_examined = false;
  /// The mail by which its links leave: it is on trial until keep(). Empty: it is not.
  std::string on_trial_for{};
};

/// A link as it leaves us; afterwards nobody here knows it any more.
struct NewLink {
  std::string recipient;
  LinkSecret secret;
};

/// Why a parcel is not made.
enum class ParcelRefusal {
  upload_unknown,     ///< wrong, expired, or somebody else's
  upload_incomplete,  ///< octets are missing
  too_large,          ///< in sum
};

/// What must be kept until the scan is done. Sealed by the service's key
/// it stands in the database so long; then the row goes, and with it the last way to the files that
/// does not lead over a link.
struct Waiting {
  std::string parcel;
  pki::Secret key;  ///< seals the keys of the files
  std::vector<NewLink> links;
  bool has_password = false;
};

/// The parcels. Thread-safe.
class Parcels {
 public:
  Parcels(Database& database, BlobStore& store, const pki::Seal& seal, const Clock& clock);

  struct Posted {
    Waiting waiting;      ///< with the links: for the relay, which puts them into the mail itself
    std::string receipt;  ///< a code for whoever uploaded: "K7QM-3F9A-…"
  };
  /// Makes a parcel of complete uploads: from here on they are its files. The parcel waits.
  /// REQUIRES: counts and texts are within the settings' limits.
  [[nodiscard]] std::variant<Posted, ParcelRefusal> post(const ParcelWish& wish,
                                                         std::uint64_t octets_limit);

  [[nodiscard]] std::optional<Parcel> find(const std::string& id) const;
  /// The owner's, newest first; those that have ended too, as long as their traces are kept.
  /// Answers on their way into the owner's mailbox are not listed.
  [[nodiscard]] std::vector<Parcel> of(const Address& owner, std::size_t limit) const;
  /// Everybody's, in the same order.
  [[nodiscard]] std::vector<Parcel> all(std::size_t limit) const;
  [[nodiscard]] std::vector<LinkState> links(const std::string& id) const;
  [[nodiscard]] std::vector<ParcelEvent> events(const std::string& id) const;
  /// What a receipt's code stands for. Blanks, dashes and case do not matter.
  [[nodiscard]] std::optional<Parcel> by_receipt(std::string_view code) const;

  // --- what its owner may do. False if there is no such thing (any more).
  bool extend(const std::string& id, Time expires);
  /// Erases all.
  bool recall(const std::string& id);
  /// Takes one recipient's link away.
  bool recall(const std::string& id, const std::string& recipient);

  /// Erases it with all traces: it was never sent.
  void forget(const std::string& id);

  // --- what the relay does with those that leave by a mail of its own
  /// The mail is ours: no longer on trial.
  void keep(const std::string& id);
  struct OnTrial {
    std::string parcel;
    std::string mail;  ///< as in the wish
  };
  [[nodiscard]] std::vector<OnTrial> on_trial() const;

  // --- what the daemon does with those that wait
  /// The ids whose time has come.
  [[nodiscard]] std::vector<std::string> due() const;
  [[nodiscard]] std::optional<Waiting> waiting(const std::string& id) const;
  void postpone(const std::string& id, Time next_try);
  /// Its files are clean: they can be fetched, and `notices` leave, but for those whose link was
  /// recalled in the meantime. From here on only the links open it. Nothing happens if it was
  /// recalled as a whole, or has expired. Lets one out of quarantine, too.
  void release(const std::string& id, const std::vector<Mail>& notices, Outbox& outbox);
  /// Locks it away until `until`, then it is erased: no link leads to it, and release() lets it
  /// out.
  void quarantine(const std::string& id, Time until);
  /// The file's key. REQUIRES: `key` is the parcel's.
  [[nodiscard]] pki::Secret file_key(const Parcel& parcel, const ParcelFile& file,
                                     const pki::Secret& key) const;

  void note_event(const std::string& id, const ParcelEvent& event);
  /// Notes that `recipient` has fetched these files. Returns those that he had not fetched before.
  [[nodiscard]] std::vector<ParcelFile> note_fetched(const std::string& id,
                                                     const std::string& recipient,
                                                     const std::vector<ParcelFile>& files);

  struct Ending {
    Parcel parcel;
    std::vector<std::string> waiting_for;  ///< recipients who have fetched nothing
  };
  /// Those that end before `when`, whose owner was not warned and somebody has fetched nothing.
  [[nodiscard]] std::vector<Ending> ending(Time when) const;
  /// Those of `files` that neither an upload nor a parcel has.
  [[nodiscard]] std::vector<FileId> unknown(const std::vector<FileId>& files) const;

  /// Erases what has expired, and the traces of what ended longer ago than `traces`. Returns how
  /// many parcels were erased.
  std::size_t sweep(std::chrono::seconds traces);

 private:
  [[nodiscard]] std::variant<std::vector<Upload>, ParcelRefusal> gather(
      const ParcelWish& wish) const;
  /// False if somebody else has taken one of the uploads in the meantime; nothing is written then.
  [[nodiscard]] bool write_parcel(const ParcelWish& wish, const std::vector<Upload>& uploads,
                                  const Waiting& waiting, const std::string& receipt);
  /// Of everybody if `owner` is empty.
  [[nodiscard]] std::vector<Parcel> newest(const std::string& owner, std::size_t limit) const;
  [[nodiscard]] std::vector<std::string> waiting_for(const std::string& id) const;
  /// Takes links, keys and files away; the row stays for its traces.
  /// `only_before`: only if it expires until then; it may have been extended just now.
  bool end(const std::string& id, ParcelState how, std::optional<Time> only_before = {});

  Database& database_;
  BlobStore& store_;
  const pki::Seal& seal_;
  const Clock& clock_;
};

}  // namespace siegel::transfer
