#include "tests/support/power_vfs/power_vfs.hpp"

#include <cstring>
#include <map>
#include <memory>
#include <mutex>

namespace statecast::test {

namespace {

// The images of all files by name. They stay when the last connection closes, as a page cache does.
class Images {
 public:
  void begin(Disk disk, unsigned seed) { disk_ = disk, seed_ = seed; }

  Image& of(const char* name) {
    const std::lock_guard lock(mutex_);
    auto& image = images_[name];
    if (!image) image = std::make_unique<Image>(disk_, seed_ + static_cast<unsigned>(images_.size()));
    return *image;
  }

  Image* find(const char* name) {
    const std::lock_guard lock(mutex_);
    const auto found = images_.find(name);
    return found == images_.end() ? nullptr : found->second.get();
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    images_.clear();
  }

 private:
  Disk disk_ = Disk::kLoses;
  unsigned seed_ = 0;
  std::mutex mutex_;  // guards images_
  std::map<std::string, std::unique_ptr<Image>> images_;
};

// Never destroyed: threads may still write while the process exits.
Images& images() {
  static Images& images = *new Images;
  return images;
}

// SQLite's own layer; it keeps its file right behind ours.
sqlite3_vfs* system_vfs() { return sqlite3_vfs_find("unix"); }

struct File : sqlite3_file {
  Image* image;

  static File& of(sqlite3_file* file) { return *static_cast<File*>(file); }
  static sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(&of(file) + 1); }
};

const sqlite3_io_methods& real_methods(sqlite3_file* file) { return *File::real(file)->pMethods; }

int close(sqlite3_file* file) { return real_methods(file).xClose(File::real(file)); }

int read(sqlite3_file* file, void* bytes, int n, sqlite3_int64 offset) { return File::of(file).image->read(bytes, n, offset); }

int write(sqlite3_file* file, const void* bytes, int n, sqlite3_int64 offset) {
  return File::of(file).image->write(File::real(file), bytes, n, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) { return File::of(file).image->truncate(size); }

int sync(sqlite3_file* file, int) { return File::of(file).image->sync(File::real(file)); }

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = File::of(file).image->size();
  return SQLITE_OK;
}

int lock(sqlite3_file* file, int level) { return real_methods(file).xLock(File::real(file), level); }
int unlock(sqlite3_file* file, int level) { return real_methods(file).xUnlock(File::real(file), level); }
int check_lock(sqlite3_file* file, int* out) { return real_methods(file).xCheckReservedLock(File::real(file), out); }

// What would reach past the image to the real file's bytes is left out.
int control(sqlite3_file* file, int operation, void* argument) {
  if (operation == SQLITE_FCNTL_SIZE_HINT || operation == SQLITE_FCNTL_MMAP_SIZE) return SQLITE_NOTFOUND;
  return real_methods(file).xFileControl(File::real(file), operation, argument);
}

int sector_size(sqlite3_file* file) { return real_methods(file).xSectorSize(File::real(file)); }
int characteristics(sqlite3_file* file) { return real_methods(file).xDeviceCharacteristics(File::real(file)); }

// The memory that connections share is rebuilt by the first that opens the file again, so it may stay as it is.
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return real_methods(file).xShmMap(File::real(file), page, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  return real_methods(file).xShmLock(File::real(file), offset, n, flags);
}
void shm_barrier(sqlite3_file* file) { real_methods(file).xShmBarrier(File::real(file)); }
int shm_unmap(sqlite3_file* file, int remove) { return real_methods(file).xShmUnmap(File::real(file), remove); }

constexpr sqlite3_io_methods kMethods{
    .iVersion = 2,  // without xFetch, which maps the real file
    .xClose = close, .xRead = read, .xWrite = write, .xTruncate = truncate, .xSync = sync, .xFileSize = file_size,
    .xLock = lock, .xUnlock = unlock, .xCheckReservedLock = check_lock, .xFileControl = control,
    .xSectorSize = sector_size, .xDeviceCharacteristics = characteristics,
    .xShmMap = shm_map, .xShmLock = shm_lock, .xShmBarrier = shm_barrier, .xShmUnmap = shm_unmap,
    .xFetch = nullptr, .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
  constexpr int kKept = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
  if ((flags & kKept) == 0 || name == nullptr) return system_vfs()->xOpen(system_vfs(), name, file, flags, out_flags);
  file->pMethods = nullptr;
  sqlite3_file* real = File::real(file);
  int result = system_vfs()->xOpen(system_vfs(), name, real, flags, out_flags);
  if (result != SQLITE_OK) return result;
  Image& image = images().of(name);
  result = image.load(real);
  if (result != SQLITE_OK) {
    real->pMethods->xClose(real);
    return result;
  }
  File::of(file).image = &image;
  file->pMethods = &kMethods;
  return SQLITE_OK;
}

int remove_file(sqlite3_vfs*, const char* name, int sync_folder) {
  const int result = system_vfs()->xDelete(system_vfs(), name, sync_folder);
  if (Image* image = images().find(name); image != nullptr && result == SQLITE_OK) image->remove();
  return result;
}

// An empty file counts as none to SQLite; what is in an image counts as well.
int check_access(sqlite3_vfs*, const char* name, int flags, int* out) {
  const int result = system_vfs()->xAccess(system_vfs(), name, flags, out);
  Image* image = images().find(name);
  if (result == SQLITE_OK && flags == SQLITE_ACCESS_EXISTS && image != nullptr && image->size() > 0) *out = 1;
  return result;
}

sqlite3_vfs& power_vfs() {
  static sqlite3_vfs& vfs = *new sqlite3_vfs(*system_vfs());
  return vfs;
}

}  // namespace

void register_power_vfs(Disk disk, unsigned seed) {
  images().begin(disk, seed);
  sqlite3_vfs& vfs = power_vfs();
  vfs.zName = "power";
  vfs.szOsFile = static_cast<int>(sizeof(File)) + system_vfs()->szOsFile;
  vfs.xOpen = open_file;
  vfs.xDelete = remove_file;
  vfs.xAccess = check_access;
  sqlite3_vfs_register(&vfs, 1);
}

void unregister_power_vfs() {
  sqlite3_vfs_unregister(&power_vfs());
  images().clear();
}

}  // namespace statecast::test
