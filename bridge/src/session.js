/**
 * The login of one account: its credentials and the keys of its encrypted sessions, as Baileys
 * wants them, on one append-only file. Each `set` is one line, so keys that belong together are
 * all there or none, and a kill at any moment leaves the state before or after.
 */
import { join } from 'node:path'
import { AppendLog } from './append_log.js'

const MAY_GROW = 1_000_000

export class Session {
  /** @type {AppendLog} */
  #log
  #driver
  /** @type {Map<string, string>} from `type/id` to JSON: a reader may change what it got */
  #keys = new Map()
  #atLeast = 0
  #compacting = false
  #epoch = 0
  /** @type {any} */
  creds

  constructor(driver) {
    this.#driver = driver
    this.creds = driver.initAuthCreds()
  }

  /**
   * @param {string} folder the account's own
   * @param {{initAuthCreds: () => any, reviveKey?: (type: string, value: any) => any}} driver
   */
  static async open(folder, driver) {
    const session = new Session(driver)
    session.#log = await AppendLog.open(join(folder, 'session.log'), (record) => session.#apply(record))
    session.#atLeast = session.#log.size
    return session
  }

  /** Whether a phone has been linked: WhatsApp knows this login. */
  get isLinked() {
    return Boolean(this.creds.account || this.creds.registered)
  }

  /** What makeWASocket takes as `auth`. */
  get state() {
    const epoch = this.#epoch
    return {
      creds: this.creds,
      keys: {
        get: async (type, ids) => {
          const found = {}
          for (const id of ids) {
            const value = this.#keys.get(`${type}/${id}`)
            if (value === undefined) continue
            const read = JSON.parse(value, revive)
            found[id] = this.#driver.reviveKey ? this.#driver.reviveKey(type, read) : read
          }
          return found
        },
        // a connection of a login that was forgotten may still have something to say
        set: async (data) => (epoch === this.#epoch ? this.#set(data) : undefined),
        clear: () => this.forget(),
      },
    }
  }

  async saveCreds() {
    await this.#log.append({ creds: encode(this.creds) })
    await this.#compact()
  }

  /** As if no phone had ever been linked. */
  async forget() {
    this.#epoch++
    this.#keys.clear()
    this.creds = this.#driver.initAuthCreds()
    await this.#log.replace(() => [])
    this.#atLeast = 0
  }

  close() {
    return this.#log.close()
  }

  async #set(data) {
    const record = { keys: {} }
    for (const [type, values] of Object.entries(data)) {
      for (const [id, value] of Object.entries(values ?? {})) {
        record.keys[`${type}/${id}`] = value ? encode(value) : null
      }
    }
    this.#apply(record)
    await this.#log.append(record)
    await this.#compact()
  }

  #apply(record) {
    if (record.creds) this.creds = JSON.parse(record.creds, revive)
    for (const [name, value] of Object.entries(record.keys ?? {})) {
      if (value === null) this.#keys.delete(name)
      else this.#keys.set(name, value)
    }
  }

  async #compact() {
    if (this.#compacting || this.#log.size < Math.max(MAY_GROW, 4 * this.#atLeast)) return
    this.#compacting = true
    try {
      await this.#log.replace(() => [{ creds: encode(this.creds) }, { keys: Object.fromEntries(this.#keys) }])
      this.#atLeast = this.#log.size
    } finally {
      this.#compacting = false
    }
  }
}

const encode = (value) =>
  JSON.stringify(value, (_, part) => {
    if (part instanceof Uint8Array) return { type: 'Buffer', data: Buffer.from(part).toString('base64') }
    if (part?.type === 'Buffer' && Array.isArray(part.data)) {
      return { type: 'Buffer', data: Buffer.from(part.data).toString('base64') }
    }
    return part
  })

const revive = (_, part) =>
  part?.type === 'Buffer' && typeof part.data === 'string' ? Buffer.from(part.data, 'base64') : part
