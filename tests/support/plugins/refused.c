// A well-made library with one state, or with the one thing wrong that a macro names. Each test library is a build of
// this file; see CMakeLists.txt.
#include <statecast/abi/entry.h>

#ifndef ENTRY_NAME
#define ENTRY_NAME statecast_entry_v1
#endif
#ifndef ENTRY_ABI
#define ENTRY_ABI SC_ABI_VERSION
#endif
#ifndef ENTRY_SIZE
#define ENTRY_SIZE sizeof(sc_entry)
#endif
#ifndef DESCRIPTORS
#define DESCRIPTORS 1
#endif
#ifndef DESCRIPTOR_SIZE
#define DESCRIPTOR_SIZE sizeof(sc_descriptor)
#endif
#ifndef FUNCTIONS_SIZE
#define FUNCTIONS_SIZE sizeof(sc_state)
#endif
#ifndef ID
#define ID "well-made"
#endif
#ifndef MANIFEST
#define MANIFEST "{\"topics\":[{\"prefix\":\"well\",\"kind\":\"updated\"}]}"
#endif

#ifndef FIRST_DESCRIPTOR
#define FIRST_DESCRIPTOR &descriptor
#endif
#ifndef ENTRY
#define ENTRY &entry
#endif
#ifndef RENDER
#define RENDER render
#endif

#define STR(literal) \
  { literal, sizeof(literal) - 1 }

static sc_status create(const sc_host* host, const sc_instance* instance, void** self, const sc_sink* err) {
  (void)host, (void)instance, (void)self;
  err->write(err->ctx, "not made to be created", 22);
  return SC_REJECTED;
}

static void destroy(void* self) { (void)self; }

#ifdef SOURCE
#define KIND SC_KIND_SOURCE
#undef MANIFEST
#define MANIFEST "{\"appends\":true}"

static sc_status epoch(void* self, const sc_sink* id, uint32_t* partitions) {
  (void)self, (void)id, (void)partitions;
  return SC_FAILED;
}

static sc_status range(void* self, uint32_t partition, sc_pos* oldest, sc_pos* newest) {
  (void)self, (void)partition, (void)oldest, (void)newest;
  return SC_FAILED;
}

static sc_status reader_open(void* self, const sc_pos* after, size_t n, void** reader, const sc_sink* err) {
  (void)self, (void)after, (void)n, (void)reader, (void)err;
  return SC_FAILED;
}

static sc_status poll(void* reader, size_t max, int64_t deadline_ns, const sc_batch* batch, const sc_sink* err) {
  (void)reader, (void)max, (void)deadline_ns, (void)batch, (void)err;
  return SC_FAILED;
}

static const sc_source functions = {.size = sizeof(sc_source),
                                    .create = create,
                                    .destroy = destroy,
                                    .epoch = epoch,
                                    .range = range,
                                    .reader_open = reader_open,
                                    .poll = poll,
                                    .interrupt = destroy,
                                    .reader_close = destroy};
#else

static sc_status load(void* self, sc_str version, sc_str key, sc_str bytes, const sc_sink* err) {
  (void)self, (void)version, (void)key, (void)bytes, (void)err;
  return SC_FAILED;
}

static sc_status apply(void* self, const sc_event* const* ev, size_t n, const sc_changes* changes, const sc_sink* err) {
  (void)self, (void)ev, (void)n, (void)changes, (void)err;
  return SC_FAILED;
}

static sc_status refresh(void* self, int64_t now_us, const sc_changes* changes, const sc_sink* err) {
  (void)self, (void)now_us, (void)changes, (void)err;
  return SC_FAILED;
}

static sc_status admit(void* self, const sc_client* client, sc_str topic, const sc_sink* view, const sc_sink* err) {
  (void)self, (void)client, (void)topic, (void)view, (void)err;
  return SC_FAILED;
}

static sc_status list(void* self, sc_str topic, sc_str after_key, size_t max, const sc_keys* keys, const sc_sink* err) {
  (void)self, (void)topic, (void)after_key, (void)max, (void)keys, (void)err;
  return SC_FAILED;
}

__attribute__((unused)) static sc_status render(void* self, sc_str key, sc_str view, const sc_sink* json,
                                                const sc_sink* err) {
  (void)self, (void)key, (void)view, (void)json, (void)err;
  return SC_FAILED;
}

static sc_status save(void* self, sc_str key, const sc_sink* bytes, const sc_sink* err) {
  (void)self, (void)key, (void)bytes, (void)err;
  return SC_FAILED;
}

static const sc_state functions = {.size = FUNCTIONS_SIZE,
                                   .create = create,
                                   .destroy = destroy,
                                   .load = load,
                                   .apply = apply,
                                   .refresh = refresh,
                                   .admit = admit,
                                   .list = list,
                                   .render = RENDER,
                                   .save = save};
#endif

#ifndef KIND
#define KIND SC_KIND_STATE
#endif
#ifndef FUNCTIONS
#define FUNCTIONS &functions
#endif

static const sc_descriptor descriptor = {.size = DESCRIPTOR_SIZE,
                                         .kind = KIND,
                                         .id = STR(ID),
                                         .version = STR("1.2.3"),
                                         .summary = STR("A library for tests"),
                                         .manifest = STR(MANIFEST),
                                         .functions = FUNCTIONS};

static const sc_descriptor* const descriptors[] = {FIRST_DESCRIPTOR, &descriptor};

static const sc_entry entry = {.size = ENTRY_SIZE,
                               .abi = ENTRY_ABI,
                               .package = STR("test-package"),
                               .version = STR("4.5.6"),
                               .n = DESCRIPTORS,
                               .descriptors = descriptors};

#ifdef UNRESOLVED
extern int statecast_function_that_nobody_has(void);
#endif

__attribute__((visibility("default"))) const sc_entry* ENTRY_NAME(void) {
  (void)functions, (void)descriptor, (void)entry;
#ifdef UNRESOLVED
  if (statecast_function_that_nobody_has()) return 0;
#endif
  return ENTRY;
}
