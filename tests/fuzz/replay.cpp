// Runs a fuzz target without a fuzzer: over every file of a corpus, and over so many inputs made from them, the same ones
// each time.
//   replay <folder> <inputs>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Corpus = std::vector<std::string>;

Corpus read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  Corpus corpus;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return corpus;
}

void run(const std::string& input) { LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()); }

class Mutations {
 public:
  explicit Mutations(const Corpus& corpus) : corpus_(corpus) {}

  std::string next() {
    std::string input = some();
    for (auto changes = 1 + below(4); changes != 0; --changes) change(input);
    return input;
  }

 private:
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  const std::string& some() { return corpus_[below(corpus_.size())]; }

  std::string part_of(const std::string& text) {
    const auto from = below(text.size());
    return text.substr(from, 1 + below(std::min<std::size_t>(64, text.size() - from)));
  }

  void change(std::string& input) {
    static constexpr std::string_view kOdd("\r\n\t :;,\0\x16\x7f\xff", 11);
    const auto at = below(input.size() + 1);
    switch (below(6)) {
      case 0: input.insert(at, part_of(some())); break;
      case 1: input.erase(at, 1 + below(16)); break;
      case 2: input.insert(at, 1, kOdd[below(kOdd.size())]); break;
      case 3: input.insert(at, 1 + below(3000), static_cast<char>(32 + below(95))); break;
      case 4: input = input.substr(0, at) + some(); break;
      default:
        if (at < input.size()) input[at] = static_cast<char>(below(256));
    }
  }

  const Corpus& corpus_;
  std::mt19937_64 random_{20260101};
};

}  // namespace

int main(int arguments, char** argument) {
  if (arguments != 3) return std::fprintf(stderr, "replay <folder> <inputs>\n"), 2;
  const Corpus corpus = read_corpus(argument[1]);
  if (corpus.empty()) return std::fprintf(stderr, "replay: %s holds no file\n", argument[1]), 1;
  std::ranges::for_each(corpus, run);
  Mutations mutations(corpus);
  const long inputs = std::strtol(argument[2], nullptr, 10);
  for (long i = 0; i < inputs; ++i) run(mutations.next());
  std::printf("%zu files and %ld inputs made from them\n", corpus.size(), inputs);
}
