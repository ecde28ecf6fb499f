// The ABI's layout on LP64 (x86-64, aarch64), written out: a size or an offset that changes breaks every plugin that was
// built before. A minor version may only append; then it adds lines here and changes none but a total size.
#include <assert.h>
#include <statecast/abi/entry.h>

#define SIZE(type, bytes) static_assert(sizeof(type) == (bytes), "size of " #type)
#define AT(type, member, offset) static_assert(offsetof(type, member) == (offset), "offset of " #type "." #member)

SIZE(sc_str, 16);
AT(sc_str, p, 0);
AT(sc_str, n, 8);

SIZE(sc_pos, 24);
AT(sc_pos, hi, 0);
AT(sc_pos, lo, 8);
AT(sc_pos, partition, 16);
AT(sc_pos, ord, 20);

SIZE(sc_status, 4);

SIZE(sc_sink, 24);
AT(sc_sink, size, 0);
AT(sc_sink, ctx, 8);
AT(sc_sink, write, 16);

SIZE(sc_event, 136);
AT(sc_event, size, 0);
AT(sc_event, flags, 4);
AT(sc_event, pos, 8);
AT(sc_event, time_us, 32);
AT(sc_event, id, 40);
AT(sc_event, source, 56);
AT(sc_event, type, 72);
AT(sc_event, subject, 88);
AT(sc_event, data, 104);
AT(sc_event, extensions, 120);

SIZE(sc_host, 80);
AT(sc_host, size, 0);
AT(sc_host, abi, 4);
AT(sc_host, ctx, 8);
AT(sc_host, log, 16);
AT(sc_host, now_us, 24);
AT(sc_host, mono_ns, 32);
AT(sc_host, metric, 40);
AT(sc_host, metric_add, 48);
AT(sc_host, wake, 56);
AT(sc_host, get_extension, 64);
AT(sc_host, aged_us, 72);

SIZE(sc_instance, 48);
AT(sc_instance, size, 0);
AT(sc_instance, id, 8);
AT(sc_instance, settings, 24);
AT(sc_instance, lane, 40);
AT(sc_instance, lanes, 44);

SIZE(sc_changes, 96);
AT(sc_changes, size, 0);
AT(sc_changes, ctx, 8);
AT(sc_changes, updated, 16);
AT(sc_changes, appended, 24);
AT(sc_changes, removed, 32);
AT(sc_changes, ended, 40);
AT(sc_changes, touched, 48);
AT(sc_changes, rejected, 56);
AT(sc_changes, failed, 64);
AT(sc_changes, held, 72);
AT(sc_changes, settled, 80);
AT(sc_changes, refused, 88);

SIZE(sc_client, 112);
AT(sc_client, size, 0);
AT(sc_client, flags, 4);
AT(sc_client, session, 8);
AT(sc_client, remote, 16);
AT(sc_client, method, 32);
AT(sc_client, path, 48);
AT(sc_client, query, 64);
AT(sc_client, claims, 80);
AT(sc_client, ctx, 96);
AT(sc_client, header, 104);

SIZE(sc_keys, 24);
AT(sc_keys, size, 0);
AT(sc_keys, ctx, 8);
AT(sc_keys, key, 16);

SIZE(sc_state, 88);
AT(sc_state, size, 0);
AT(sc_state, create, 8);
AT(sc_state, destroy, 16);
AT(sc_state, load, 24);
AT(sc_state, apply, 32);
AT(sc_state, refresh, 40);
AT(sc_state, admit, 48);
AT(sc_state, list, 56);
AT(sc_state, render, 64);
AT(sc_state, save, 72);
AT(sc_state, get_extension, 80);

SIZE(sc_message, 56);
AT(sc_message, size, 0);
AT(sc_message, kind, 4);
AT(sc_message, json, 8);
AT(sc_message, cursor, 24);
AT(sc_message, topic, 40);

SIZE(sc_commands, 64);
AT(sc_commands, size, 0);
AT(sc_commands, ctx, 8);
AT(sc_commands, subscribe, 16);
AT(sc_commands, unsubscribe, 24);
AT(sc_commands, publish, 32);
AT(sc_commands, renew, 40);
AT(sc_commands, pong, 48);
AT(sc_commands, close, 56);

SIZE(sc_transport, 96);
AT(sc_transport, size, 0);
AT(sc_transport, create, 8);
AT(sc_transport, destroy, 16);
AT(sc_transport, open, 24);
AT(sc_transport, head, 32);
AT(sc_transport, decode, 40);
AT(sc_transport, answer, 48);
AT(sc_transport, encode, 56);
AT(sc_transport, envelope, 64);
AT(sc_transport, heartbeat, 72);
AT(sc_transport, close, 80);
AT(sc_transport, get_extension, 88);

SIZE(sc_batch, 32);
AT(sc_batch, size, 0);
AT(sc_batch, ctx, 8);
AT(sc_batch, event, 16);
AT(sc_batch, damaged, 24);

SIZE(sc_receipts, 24);
AT(sc_receipts, size, 0);
AT(sc_receipts, ctx, 8);
AT(sc_receipts, receipt, 16);

SIZE(sc_source, 96);
AT(sc_source, size, 0);
AT(sc_source, create, 8);
AT(sc_source, destroy, 16);
AT(sc_source, epoch, 24);
AT(sc_source, range, 32);
AT(sc_source, reader_open, 40);
AT(sc_source, poll, 48);
AT(sc_source, interrupt, 56);
AT(sc_source, reader_close, 64);
AT(sc_source, ack, 72);
AT(sc_source, append, 80);
AT(sc_source, get_extension, 88);

SIZE(sc_descriptor, 80);
AT(sc_descriptor, size, 0);
AT(sc_descriptor, kind, 4);
AT(sc_descriptor, id, 8);
AT(sc_descriptor, version, 24);
AT(sc_descriptor, summary, 40);
AT(sc_descriptor, manifest, 56);
AT(sc_descriptor, functions, 72);

SIZE(sc_entry, 56);
AT(sc_entry, size, 0);
AT(sc_entry, abi, 4);
AT(sc_entry, package, 8);
AT(sc_entry, version, 24);
AT(sc_entry, n, 40);
AT(sc_entry, descriptors, 48);

static_assert(SC_OK == 0 && SC_REJECTED == 1 && SC_RETRY == 2 && SC_DENIED == 3 && SC_UNKNOWN == 4, "status codes");
static_assert(SC_TIMEOUT == 5 && SC_BUSY == 6 && SC_GONE == 7 && SC_UNSUPPORTED == 8 && SC_FAILED == 9, "status codes");
static_assert(SC_KIND_STATE == 1 && SC_KIND_TRANSPORT == 2 && SC_KIND_SOURCE == 3, "kinds");
