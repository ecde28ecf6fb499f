// The C table of a Source and its readers. Each function is a noexcept trampoline into the virtual function of the same
// name; a Source that does not override append or ack has null there, which tells the host so.
#pragma once

#include "../source.hpp"
#include "events.hpp"
#include "guard.hpp"

namespace statecast::detail {

struct SourceCalls {
  static Source& source(void* self) { return plugin<Source>(self); }
  static auto log(void* self) { return to_log(box<Source>(self).host); }

  static sc_status epoch(void* self, const sc_sink* id, std::uint32_t* partitions) noexcept {
    return done(
        [&] {
          const Source::Epoch epoch = source(self).epoch();
          Sink(id).write(epoch.id);
          *partitions = epoch.partitions;
        },
        log(self));
  }

  static sc_status range(void* self, std::uint32_t partition, sc_pos* oldest, sc_pos* newest) noexcept {
    return done(
        [&] {
          const Source::Range range = source(self).range(partition);
          *oldest = range.oldest;
          *newest = range.newest;
        },
        log(self));
  }

  static sc_status reader_open(void* self, const sc_pos* after, std::size_t n, void** reader,
                               const sc_sink* err) noexcept {
    return done(
        [&] {
          std::unique_ptr<Reader> opened = source(self).open_reader({after, n});
          if (!opened) throw Failure(SC_FAILED, "open_reader returned no reader");
          auto made = std::make_unique<Box<Reader>>(Box<Reader>{box<Source>(self).host, std::move(opened)});
          *reader = made.release();
        },
        to_sink(err));
  }

  static sc_status poll(void* reader, std::size_t max, std::int64_t deadline_ns, const sc_batch* batch,
                        const sc_sink* err) noexcept {
    return guard([&] { return plugin<Reader>(reader).poll(max, deadline_ns, Batch(batch)) ? SC_OK : SC_TIMEOUT; },
                 to_sink(err));
  }

  static void interrupt(void* reader) noexcept {
    done([&] { plugin<Reader>(reader).interrupt(); }, to_log(box<Reader>(reader).host));
  }

  static sc_status ack(void* self, const sc_pos* positions, std::size_t n, const sc_sink* err) noexcept {
    return done([&] { source(self).ack({positions, n}); }, to_sink(err));
  }

  static sc_status append(void* self, const sc_event* const* events, std::size_t n, const sc_receipts* receipts,
                          const sc_sink* err) noexcept {
    return done([&] { source(self).append(from_abi(events, n), Receipts(receipts)); }, to_sink(err));
  }
};

// A member function that is inherited has the type of a member of the class that declares it.
template <class Plugin>
concept InheritsAppend = std::same_as<decltype(&Plugin::append), decltype(&Source::append)>;
template <class Plugin>
concept InheritsAck = std::same_as<decltype(&Plugin::ack), decltype(&Source::ack)>;

template <std::derived_from<Source> Plugin>
inline constexpr sc_source kSourceTable = {.size = sizeof(sc_source),
                                           .create = create<Source, Plugin>,
                                           .destroy = destroy<Source>,
                                           .epoch = SourceCalls::epoch,
                                           .range = SourceCalls::range,
                                           .reader_open = SourceCalls::reader_open,
                                           .poll = SourceCalls::poll,
                                           .interrupt = SourceCalls::interrupt,
                                           .reader_close = destroy<Reader>,
                                           .ack = InheritsAck<Plugin> ? nullptr : SourceCalls::ack,
                                           .append = InheritsAppend<Plugin> ? nullptr : SourceCalls::append,
                                           .get_extension = get_extension<Source>};

}  // namespace statecast::detail
