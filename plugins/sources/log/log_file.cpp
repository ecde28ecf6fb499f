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
constexpr ::mode_t kFileMode = 0640;

// Long columns come last: a row that overflows its page is read no further than it is needed.
constexpr const char* kSchema = R"(
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    time_us INTEGER NOT NULL,
    name_hash INTEGER NOT NULL,
    checksum INTEGER,
    id TEXT NOT NULL, source TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,
    extensions TEXT NOT NULL, data TEXT NOT NULL
  );
)";

// What schema 2 has beside the events: names that are entered many at a time, and when events were stored.
constexpr const char* kSchema2 = R"(
  CREATE TABLE names (name_hash INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (name_hash, seq)) WITHOUT ROWID;
  CREATE TABLE marks (seq INTEGER PRIMARY KEY, stored_us INTEGER NOT NULL);
  INSERT INTO meta SELECT 'named', ifnull(max(seq), 0) FROM events;
)";

// Schema 3 ages events by a clock of its own, and has a checksum with each. Before, marks were made by the wall clock,
// which may have gone back, and events had none: what was not noted when it was stored nobody can check.
constexpr const char* kFromSchema2 = "ALTER TABLE events ADD COLUMN checksum INTEGER";
constexpr const char* kSchema3 = R"(
  CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), aged_us INTEGER NOT NULL, wall_us INTEGER NOT NULL,
                      mono_ns INTEGER NOT NULL, boot TEXT NOT NULL);
  UPDATE marks SET stored_us = (SELECT max(stored_us) FROM marks AS earlier WHERE earlier.seq <= marks.seq);
  INSERT INTO clock SELECT 1, newest, newest, 0, '' FROM (SELECT max(stored_us) AS newest FROM marks)
    WHERE newest IS NOT NULL;
)";

// Schema 1 entered each name by itself, into an index.
constexpr const char* kFromSchema1 = R"(
  INSERT INTO names SELECT name_hash, seq FROM events ORDER BY name_hash, seq;
  DROP INDEX events_by_name;
)";

// A commit returns when its frames of the journal are on the disk. The journal goes to the file in steps of 16 MiB,
// which costs less than SQLite's 4 MiB: some pages are met again and again. What is deleted is overwritten where that
// costs no write of its own.
constexpr const char* kTuning = R"(
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -32768;
  PRAGMA secure_delete = FAST;
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

void make_schema(Database& db, std::int64_t from) {
  if (from == kSchemaVersion) return;
  Transaction transaction(db);
  if (from == 0) {
    db.execute(kSchema);
    db.execute("INSERT INTO meta VALUES ('epoch', '" + new_epoch() + "')");
    db.execute("PRAGMA application_id = " + std::to_string(kApplicationId));
  }
  if (from < 2) db.execute(kSchema2);
  if (from == 1) db.execute(kFromSchema1);
  if (from != 0) db.execute(kFromSchema2);
  db.execute(kSchema3);
  db.execute("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  transaction.commit();
}

}  // namespace

std::int64_t schema_of(const std::string& path, Database& db) {
  const std::int64_t application = db.integer("PRAGMA application_id");
  const std::int64_t version = db.integer("PRAGMA user_version");
  if (application == 0 && db.integer("SELECT count(*) FROM sqlite_schema") == 0) return 0;
  if (application != kApplicationId)
    throw refused(path, "is the SQLite database of another application", "change `path`");
  if (version > kSchemaVersion)
    throw refused(path,
                  "was written by a newer statecast (schema " + std::to_string(version) + ", this one knows " +
                      std::to_string(kSchemaVersion) + ")",
                  "upgrade statecast, or change `path`");
  return version;
}

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

// Nothing but damage is for ever: space is freed, disks are mounted again.
Failure not_done(const std::string& path, const char* verb, const SqlError& error) {
  if (error.code() == SQLITE_CORRUPT || error.code() == SQLITE_NOTADB)
    return {SC_FAILED, path + ": is damaged (" + error.what() + "): restore it from a backup"};
  if (error.code() == SQLITE_FULL)
    return {SC_RETRY, "disk full: " + path + " cannot grow: free some space there, and publishing goes on"};
  return {SC_RETRY, path + ": cannot be " + verb + " (" + error.what() + ")"};
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
      finding_(look_back()),
      epoch_(writer_.text("SELECT value FROM meta WHERE name = 'epoch'")),
      mark_(path_),
      watch_(path_) {}

// From here on only what is yet to come is in the journal alone.
std::string LogFile::look_back() {
  const std::string finding = begin_history_if_lost();
  carry_over();
  return finding;
}

// A file that ends before what was acknowledged: who was told of what is lost must not take what comes in its place for it.
std::string LogFile::begin_history_if_lost() {
  const auto mark = NewestMark::read(path_);
  if (!mark) return "";
  const auto newest = static_cast<std::uint64_t>(writer_.integer("SELECT max(seq) FROM events"));
  const std::string epoch = writer_.text("SELECT value FROM meta WHERE name = 'epoch'");
  const bool same = mark->epoch == epoch;
  if (same ? mark->newest <= newest : mark->newest == 0 || newest != 0) return "";
  const std::string journal = same ? keep_journal() : kept_journal_;
  if (!same)
    return path_ + " is new: the log that was here before, with events up to number " + std::to_string(mark->newest) + ", is gone" + journal;
  writer_.execute("UPDATE meta SET value = '" + new_epoch() + "' WHERE name = 'epoch'");
  return path_ + ": the events " + std::to_string(newest + 1) + " to " + std::to_string(mark->newest) +
         " were acknowledged, and the file does not have them: it was restored from a backup, or its journal was damaged" + journal +
         ". A new history begins, so that states and clients begin anew";
}

// Before the first write takes its place.
std::string LogFile::keep_journal() {
  namespace fs = std::filesystem;
  std::error_code error;
  const std::string journal = path_ + "-wal", kept = journal + ".damaged";
  if (const auto size = fs::file_size(journal, error); error || size == 0) return "";
  fs::copy_file(journal, kept, fs::copy_options::overwrite_existing, error);
  return error ? "" : " (the journal is kept as " + kept + ")";
}

void LogFile::expect_there() const {
  if (const auto fault = watch_.fault()) throw Failure(*fault);
}

void LogFile::expect_whole() {
  const auto fault = watch_.fault_of_size();
  if (fault) carry_over();
  carried_over_ = fault.has_value();
  if (fault) throw Failure(*fault);
}

// A journal that was deleted is still open, and has what was acknowledged since it was last carried over to the file.
// Where that was deleted too, nothing is lost by it.
void LogFile::carry_over() try {
  if (!carried_over_) writer_.execute("PRAGMA wal_checkpoint(FULL)");
} catch (const SqlError&) {
  // It is told that the files are not what they were; more cannot be done.
}

Database LogFile::open() {
  ::close(open_file(path_, path_));
  Database db(path_, Database::Mode::kReadWrite);
  const std::int64_t schema = schema_of(path_, db);
  if (schema == 0 && NewestMark::read(path_)) kept_journal_ = keep_journal();
  if (db.text("PRAGMA journal_mode = WAL") != "wal")
    throw refused(path_, "its file system cannot share memory between connections", "put the log on a local disk");
  db.execute(kTuning);
  make_schema(db, schema);
  return db;
}

}  // namespace statecast::log
