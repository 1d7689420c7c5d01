#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace siegel::portal {

/// Places for messages that lie in memory while they are read: a few for all, one for each link, so
/// that whoever loads his page again and again keeps nobody else out. Thread-safe.
class ReadingPlaces {
 public:
  struct Terms {
    std::size_t places = 2;
    std::chrono::milliseconds patience{std::chrono::seconds(10)};
  };

  ReadingPlaces() : ReadingPlaces(Terms()) {}
  explicit ReadingPlaces(Terms terms) : terms_(terms) {}

  /// A place that was taken, until it is destroyed.
  class Place {
   public:
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { places_.give_back(link_); }

   private:
    friend class ReadingPlaces;
    Place(ReadingPlaces& places, std::string link) : places_(places), link_(std::move(link)) {}

    ReadingPlaces& places_;
    std::string link_;
  };

  /// Waits until there is one. Throws Error{world} if there is none within the patience.
  [[nodiscard]] Place take(const std::string& link);

 private:
  void give_back(const std::string& link);

  Terms terms_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> taken_;  // guarded by mutex_; links
};

}  // namespace siegel::portal
