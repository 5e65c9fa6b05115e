import { defineConfig } from 'vite';

const gateway = 'http://127.0.0.1:3000';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    // The page's policy allows no inline code, and `data:` only for pictures.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
  // `vite` alone serves the page from its sources, with the API of a gateway that runs beside it.
  server: { host: '127.0.0.1', proxy: { '/v1': gateway, '/health': gateway, '/docs': gateway } },
});
