import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

import { compressSiblings } from "./compress-siblings.ts";

/** In development the API is that of a running `regard serve`; REGARD_PORT names another port. */
const server = `http://127.0.0.1:${process.env.REGARD_PORT ?? "8360"}`;

export default defineConfig({
  plugins: [react(), compressSiblings()],
  build: {
    outDir: "../src/regard/ui",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // inlined assets would need data: in the content security policy
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": server } },
});
