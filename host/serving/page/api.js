// Requests to the public listener, beside the stream. Paths are relative: the page may stand below a proxy's prefix.

export class Refusal extends Error {
  constructor(status, detail, retryAfter) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter; // seconds
  }
}

async function refusalOf(response) {
  const problem = await response.json().catch(() => null);
  const detail = typeof problem?.detail === "string" ? problem.detail : `The host answered ${response.status}.`;
  return new Refusal(response.status, detail, Number(response.headers.get("retry-after")) || 0);
}

export class Api {
  token = "";

  streamUrl(topics, cursor = "") {
    const query = new URLSearchParams(topics.map((topic) => ["topic", topic]));
    if (cursor) query.set("last_event_id", cursor);
    // An EventSource sends no header of our own, so its token has to stand in the address.
    if (this.token) query.set("token", this.token);
    return `api/v1/stream?${query}`;
  }

  // How many follow each prefix that is served, and how many clients there are.
  subscribers() {
    return this.#json("api/v1/realtime/subscribers");
  }

  // The current value of a topic, or a Refusal with the host's own sentence.
  topic(topic) {
    return this.#json(`api/v1/topics/${topic.split("/").map(encodeURIComponent).join("/")}?limit=1`);
  }

  // The status with which a stream of this topic would be answered.
  async verdict(topic) {
    const query = new URLSearchParams({ topic });
    return (await this.#fetch(`api/v1/stream?${query}`, "HEAD")).status;
  }

  async #json(path) {
    const response = await this.#fetch(path, "GET");
    if (!response.ok) throw await refusalOf(response);
    return response.json();
  }

  async #fetch(path, method) {
    const headers = this.token ? { Authorization: `Bearer ${this.token}` } : {};
    try {
      return await fetch(path, { method, headers, cache: "no-store", credentials: "same-origin" });
    } catch {
      throw new Refusal(0, "The host cannot be reached.", 0);
    }
  }
}
