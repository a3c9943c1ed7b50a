/**
 * What was sent: each message's own WhatsApp id is on disk before WhatsApp is called, and what
 * became of it after. So the same id never becomes another message, a repeat of one that left is
 * not sent again, and a message with our id is known not to be a person's.
 *
 * Outcomes: `started` (WhatsApp may have it), `sent`, `refused` (it certainly did not leave).
 */
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { AppendLog } from './append_log.js'

const DAY = 24 * 60 * 60
const KEPT = 90 * DAY
/** A recipient whose phone could not read a message asks for it again, within days. */
const TEXT_KEPT = 7 * DAY
const MAY_GROW = 4_000_000

/**
 * @typedef {object} Sent
 * @property {string} digest of recipient and text
 * @property {number} at unix seconds
 * @property {'started' | 'sent' | 'refused'} outcome
 * @property {string} [text] kept for recipients who ask for it again
 * @property {string[]} [told] the statuses that were passed on
 */

/**
 * The WhatsApp id of a caller's own id: the caller can compute it as well.
 *
 * @param {string} account
 * @param {string} [id] without it a random one
 */
export function messageIdOf(account, id) {
  const hex =
    id === undefined
      ? randomBytes(18).toString('hex')
      : createHash('sha256').update(`${account}\n${id}`).digest('hex').slice(0, 36)
  return `3EB0${hex.toUpperCase()}`
}

/** @param {string} recipient @param {string} text */
export const digestOf = (recipient, text) =>
  createHash('sha256').update(`${recipient}\n${text}`).digest('base64url').slice(0, 22)

export class Journal {
  /** @type {AppendLog} */
  #log
  /** @type {Map<string, Sent>} by WhatsApp id */
  #messages = new Map()
  #atLeast = 0

  /** @param {string} folder the account's own @param {number} now unix seconds */
  static async open(folder, now) {
    const journal = new Journal()
    journal.#log = await AppendLog.open(join(folder, 'sends.log'), ({ id, ...news }) =>
      journal.#messages.set(id, { ...journal.#messages.get(id), ...news }),
    )
    await journal.#compact(now)
    return journal
  }

  /** @param {string} messageId @returns {Sent | undefined} */
  get(messageId) {
    return this.#messages.get(messageId)
  }

  /** @param {string} messageId @param {{digest: string, text: string, now: number}} message */
  async begin(messageId, { digest, text, now }) {
    const before = this.#messages.get(messageId)
    try {
      await this.#note(messageId, { digest, text, at: now, outcome: 'started', told: [] })
    } catch (error) {
      if (before) this.#messages.set(messageId, before)
      else this.#messages.delete(messageId)
      throw error
    }
    if (this.#log.size > Math.max(MAY_GROW, 2 * this.#atLeast)) await this.#compact(now)
  }

  /** @param {string} messageId @param {Partial<Sent>} news known at once, on disk when it resolves */
  async note(messageId, news) {
    if (this.#messages.has(messageId)) await this.#note(messageId, news)
  }

  close() {
    return this.#log.close()
  }

  #note(messageId, news) {
    this.#messages.set(messageId, { ...this.#messages.get(messageId), ...news })
    return this.#log.append({ id: messageId, ...news })
  }

  async #compact(now) {
    this.#atLeast = this.#log.size // no second one meanwhile
    for (const [messageId, sent] of this.#messages) {
      if (now - sent.at > KEPT) this.#messages.delete(messageId)
      else if (sent.text !== undefined && (now - sent.at > TEXT_KEPT || sent.told?.includes('read'))) {
        delete sent.text
      }
    }
    await this.#log.replace(() => [...this.#messages].map(([id, sent]) => ({ id, ...sent })))
    this.#atLeast = this.#log.size
  }
}
