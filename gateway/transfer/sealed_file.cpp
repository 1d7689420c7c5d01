#include "gateway/transfer/sealed_file.h"

#include <algorithm>

#include "base/error.h"

namespace siegel::transfer {
namespace {

/// An empty file has one chunk too: its end must be authentic like any other.
std::uint64_t last_chunk(std::uint64_t length) {
  return length == 0 ? 0 : (length - 1) / chunk_octets;
}

std::size_t chunk_size(std::uint64_t length, std::uint64_t index) {
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(chunk_octets, length - index * chunk_octets));
}

ChunkPlace place_in(std::uint64_t length, std::uint64_t index) {
  using enum ChunkPlace::Kind;
  return {index, index == last_chunk(length) ? last : inner};
}

}  // namespace

std::uint64_t sealed_length(std::uint64_t length) {
  return length + (last_chunk(length) + 1) * chunk_overhead;
}

// --- SealedWriter

SealedWriter::SealedWriter(BlobStore& store, const SealedFile& file)
    : store_(store),
      id_(file.id),
      length_(file.length),
      cipher_(file.key, file.id),
      blob_(store.append(file.id)),
      plain_(chunk_octets),
      sealed_(sealed_chunk_octets) {
  go_to_end();
  if (is_complete_) return;
  take_tail();
  if (octets_of_chunk(index_) == filled_) flush();  // the file is empty, or the tail was full
}

std::size_t SealedWriter::octets_of_chunk(std::uint64_t index) const noexcept {
  return chunk_size(length_, index);
}

ChunkPlace SealedWriter::place(std::uint64_t index) const noexcept {
  return place_in(length_, index);
}

void SealedWriter::go_to_end() {
  const std::uint64_t whole = length_ / chunk_octets;  // chunks of full size
  std::uint64_t chunks = std::min(blob_->size() / sealed_chunk_octets, whole);
  if (blob_->size() == sealed_length(length_) && opens(last_chunk(length_))) {
    index_ = last_chunk(length_);
    filled_ = octets_of_chunk(index_);
    is_complete_ = true;
    return;
  }
  // A machine that lost its power may have kept the length of a file and not its octets.
  while (chunks > 0 && !opens(chunks - 1)) --chunks;
  blob_->cut(chunks * sealed_chunk_octets);
  index_ = chunks;
}

bool SealedWriter::opens(std::uint64_t index) {
  const auto sealed = std::span(sealed_).first(octets_of_chunk(index) + chunk_overhead);
  return blob_->read(index * sealed_chunk_octets, sealed) == sealed.size() &&
         cipher_.open(place(index), sealed, plain_);
}

/// One that belongs to a chunk that has been written since opens at another place only.
void SealedWriter::take_tail() {
  const std::string tail = store_.tail(id_);
  if (tail.size() < chunk_overhead || tail.size() - chunk_overhead > octets_of_chunk(index_))
    return;
  if (cipher_.open({index_, ChunkPlace::Kind::tail}, tail, plain_))
    filled_ = tail.size() - chunk_overhead;
}

std::span<char> SealedWriter::room() noexcept {
  if (is_complete_) return {};
  return std::span(plain_).subspan(filled_, octets_of_chunk(index_) - filled_);
}

void SealedWriter::advance(std::size_t octets) {
  filled_ += octets;
  if (filled_ == octets_of_chunk(index_)) flush();
}

void SealedWriter::flush() {
  const auto sealed = std::span(sealed_).first(filled_ + chunk_overhead);
  cipher_.seal(place(index_), std::span(plain_).first(filled_), sealed);
  blob_->append(sealed);
  is_complete_ = index_ == last_chunk(length_);
  if (is_complete_) return;
  ++index_;
  filled_ = 0;
}

std::uint64_t SealedWriter::end_here() {
  if (is_complete_) return length_;
  if (filled_ == 0 && index_ > 0) {
    // The last chunk was sealed as one that others follow.
    if (!opens(--index_))
      throw Error(Fault::world, "the file could not be stored; send it again",
                  "vault file " + id_.str() + ", chunk " + std::to_string(index_));
    filled_ = chunk_octets;
    blob_->cut(index_ * sealed_chunk_octets);
  }
  length_ = offset();
  flush();
  return length_;
}

SealedWriter::Mark SealedWriter::mark() const {
  return {index_, {plain_.begin(), plain_.begin() + static_cast<std::ptrdiff_t>(filled_)}};
}

void SealedWriter::return_to(const Mark& mark) {
  blob_->cut(mark.index * sealed_chunk_octets);
  index_ = mark.index;
  filled_ = mark.begun.size();
  is_complete_ = false;
  std::ranges::copy(mark.begun, plain_.begin());
}

void SealedWriter::sync() {
  blob_->sync();
  if (is_complete_ || filled_ == 0) return;
  const auto sealed = std::span(sealed_).first(filled_ + chunk_overhead);
  cipher_.seal({index_, ChunkPlace::Kind::tail}, std::span(plain_).first(filled_), sealed);
  store_.put_tail(id_, {sealed.data(), sealed.size()});
}

// --- SealedReader

SealedReader::SealedReader(const BlobStore& store, const SealedFile& file)
    : id_(file.id),
      length_(file.length),
      cipher_(file.key, file.id),
      blob_(store.read(file.id)),
      plain_(chunk_octets),
      sealed_(sealed_chunk_octets) {
  if (!blob_)
    throw Error(Fault::world, "a file is not in the store just now; try again later",
                "the vault has no " + id_.str());
}

std::string_view SealedReader::read(std::uint64_t offset) {
  if (offset >= length_ && length_ != 0) return {};
  const std::uint64_t index = offset / chunk_octets;
  if (open_ != index) open(index);
  const auto begin = static_cast<std::size_t>(offset - index * chunk_octets);
  return std::string_view(plain_.data(), chunk_size(length_, index)).substr(begin);
}

void SealedReader::open(std::uint64_t index) {
  const auto sealed = std::span(sealed_).first(chunk_size(length_, index) + chunk_overhead);
  open_.reset();
  if (blob_->read(index * sealed_chunk_octets, sealed) != sealed.size() ||
      !cipher_.open(place_in(length_, index), sealed, plain_))
    throw Error(Fault::ours,
                "a file is damaged and cannot be given out; its sender must send it "
                "again",
                "vault file " + id_.str() + ", chunk " + std::to_string(index));
  open_ = index;
}

}  // namespace siegel::transfer
