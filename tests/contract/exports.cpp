// What a library shows to the dynamic linker: its entry and nothing else, so that no two plugins can meet there.
#include <elf.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/contract/contract.hpp"

namespace statecast::contract {
namespace {

struct Symbol {
  std::string name;
  unsigned binding;
};

template <class T>
T read_at(const std::vector<char>& file, std::size_t offset) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) throw std::runtime_error("the ELF file is cut short");
  T value;
  std::memcpy(&value, file.data() + offset, sizeof(T));
  return value;
}

Elf64_Shdr section(const std::vector<char>& file, std::size_t i) {
  const auto header = read_at<Elf64_Ehdr>(file, 0);
  return read_at<Elf64_Shdr>(file, header.e_shoff + i * header.e_shentsize);
}

void collect(const std::vector<char>& file, const Elf64_Shdr& table, std::vector<Symbol>& out) {
  const Elf64_Shdr strings = section(file, table.sh_link);
  for (std::size_t at = 0; at < table.sh_size; at += sizeof(Elf64_Sym)) {
    const auto symbol = read_at<Elf64_Sym>(file, table.sh_offset + at);
    if (symbol.st_shndx == SHN_UNDEF || symbol.st_name == 0) continue;
    out.push_back({file.data() + strings.sh_offset + symbol.st_name, ELF64_ST_BIND(symbol.st_info)});
  }
}

// The defined symbols of every table of one type: SHT_DYNSYM or SHT_SYMTAB.
std::vector<Symbol> symbols(const std::filesystem::path& library, Elf64_Word table_type) {
  std::ifstream in(library, std::ios::binary);
  const std::vector<char> file{std::istreambuf_iterator<char>(in), {}};
  std::vector<Symbol> found;
  for (std::size_t i = 0; i < read_at<Elf64_Ehdr>(file, 0).e_shnum; ++i) {
    const Elf64_Shdr table = section(file, i);
    if (table.sh_type == table_type) collect(file, table, found);
  }
  return found;
}

void exports_only_its_entry(const host::Plugin& plugin) {
  std::vector<std::string> names;
  for (const Symbol& symbol : symbols(plugin.library, SHT_DYNSYM)) {
    if (symbol.binding != STB_LOCAL) names.push_back(symbol.name);
  }
  EXPECT_EQ(names, std::vector<std::string>{SC_ENTRY_SYMBOL});
}

void has_no_unique_symbols(const host::Plugin& plugin) {
  for (const Elf64_Word type : {SHT_DYNSYM, SHT_SYMTAB}) {
    for (const Symbol& symbol : symbols(plugin.library, type)) {
      EXPECT_NE(symbol.binding, static_cast<unsigned>(STB_GNU_UNIQUE)) << symbol.name;
    }
  }
}

}  // namespace

void add_export_tests(const host::PluginCatalog& catalog) {
  for (const auto& plugin : catalog.plugins()) {
    add(*plugin, "ItsLibraryExportsOnlyTheEntry", exports_only_its_entry);
    add(*plugin, "ItsLibraryHasNoUniqueSymbols", has_no_unique_symbols);
  }
}

}  // namespace statecast::contract
