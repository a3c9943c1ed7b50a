/** `npm run check`: every file parses, and everything installed comes from the npm registry alone. */
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('..', import.meta.url)
const files = ['src', 'test'].flatMap((folder) =>
  readdirSync(new URL(folder, root)).filter((name) => name.endsWith('.js')).map((name) => new URL(`${folder}/${name}`, root)),
)
for (const file of files) execFileSync(process.execPath, ['--check', fileURLToPath(file)], { stdio: 'inherit' })

const lock = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8'))
const faults = Object.entries(lock.packages)
  .filter(([path]) => path !== '')
  .filter(([, { resolved, integrity, link }]) => resolved || link || !integrity)
  .map(([path]) => `${path} names where it comes from, or has no checksum.`)
if (faults.length) {
  process.stderr.write(`${faults.join('\n')}\nRun npm install with the .npmrc of this folder.\n`)
  process.exit(1)
}
process.stdout.write(`${files.length} files parse; ${Object.keys(lock.packages).length - 1} packages come from the registry.\n`)
