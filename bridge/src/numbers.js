/**
 * Who is on WhatsApp. It is asked before a first message: one sent to a number that is not there
 * can get the account restricted (Baileys#2441). Each number is asked about once in a while.
 */
import { Fault } from './faults.js'
import { digitsOf } from './inbound.js'

const KNOWN_FOR = 7 * 24 * 3_600_000
const MISSED_FOR = 3_600_000
const REMEMBERED = 50_000

export class Numbers {
  #connection
  #isMapped
  /** @type {Map<string, {jid: string | null, until: number}>} by phone */
  #known = new Map()

  /**
   * @param {{socket: any}} connection
   * @param {(phone: string) => Promise<boolean>} isMapped whether WhatsApp named its LID before
   */
  constructor(connection, isMapped) {
    this.#connection = connection
    this.#isMapped = isMapped
  }

  /** @param {string} phone digits @returns {Promise<string | null>} where to write to */
  async find(phone) {
    const known = this.#known.get(phone)
    if (known && Date.now() < known.until) return known.jid
    if (await this.#isMapped(phone)) return `${phone}@s.whatsapp.net`
    return (await this.#ask([phone])).get(phone) ?? null
  }

  /** @param {string[]} phones digits */
  async lookUp(phones) {
    const found = await this.#ask([...new Set(phones)])
    const there = [...found.values()].filter((jid) => jid !== null)
    const lids = await this.#lids(there)
    return phones.map((phone) => {
      const jid = found.get(phone)
      const lid = jid && lids.get(digitsOf(jid) ?? '')
      return { phone, exists: Boolean(jid), ...(lid && { lid }) }
    })
  }

  /**
   * WhatsApp leaves out who is not there, and may know a number by other digits (Brazil's ninth):
   * an answer that fits no question is settled by asking for the open ones one by one.
   */
  async #ask(phones) {
    const answers = await this.#query(phones)
    /** @type {Map<string, string | null>} */
    const found = new Map()
    const byDigits = new Map(answers.map((jid) => [digitsOf(jid), jid]))
    for (const phone of phones) found.set(phone, byDigits.get(phone) ?? null)
    const strangers = answers.length - [...found.values()].filter(Boolean).length
    const open = phones.filter((phone) => !found.get(phone))
    if (strangers > 0 && phones.length === 1) found.set(phones[0], answers[0])
    else if (strangers > 0) {
      for (const phone of open) found.set(phone, (await this.#query([phone]))[0] ?? null)
    }
    for (const [phone, jid] of found) this.#remember(phone, jid)
    return found
  }

  async #query(phones) {
    const { socket } = this.#connection
    const answers = await socket?.onWhatsApp(...phones.map((phone) => `${phone}@s.whatsapp.net`))
    if (!answers) throw new Fault('not_connected', 'WhatsApp did not answer whether the number exists; nothing was sent.')
    return answers.filter((one) => one.exists).map((one) => one.jid)
  }

  async #lids(jids) {
    if (!jids.length) return new Map()
    const pairs = await this.#connection.socket?.signalRepository?.lidMapping.getLIDsForPNs(jids).catch(() => null)
    return new Map((pairs ?? []).map(({ pn, lid }) => [digitsOf(pn), digitsOf(lid)]))
  }

  #remember(phone, jid) {
    this.#known.delete(phone)
    this.#known.set(phone, { jid, until: Date.now() + (jid ? KNOWN_FOR : MISSED_FOR) })
    if (this.#known.size > REMEMBERED) this.#known.delete(this.#known.keys().next().value ?? '')
  }
}
