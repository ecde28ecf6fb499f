// A State in C: shows how many events there were, as the one key "ticks" on the topic ticks/all.
#include <statecast/abi/entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STR(literal) ((sc_str){"" literal, sizeof(literal) - 1})
#define STR_INIT(literal) \
  { "" literal, sizeof(literal) - 1 }

typedef struct ticks {
  unsigned long count;
} ticks;

static int equal(sc_str a, sc_str b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }

static void write_count(const ticks* t, const char* format, const sc_sink* out) {
  char text[80];
  const int n = snprintf(text, sizeof text, format, t->count);
  out->write(out->ctx, text, (size_t)n);
}

static sc_status create(const sc_host* host, const sc_instance* instance, void** self, const sc_sink* err) {
  (void)host, (void)instance;
  ticks* made = calloc(1, sizeof *made);
  if (made == NULL) {
    err->write(err->ctx, "out of memory", 13);
    return SC_FAILED;
  }
  *self = made;
  return SC_OK;
}

static void destroy(void* self) { free(self); }

static sc_status load(void* self, sc_str version, sc_str key, sc_str bytes, const sc_sink* err) {
  (void)version, (void)key, (void)err;
  unsigned long count = 0;
  for (size_t i = 0; i < bytes.n; ++i) {
    if (bytes.p[i] < '0' || bytes.p[i] > '9') return SC_REJECTED;
    count = count * 10 + (unsigned long)(bytes.p[i] - '0');
  }
  ((ticks*)self)->count = count;
  return SC_OK;
}

static sc_status apply(void* self, const sc_event* const* events, size_t n, const sc_changes* changes,
                       const sc_sink* err) {
  (void)events, (void)err;
  const sc_str all = STR("ticks/all");
  for (size_t i = 0; i < n; ++i) {
    ++((ticks*)self)->count;
    changes->updated(changes->ctx, i, STR("ticks"), &all, 1);
  }
  return SC_OK;
}

static sc_status refresh(void* self, int64_t now_us, const sc_changes* changes, const sc_sink* err) {
  (void)self, (void)now_us, (void)changes, (void)err;
  return SC_OK;
}

static sc_status admit(void* self, const sc_client* client, sc_str topic, const sc_sink* view, const sc_sink* err) {
  (void)self, (void)client, (void)err;
  if (!equal(topic, STR("ticks/all"))) return SC_UNKNOWN;
  view->write(view->ctx, "all", 3);
  return SC_OK;
}

static sc_status list(void* self, sc_str topic, sc_str after_key, size_t max, const sc_keys* keys, const sc_sink* err) {
  (void)err;
  const int there = ((ticks*)self)->count > 0 && equal(topic, STR("ticks/all"));
  if (there && after_key.n == 0 && max > 0) keys->key(keys->ctx, STR("ticks"));
  return SC_OK;
}

static sc_status render(void* self, sc_str key, sc_str view, const sc_sink* json, const sc_sink* err) {
  (void)view, (void)err;
  if (!equal(key, STR("ticks"))) return SC_UNKNOWN;
  write_count(self, "{\"type\":\"ticks\",\"count\":%lu}", json);
  return SC_OK;
}

static sc_status save(void* self, sc_str key, const sc_sink* bytes, const sc_sink* err) {
  (void)err;
  if (!equal(key, STR("ticks"))) return SC_UNKNOWN;
  write_count(self, "%lu", bytes);
  return SC_OK;
}

static const sc_state functions = {.size = sizeof(sc_state),
                                   .create = create,
                                   .destroy = destroy,
                                   .load = load,
                                   .apply = apply,
                                   .refresh = refresh,
                                   .admit = admit,
                                   .list = list,
                                   .render = render,
                                   .save = save};

static const sc_descriptor descriptor = {
    .size = sizeof(sc_descriptor),
    .kind = SC_KIND_STATE,
    .id = STR_INIT("hello-c"),
    .version = STR_INIT("1.0.0"),
    .summary = STR_INIT("Counts events, in C"),
    .manifest = STR_INIT("{\"consumes\":[{\"type\":\"Tick\",\"key\":\"/subject\"}],"
                         "\"topics\":[{\"prefix\":\"ticks\",\"kind\":\"updated\",\"spans\":[\"all\"]}]}"),
    .functions = &functions};

static const sc_descriptor* const descriptors[] = {&descriptor};

static const sc_entry entry = {.size = sizeof(sc_entry),
                               .abi = SC_ABI_VERSION,
                               .package = STR_INIT("hello-c"),
                               .version = STR_INIT("1.0.0"),
                               .n = 1,
                               .descriptors = descriptors};

const sc_entry* statecast_entry_v1(void) { return &entry; }
