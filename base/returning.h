#pragma once

namespace siegel {

/// Gives a place of a semaphore back, however the scope is left. REQUIRES: it was acquired.
template <typename Semaphore>
class Returning {
 public:
  explicit Returning(Semaphore& semaphore) : semaphore_(semaphore) {}
  Returning(const Returning&) = delete;
  Returning& operator=(const Returning&) = delete;
  ~Returning() { semaphore_.release(); }

 private:
  Semaphore& semaphore_;
};

}  // namespace siegel
