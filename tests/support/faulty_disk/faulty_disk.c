// A disk that fails when a test says so: stands between a program and the C library's functions that write files.
//
// The environment's FAULTY_DISK names a file. While it is there it says in one line which files fail and how:
//   <path of the files, to which more may follow> <errno, a number> <"write" or "sync">
// Where the number is 0 the call hangs until the file says otherwise. Without the file the disk works.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define PATH_LENGTH 1024

// The errno that a call on this file comes to; 0 = it hangs, -1 = it is carried out.
static int fault_now(int fd, const char *call) {
  const char *name = getenv("FAULTY_DISK");
  FILE *file = name != NULL ? fopen(name, "re") : NULL;
  if (file == NULL) return -1;
  char failing[PATH_LENGTH], failing_call[16];
  int error = -1;
  const int read = fscanf(file, "%1023s %d %15s", failing, &error, failing_call);
  fclose(file);
  if (read != 3 || strcmp(failing_call, call) != 0) return -1;
  char link[64], path[PATH_LENGTH];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t n = readlink(link, path, sizeof path - 1);
  if (n < 0) return -1;
  path[n] = '\0';
  return strncmp(path, failing, strlen(failing)) == 0 ? error : -1;
}

// True when the call is to fail, with errno set.
static int fails(int fd, const char *call) {
  const int before = errno;
  int error = fault_now(fd, call);
  while (error == 0) {
    const struct timespec moment = {0, 10 * 1000 * 1000};
    nanosleep(&moment, NULL);
    error = fault_now(fd, call);
  }
  errno = error > 0 ? error : before;
  return error > 0;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
  return fails(fd, "write") ? -1 : NEXT(pwrite)(fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) {
  return fails(fd, "write") ? -1 : NEXT(pwrite64)(fd, bytes, n, at);
}

int ftruncate(int fd, off_t size) { return fails(fd, "write") ? -1 : NEXT(ftruncate)(fd, size); }

int ftruncate64(int fd, off64_t size) { return fails(fd, "write") ? -1 : NEXT(ftruncate64)(fd, size); }

int fsync(int fd) { return fails(fd, "sync") ? -1 : NEXT(fsync)(fd); }

int fdatasync(int fd) { return fails(fd, "sync") ? -1 : NEXT(fdatasync)(fd); }
