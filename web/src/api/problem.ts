/** A failed request, in the words of the server's problem details (RFC 9457). */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly requestId: string | null = null,
  ) {
    super(detail || title);
  }

  get offline(): boolean {
    return this.status === 0;
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const body = await readBody(response);
  return new Problem(
    response.status,
    text(body.code) || `http_${response.status}`,
    text(body.title) || `The server answered ${response.status}`,
    text(body.detail),
    response.headers.get("x-request-id"),
  );
}

export function unreachable(): Problem {
  return new Problem(0, "unreachable", "The server cannot be reached", "What you see stays readable. Check the connection, then retry.");
}

async function readBody(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
