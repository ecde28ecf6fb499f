#include "plugins/sources/log/log_file.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>
#include <statecast/sequence.hpp>
#include <system_error>

namespace statecast::log {

namespace {

constexpr std::int64_t kApplicationId = 0x53636c67;  // "Sclg"; `file` and sqlite3 show it
constexpr std::int64_t kSchemaVersion = 1;
constexpr ::mode_t kFileMode = 0640;

// `name_hash` is fnv1a of source and id (log_source.cpp). Long columns come last: a row that overflows its page is read
// no further than it is needed.
constexpr const char* kSchema = R"(
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    time_us INTEGER NOT NULL,
    name_hash INTEGER NOT NULL,
    id TEXT NOT NULL, source TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,
    extensions TEXT NOT NULL, data TEXT NOT NULL
  );
  CREATE INDEX events_by_name ON events (name_hash);
)";

// A commit returns when its frames of the journal are on the disk. The journal goes to the file in steps of 16 MiB,
// which costs less than SQLite's 4 MiB: pages of the index are met again and again.
constexpr const char* kTuning = R"(
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -32768;
)";

Failure refused(const std::string& path, const std::string& what, const std::string& fix) {
  return {SC_REJECTED, path + ": " + what + ": " + fix};
}

std::string last_system_error() { return std::generic_category().message(errno); }

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

// Opens or makes a file of the log; its mode keeps the events from other users.
int open_file(const std::string& log_path, const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  if (fd < 0)
    throw refused(log_path, "cannot write " + file + " (" + last_system_error() + ")",
                  "let the user that runs statecast write in " + folder_of(log_path) + ", or change `path`");
  return fd;
}

std::string check_path(std::string path) {
  std::error_code ignored;
  if (path.empty()) throw Failure(SC_REJECTED, "`path` is empty: it must name the log's file");
  if (std::filesystem::is_directory(path, ignored)) throw refused(path, "is a folder", "`path` must name a file");
  if (!std::filesystem::is_directory(folder_of(path), ignored))
    throw refused(path, "there is no folder " + folder_of(path),
                  "create it, owned by the user that runs statecast, or change `path`");
  // One file has one lock, also when links lead to it.
  const auto real = std::filesystem::weakly_canonical(path, ignored);
  return ignored ? path : real.string();
}

std::optional<::pid_t> read_pid(int fd) {
  std::array<char, 32> text{};
  const ::ssize_t n = ::pread(fd, text.data(), text.size(), 0);
  ::pid_t pid = 0;
  if (n <= 0 || std::from_chars(text.data(), text.data() + n, pid).ec != std::errc{}) return std::nullopt;
  return pid;
}

Failure in_use(const std::string& path, std::optional<::pid_t> holder) {
  if (holder == ::getpid())
    return refused(path, "is in use by another source of this process", "give each log a `path` of its own");
  return refused(path, "is in use by " + (holder ? "process " + std::to_string(*holder) : "another process"),
                 "stop that process, or give this log a `path` of its own");
}

// Proves that the file is a log that this version can read. True when it is new and has no tables yet.
bool is_new(const std::string& path, Database& db) {
  const std::int64_t application = db.integer("PRAGMA application_id");
  const std::int64_t version = db.integer("PRAGMA user_version");
  if (application == 0 && db.integer("SELECT count(*) FROM sqlite_schema") == 0) return true;
  if (application != kApplicationId)
    throw refused(path, "is the SQLite database of another application", "change `path`");
  if (version > kSchemaVersion)
    throw refused(path,
                  "was written by a newer statecast (schema " + std::to_string(version) + ", this one knows " +
                      std::to_string(kSchemaVersion) + ")",
                  "upgrade statecast, or change `path`");
  return false;
}

}  // namespace

Failure not_opened(const std::string& path, const SqlError& error) {
  const std::string why = std::string(" (") + error.what() + ")";
  switch (error.code()) {
    case SQLITE_NOTADB:
      return refused(path, "is no log of statecast" + why, "move it away, or change `path`");
    case SQLITE_CORRUPT:
      return refused(path, "is damaged" + why, "restore it from a backup, or move it away to begin a new log");
    default:
      return refused(path, "cannot be opened" + why,
                     "see that its disk works and has space, and that the user that runs statecast may write there");
  }
}

FileLock::FileLock(const std::string& log_path) : fd_(open_file(log_path, log_path + ".lock")) {
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const auto holder = read_pid(fd_);
    ::close(fd_);
    throw in_use(log_path, holder);
  }
  // For the message of the next one only: that it cannot be written is no reason not to start.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd_, 0) == 0) (void)!::pwrite(fd_, pid.data(), pid.size(), 0);
}

// The file stays: whoever waits for a lock on a file that was removed would hold nothing.
FileLock::~FileLock() { ::close(fd_); }

LogFile::LogFile(std::string path)
    : path_(check_path(std::move(path))),
      lock_(path_),
      writer_(open()),
      epoch_(writer_.text("SELECT value FROM meta WHERE name = 'epoch'")) {}

Database LogFile::open() {
  ::close(open_file(path_, path_));
  Database db(path_, Database::Mode::kReadWrite);
  const bool fresh = is_new(path_, db);
  if (db.text("PRAGMA journal_mode = WAL") != "wal")
    throw refused(path_, "its file system cannot share memory between connections", "put the log on a local disk");
  db.execute(kTuning);
  if (fresh) make_schema(db);
  return db;
}

void LogFile::make_schema(Database& db) {
  Transaction transaction(db);
  db.execute(kSchema);
  db.execute("INSERT INTO meta VALUES ('epoch', '" + new_epoch() + "')");
  db.execute("PRAGMA application_id = " + std::to_string(kApplicationId));
  db.execute("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  transaction.commit();
}

}  // namespace statecast::log
