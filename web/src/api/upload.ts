import { Problem, unreachable } from "./problem.ts";
import { queryText } from "./request.ts";

/**
 * Sends a file as the raw body of a POST and tells how much of it is gone (0..1).
 * XMLHttpRequest, because fetch does not report the progress of what it sends.
 */
export function upload<T>(
  path: string,
  query: Record<string, string>,
  file: File,
  onProgress: (share: number) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", `/api/v1${path}${queryText(query)}`);
    call.responseType = "json";
    call.setRequestHeader("X-Regard-Request", "1");
    call.setRequestHeader("Content-Type", "application/octet-stream");
    call.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    call.onerror = () => reject(unreachable());
    call.onload = () => {
      if (call.status >= 200 && call.status < 300) resolve(call.response as T);
      else reject(refusal(call));
    };
    call.send(file);
  });
}

function refusal(call: XMLHttpRequest): Problem {
  const body = (call.response ?? {}) as { code?: string; title?: string; detail?: string };
  return new Problem(
    call.status,
    body.code ?? `http_${call.status}`,
    body.title ?? `The server answered ${call.status}`,
    body.detail ?? "",
    call.getResponseHeader("x-request-id"),
  );
}
