// SPDX-License-Identifier: GPL-2.0-or-later
// secct craft: makes packets from a packet document or from the name of a message.
#include <exception>
#include <functional>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.hpp"
#include "cli/output.hpp"
#include "generator/document/edit.hpp"
#include "generator/document/yaml.hpp"
#include "generator/handover/handover.hpp"
#include "generator/malformed/catalogue.hpp"

namespace secct::cli {
namespace {

struct CraftArguments {
  std::string file;
  std::string message;
  std::string mutate;
  std::string dut;
  std::vector<std::string> set;
  std::vector<std::string> remove;
  PacketOutput output;
};

// The message of a handover that --message or --mutate names.
DocumentFile from_message(const CraftArguments& options, const GlobalOptions& global) {
  const auto description = global.description(options.dut);
  const auto* entry = options.mutate.empty() ? nullptr : &find_malformed(options.mutate);
  const auto& name = entry != nullptr && options.message.empty() ? entry->message : options.message;
  Counters counters;
  Handover handover(description, Role::nr, 1, 1, counters);
  auto packet = handover.by_name(name);
  if (!packet) {
    const auto names = Handover::names();
    throw UsageError(fmt::format("unknown message '{}'; expected one of {}{}", name,
                                 fmt::join(names, ", "), suggestion(name, names)));
  }
  DocumentFile file{{LinkType::ethernet, {}, {}, {}}, description.codepoints, handover.keyring()};
  if (entry == nullptr) {
    file.document.packets.push_back(std::move(*packet));
    return file;
  }
  const auto variables = handover_variables(handover);
  make_twin(*entry, description.codepoints, variables, file.keys, *packet);
  file.document.packets = malform(*entry, description.codepoints, variables, *packet, file.keys);
  if (entry->twice) file.document.packets.insert(file.document.packets.begin(), *packet);
  for (auto& malformed : file.document.packets) malformed.set_comment(comment(*entry));
  return file;
}

Keyring keyring_of(const CraftArguments& options) {
  if (!options.dut.empty()) return load_description(options.dut).keyring();
  return built_in_description().keyring();
}

// Edits every packet that has the field. Throws NoSuchField if no packet has it.
void edit_each(Document& document, const std::function<void(PacketDocument&)>& edit) {
  std::exception_ptr missing;
  bool edited = document.packets.empty();
  for (auto& packet : document.packets) {
    try {
      edit(packet);
      edited = true;
    } catch (const NoSuchField&) {
      if (!missing) missing = std::current_exception();
    }
  }
  if (!edited) std::rethrow_exception(missing);
}

}  // namespace

Command craft_command(CLI::App& app, const GlobalOptions& global) {
  auto options = std::make_shared<CraftArguments>();
  app.add_option("FILE", options->file,
                 "packet document to read (YAML or JSON); - is standard input");
  app.add_option("--message", options->message,
                 "make a valid message: hi, shin, shrep, ... (see 'secct list messages')")
      ->type_name("NAME");
  app.add_option("--mutate", options->mutate,
                 "make a malformed packet (see 'secct list malformed')")
      ->type_name("NAME");
  app.add_option("--dut", options->dut,
                 "take addresses, SAs and keys from this router description (default: the built-in "
                 "description)")
      ->type_name("FILE");
  app.add_option("--set", options->set,
                 "set the field that has this display-filter name; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  app.add_option("--remove", options->remove, "remove a field or a list entry; may be repeated")
      ->type_name("PATH")
      ->allow_extra_args(false);
  options->output.add_to(app);
  return [options, &global] {
    const bool named = !options->message.empty() || !options->mutate.empty();
    if (options->file.empty() != named) {
      throw UsageError(
          "craft: expected either FILE or at least one of --message NAME and --mutate NAME");
    }
    auto input = options->file.empty()
                     ? from_message(*options, global)
                     : read_document(load_yaml(options->file),
                                     options->file == "-" ? "standard input" : options->file,
                                     global.codepoints(), keyring_of(*options));
    for (const auto& text : options->set) {
      const auto [path, value] = split_assignment(text);
      edit_each(input.document,
                [&](PacketDocument& packet) { set_field(input.codepoints, packet, path, value); });
    }
    for (const auto& path : options->remove) {
      edit_each(input.document, [&](PacketDocument& packet) { remove_field(packet, path); });
    }
    if (!options->output.wanted()) {
      options->output.send.check();
      fmt::print("{}", to_yaml(to_json(input.codepoints, input.document)));
      return ExitStatus::ok;
    }
    return write_packets(input.codepoints, input.keys, input.document, options->output);
  };
}

}  // namespace secct::cli
