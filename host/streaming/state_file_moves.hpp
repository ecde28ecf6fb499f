// How state files change their places: with their journals, which SQLite would else fold into whatever file is there next.
// What cannot be done is a StoreError.
//
// Part of StateFile: included by its sources only.
#pragma once

#include <string>

namespace statecast::host {

inline constexpr const char* kNew = ".new";  // ending of what is to take another's place
inline constexpr const char* kWriteAheadLog = "-wal";

// The first of "<path>.damaged", "<path>.damaged.2", ... that is free. The last one is overwritten when all are taken: a disk
// that goes on damaging files is not filled with them.
std::string aside_of(const std::string& path, const std::string& ending, int at_most);

void rename_file(const std::string& from, const std::string& to);
// Makes sure of a file, with a mode that keeps what states know from other users.
void make_file(const std::string& path);
bool file_exists(const std::string& path);
bool has_journal(const std::string& path);
void remove_with_journals(const std::string& path);
void move_journals(const std::string& from, const std::string& to);
// A power cut finds the names of the folder as they are now.
void sync_folder_of(const std::string& path);

}  // namespace statecast::host
