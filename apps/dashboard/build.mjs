// Builds the page into dist/, or does nothing when dist/ is newer than every source. A gateway that starts meanwhile sees
// the old page or the new one, whole: files go first, then the page that names them, then the old files away.
import {
  existsSync,
  globSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const root = import.meta.dirname;
const dist = join(root, 'dist');
const page = join(dist, 'index.html');
const startedAt = new Date();

if (!isFresh()) await build();

function isFresh() {
  if (!existsSync(page)) return false;
  const builtMs = statSync(page).mtimeMs;
  // Folders count too: one changes when a file in it goes.
  const sources = globSync('{src,src/**,index.html,package.json,*.mjs}', { cwd: root });
  return sources.every((path) => statSync(join(root, path)).mtimeMs < builtMs);
}

async function build() {
  const vite = await import('vite');
  const { output } = await vite.build({ root, logLevel: 'warn', build: { write: false } });
  const files = output.map((file) => [file.fileName, 'code' in file ? file.code : file.source]);
  for (const [name, content] of files.sort(pageLast)) write(join(dist, name), content);
  // A file that another build is just writing ends in its process id, and is left alone.
  const kept = new Set(files.map(([name]) => name));
  for (const name of globSync('assets/*.{js,css,svg}', { cwd: dist }))
    if (!kept.has(name)) rmSync(join(dist, name), { force: true });
  // What was edited while this ran is newer than the page, so the next build takes it up.
  utimesSync(page, startedAt, startedAt);
}

function pageLast([a], [b]) {
  return Number(a === 'index.html') - Number(b === 'index.html');
}

/** Whole or not at all, also when two builds run at once. */
function write(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, content);
  renameSync(fresh, path);
}
