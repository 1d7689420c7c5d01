#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "config/transfer.h"
#include "gateway/mail/detach.h"
#include "gateway/transfer/letter.h"
#include "gateway/transfer/parcel.h"

/// What our mails say, in German and in English. Everything that others wrote is quoted or stands
/// in a table, so that nobody takes it for our words.
namespace siegel::transfer::letters {

/// How we call ourselves in all of them.
struct House {
  std::string name;    ///< the authority's
  std::string url;     ///< "https://dateien.stadt.example"
  bool scans = false;  ///< for viruses

  [[nodiscard]] std::string link(const std::string& secret) const { return url + "/d/" + secret; }
  /// To a whole message.
  [[nodiscard]] std::string message_link(const std::string& secret) const {
    return url + "/m/" + secret;
  }
};

[[nodiscard]] House house_of(const config::TransferSettings& settings);

/// To a recipient: his link.
[[nodiscard]] Wording files_for_you(const House& house, const Parcel& parcel,
                                    const std::string& secret, bool has_password);
/// To a mailbox: a citizen has sent something.
[[nodiscard]] Wording files_arrived(const House& house, const Parcel& parcel,
                                    const std::string& secret);
/// In a mail, in place of the attachments that were taken out of it.
[[nodiscard]] mail::Insertion attachments_by_link(const House& house, const Parcel& parcel,
                                                  const std::string& secret);
/// To the owner: somebody fetched these files for the first time.
[[nodiscard]] Wording fetched(const House& house, const Parcel& parcel,
                              const std::string& recipient, const std::vector<ParcelFile>& files);
/// To the owner: a notice did not reach its recipient; `why` says the relay.
[[nodiscard]] Wording undeliverable(const House& house, const Parcel& parcel,
                                    const std::string& recipient, const std::string& why);
/// To the owner: the scanner found something, all is erased.
[[nodiscard]] Wording infected(const House& house, const Parcel& parcel, const std::string& file,
                               const std::string& virus);
/// To the owner: the scanner is away, and the files wait.
[[nodiscard]] Wording delayed(const House& house, const Parcel& parcel);
/// To the owner: the scanner cannot look into a file, and the settings refuse such.
[[nodiscard]] Wording unscannable(const House& house, const Parcel& parcel,
                                  const std::string& file);
/// To the owner: it ends soon, and these have not fetched anything.
[[nodiscard]] Wording ends_soon(const House& house, const Parcel& parcel,
                                const std::vector<std::string>& waiting_for);
/// To the owner: too many wrong passwords at a link.
[[nodiscard]] Wording locked(const House& house, const Parcel& parcel, const std::string& recipient,
                             Time until);
/// To somebody who asks to sign in.
[[nodiscard]] Wording sign_in(const House& house, const std::string& secret);
/// To somebody who may upload something once.
[[nodiscard]] Wording invitation(const House& house, const std::string& from,
                                 const std::string& message, const std::string& secret,
                                 Time expires);

/// "3,4 MB", "12 KB": powers of 1024, with the language's decimal mark.
[[nodiscard]] std::string size_in_words(std::uint64_t octets, char decimal_mark);

}  // namespace siegel::transfer::letters
