#include "host/config/includes.hpp"

#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>

#include "host/config/merge.hpp"
#include "host/config/text_file.hpp"
#include "host/config/yaml_reader.hpp"

namespace statecast::host {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWildcards = "*?[";

bool is_pattern(std::string_view text) { return text.find_first_of(kWildcards) != std::string_view::npos; }

// The folder of the configuration is meant as it is, whatever its name.
std::string literally(const fs::path& folder) {
  std::string text;
  for (const char c : folder.string()) {
    if (c == '\\' || kWildcards.find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

thread_local std::string unreadable_folder;  // glob's callback has no context of its own

int on_glob_error(const char* folder, int error) {
  if (error == ENOENT || error == ENOTDIR) return 0;
  unreadable_folder = std::string(folder) + ": " + std::generic_category().message(error);
  return 1;
}

class Includes {
 public:
  Includes(Document& document, Report& report)
      : document_(document), report_(report), folder_(fs::path(document.files().front().name()).parent_path()) {
    seen_.insert(identity(document.files().front().name()));
  }

  bool read(const YamlNode& list) {
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      const YamlNode& item = list.items[i];
      if (item.kind != YamlNode::Kind::text || item.text.empty()) continue;  // the schema has something to say
      for (const fs::path& file : files_of(item.text, i)) read_file(file, i);
    }
    return complete_;
  }

 private:
  static Path place(std::size_t item) { return (Path() / "include")[item]; }

  static std::string identity(const fs::path& file) {
    std::error_code error;
    const fs::path canonical = fs::weakly_canonical(fs::absolute(file), error);
    return error ? file.string() : canonical.string();
  }

  void refuse(std::size_t item, std::string message, std::string fix) {
    report_.at_value(place(item), "include", std::move(message)).fix = std::move(fix);
    complete_ = false;
  }

  std::vector<fs::path> files_of(const std::string& written, std::size_t item) {
    if (!is_pattern(written)) return {folder_ / written};
    const std::string pattern = (fs::path(literally(folder_)) / written).string();
    glob_t found{};
    unreadable_folder.clear();
    const int status = ::glob(pattern.c_str(), 0, on_glob_error, &found);
    std::vector<fs::path> files(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    if (status != 0 && status != GLOB_NOMATCH)
      refuse(item, "can't look for files: " + (unreadable_folder.empty() ? "out of memory" : unreadable_folder),
             "let the user that runs statecast read the folder");
    std::sort(files.begin(), files.end());
    return files;
  }

  void read_file(const fs::path& file, std::size_t item) {
    if (!seen_.insert(identity(file)).second) return;
    if (seen_.size() > kMostIncludedFiles + 1) {
      if (seen_.size() == kMostIncludedFiles + 2)
        refuse(item, "more than " + std::to_string(kMostIncludedFiles) + " files", "name a narrower pattern");
      return;
    }
    const TextFile read = read_text_file(file, kLargestConfigFile);
    if (read.fault != TextFile::Fault::none) return refuse_file(read, file, item);
    std::optional<YamlNode> root =
        read_yaml(read.text, document_.add_file(file.string(), read.text), document_, report_);
    if (!root) {
      complete_ = false;
      return;
    }
    refuse_nested(*root);
    merge(document_.root(), std::move(*root), report_);
  }

  void refuse_file(const TextFile& read, const fs::path& file, std::size_t item) {
    using Fault = TextFile::Fault;
    const std::string name = "'" + file.string() + "'";
    if (read.fault == Fault::missing)
      refuse(item, "there is no file " + name, "create it, or don't name it here; a pattern such as conf.d/*.yaml may match nothing");
    else if (read.fault == Fault::not_regular)
      refuse(item, name + " is no regular file", "name a YAML file");
    else if (read.fault == Fault::too_large)
      refuse(item, name + " is larger than 1MiB", "name a YAML file");
    else
      refuse(item, name + " can't be read: " + read.error.message(), "let the user that runs statecast read it");
  }

  void refuse_nested(YamlNode& root) {
    std::erase_if(root.entries, [&](const YamlEntry& entry) {
      if (entry.key != "include") return false;
      report_.at_place(Path() / "include", entry.key_place, "include", "an included file can't include others").fix =
          "name the files in the 'include' of " + document_.files().front().name();
      complete_ = false;
      return true;
    });
  }

  Document& document_;
  Report& report_;
  fs::path folder_;
  std::set<std::string> seen_;
  bool complete_ = true;
};

}  // namespace

bool read_includes(Document& document, Report& report) {
  const YamlNode* include = document.root().find("include");
  if (!include || include->kind != YamlNode::Kind::list) return true;
  const YamlNode list = *include;  // merging moves the tree's nodes about
  return Includes(document, report).read(list);
}

}  // namespace statecast::host
