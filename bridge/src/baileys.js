/**
 * The real WhatsApp: Baileys, and nothing else imports it. A test's stand-in exports the same
 * three functions (see test/fake-socket.js).
 */
import makeWASocket, { initAuthCreds as freshCreds, proto } from 'baileys'

// libsignal prints whole sessions, keys included, whenever it opens or closes one
for (const name of /** @type {const} */ (['log', 'info', 'warn', 'error', 'debug'])) console[name] = () => {}

export const initAuthCreds = freshCreds

/** @param {string} type @param {any} value */
export const reviveKey = (type, value) =>
  type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(value) : value

/** @param {any} options @returns {any} */
export default function connect({ version, ...options }) {
  return makeWASocket({
    ...options,
    ...(version && { version: version.split('.').map(Number) }),
    emitOwnEvents: false,
    markOnlineOnConnect: false, // the staff's phone goes on ringing
    syncFullHistory: false,
  })
}

