'use strict';
const fs = require('node:fs');
const path = require('node:path');

/** Starts the built program `name`; each launcher beside this file is one call of it. */
module.exports = function launch(name) {
  const loader = path.join(__dirname, '..', 'dist', 'loader.js');
  if (!fs.existsSync(loader)) {
    console.error(`${name}: kubemu is not built yet; run \`npm ci\` in ${path.join(__dirname, '..')} first`);
    process.exit(1);
  }
  require(loader)(name);
};
