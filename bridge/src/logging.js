/**
 * Log lines: one JSON object a line on standard output. Never a phone, a name or a text: runs of
 * five digits and more are masked wherever they come from.
 */

/** Details that are ours: an address, and an id that is a hash. */
const PLAIN = new Set(['url', 'messageId'])

/** @param {string} text */
export const masked = (text) => text.replace(/\d{5,}/g, '…')

/**
 * @param {'info' | 'warn' | 'error'} level
 * @param {string} event a few words that never change
 * @param {Record<string, string | number | boolean | undefined>} [details]
 */
export function log(level, event, details = {}) {
  const line = { time: new Date().toISOString(), level, event }
  for (const [name, value] of Object.entries(details)) {
    if (value !== undefined) line[name] = typeof value === 'string' && !PLAIN.has(name) ? masked(value) : value
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/**
 * The logger that Baileys gets. Its objects hold phones, texts and keys: only its fixed sentences
 * pass, masked, and of those only warnings and errors.
 *
 * @param {string} account
 */
export function libraryLogger(account) {
  const pass = (/** @type {'warn' | 'error'} */ level) => (/** @type {unknown[]} */ ...said) => {
    const sentence = said.find((part) => typeof part === 'string')
    if (typeof sentence === 'string') log(level, 'baileys', { account, said: sentence.slice(0, 200) })
  }
  const logger = {
    level: 'warn',
    child: () => logger,
    trace() {},
    debug() {},
    info() {},
    warn: pass('warn'),
    error: pass('error'),
  }
  return logger
}
