import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXTS = /\.(js|css|html|svg|json)$/;
const WORTH_IT = 512; // bytes; below this a compressed sibling saves nothing

/**
 * Writes `.br` and `.gz` beside every text file of the built site.
 * In `writeBundle`, not `generateBundle`: Vite still changes the chunks in between,
 * and a sibling made too early would hold a broken program.
 */
export function compressSiblings(): Plugin {
  return {
    name: "compress-siblings",
    apply: "build",
    writeBundle(options) {
      for (const file of textFiles(options.dir ?? "dist")) {
        const bytes = readFileSync(file);
        if (bytes.length < WORTH_IT) continue;
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
        const params = {
          [constants.BROTLI_PARAM_QUALITY]: 11,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        };
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
      }
    },
  };
}

function textFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && TEXTS.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
