// Loads the chunks of dist/ through vm.Script with V8's cached data, which the first run of each verb leaves in the user's
// cache folder. Without a cache, or a folder to keep it in, everything works the same, a little slower.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const BUILD = '__BUILD__';

function cacheRoot() {
  const { env, platform } = process;
  const home = env.HOME || env.USERPROFILE || require('node:os').homedir();
  if (platform === 'win32')
    return path.join(env.LOCALAPPDATA || path.join(home, 'AppData', 'Local'), 'kubemu', 'cache');
  if (env.XDG_CACHE_HOME) return path.join(env.XDG_CACHE_HOME, 'kubemu');
  return path.join(home, platform === 'darwin' ? 'Library/Caches' : '.cache', 'kubemu');
}

const runtime = `${process.version}-${process.arch}`;
const cacheFolder = path.join(cacheRoot(), `${runtime}-${BUILD}`);
/** The scripts that hold several chunks, with the names of these. */
const PACKS = {
  /* PACKS */
};
const loaded = [];
const scripts = new Map();
const modules = new Map();
let incomplete = false;

function readCache(name) {
  try {
    return fs.readFileSync(path.join(cacheFolder, `${name}.cache`));
  } catch {
    return undefined;
  }
}

/** The loaders of the chunks that a script in dist/ holds. */
function run(name) {
  const filename = path.join(__dirname, name);
  // esbuild writes ASCII, which V8 keeps at half the size and Node reads without decoding.
  const code = fs.readFileSync(filename, 'latin1');
  const cachedData = readCache(name);
  const script = new vm.Script(code, { filename, cachedData });
  if (!cachedData || script.cachedDataRejected) incomplete = true;
  loaded.push({ name, script });
  return script.runInThisContext()(chunkRequire, {}, __dirname);
}

function load(name) {
  let exports = modules.get(name);
  if (exports) return exports;
  const file = Object.keys(PACKS).find((pack) => PACKS[pack].includes(name)) ?? name;
  if (!scripts.has(file)) scripts.set(file, run(file));
  exports = scripts.get(file)[name]();
  modules.set(name, exports);
  return exports;
}

/** Parts of Node that take milliseconds to load and that most commands never touch. */
const HEAVY = new Set(['child_process', 'crypto', 'http', 'https', 'net', 'timers/promises', 'tls', 'tty', 'zlib']);

/** Stands for a module until something of it is used. */
function lazily(id) {
  let real;
  const stand = new Proxy(
    {},
    {
      get(_, name) {
        if (name === '__esModule') return undefined;
        real ??= require(id);
        return real[name];
      },
      // esbuild derives the module's ES form from what it takes for its prototype.
      getPrototypeOf: () => stand,
    },
  );
  return stand;
}

function chunkRequire(id) {
  if (id.startsWith('./')) return load(id.slice(2));
  return HEAVY.has(id.replace('node:', '')) ? lazily(id) : require(id);
}

/** The file that tells that a verb has run before; undefined where the command line names none. */
function traceOf(program) {
  const verb = process.argv.slice(2).find((word) => !word.startsWith('-')) ?? '';
  return /^[a-z-]{1,30}$/.test(verb) ? path.join(cacheFolder, `${program}-${verb}.ran`) : undefined;
}

/** Makes the folder, and removes the leftovers of earlier builds. */
function prepareFolder() {
  if (fs.existsSync(cacheFolder)) return;
  fs.mkdirSync(cacheFolder, { recursive: true });
  const version = `${runtime}-${BUILD.replace(/-[^-]*$/, '')}-`;
  for (const folder of fs.readdirSync(cacheRoot())) {
    if (folder.startsWith(version) && folder !== path.basename(cacheFolder)) {
      fs.rmSync(path.join(cacheRoot(), folder), { recursive: true, force: true });
    }
  }
}

/** Keeps what V8 compiled until now: after the first run of each verb, the functions that it needs are among it. */
function saveCache(trace) {
  try {
    prepareFolder();
    for (const { name, script } of loaded) {
      const temporary = path.join(cacheFolder, `${name}.${process.pid}`);
      fs.writeFileSync(temporary, script.createCachedData());
      fs.renameSync(temporary, path.join(cacheFolder, `${name}.cache`));
    }
    if (trace) fs.writeFileSync(trace, '');
  } catch {
    // A cache is a convenience: no folder, no space, no permission are no errors.
  }
}

/** Runs the entry chunk `name` with the command line's arguments; its exit code becomes the process's. */
module.exports = function start(name) {
  process.on('exit', (code) => {
    const trace = code === 0 ? traceOf(name) : undefined;
    if (incomplete || (trace && !fs.existsSync(trace))) saveCache(trace);
  });
  load(`${name}.js`).main(process.argv.slice(2));
};
