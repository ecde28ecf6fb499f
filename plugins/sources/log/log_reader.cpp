#include "plugins/sources/log/log_reader.hpp"

#include <statecast/sequence.hpp>

#include "plugins/sources/log/log_file.hpp"

namespace statecast::log {

LogReader::LogReader(const Host& host, const std::string& path, const Extent& extent, Waiters& waiters,
                     std::uint64_t next)
    : host_(host),
      path_(path),
      extent_(extent),
      waiter_(waiters),
      next_(next),
      db_(path, Database::Mode::kReadOnly),
      passage_(db_) {}

bool LogReader::poll(std::size_t max, std::int64_t deadline_ns, const Batch& batch) {
  if (!waiter_.await(host_, deadline_ns, [this] { return extent_.newest >= next_; })) return false;
  batch_ = &batch;
  try {
    next_ = passage_.visit(next_, extent_.newest, max, *this);
  } catch (const SqlError& error) {
    throw not_done(path_, "read", error);
  }
  return true;
}

void LogReader::damaged(std::uint64_t first, std::uint64_t last, std::string_view why) {
  batch_->damaged(position_of(first), position_of(last), last - first + 1, why);
}

// Numbers have no hole but where retention takes away; it says so before it does.
void LogReader::missing(std::uint64_t first, std::uint64_t last) {
  if (first < extent_.oldest) throw gone(first, extent_.oldest);
  damaged(first, last, "the log's file has lost it");
}

}  // namespace statecast::log
