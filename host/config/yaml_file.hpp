// The text of one configuration file, as diagnostics show it. It knows which of its lines may hold access tokens.
//
// Part of a Document. Only main handles it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace statecast::host {

// Where a key or a value stands: from 1, in characters. Line 0 = the file as a whole.
struct Place {
  int line = 0, column = 0, length = 1;
  int file = 0;  // its number in the Document
};

struct YamlNode;

class YamlFile {
 public:
  YamlFile(std::string name, int number, const std::string& text);

  const std::string& name() const { return name_; }
  int number() const { return number_; }
  std::filesystem::path folder() const { return std::filesystem::absolute(name_).parent_path(); }

  // The line as written, empty beyond the end of the file.
  std::string_view line(int number) const;

  // A byte offset within a line, both from 0, as a place of one character.
  Place place(int line, int byte) const;

  // Marks the lines of `access` unless it is plain text, by the tree that was read, or by their look when there is none.
  void hide_tokens_in(const YamlNode& root);
  void hide_tokens_by_look();

  bool has_tokens() const { return first_hidden_ > 0; }
  bool hides(int line) const { return first_hidden_ > 0 && first_hidden_ <= line && line <= last_hidden_; }

 private:
  void hide(int first, int last);

  std::string name_;
  int number_;
  std::vector<std::string> lines_;
  int first_hidden_ = 0, last_hidden_ = 0;
};

}  // namespace statecast::host
