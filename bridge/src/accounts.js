/** All logins of this bridge, by name; one folder each. */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Account } from './account.js'
import { Fault } from './faults.js'
import { log } from './logging.js'

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
export const DEFAULT = 'default'

export class Accounts {
  #folder
  #settings
  #driver
  /** @type {Map<string, Promise<Account>>} */
  #opening = new Map()
  /** @type {Map<string, Account>} */
  #open = new Map()

  constructor(settings, driver) {
    this.#folder = join(settings.data, 'accounts')
    this.#settings = settings
    this.#driver = driver
  }

  /** Takes up every login that is on disk, and begins those that the settings name. */
  async start() {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const names = (await readdir(this.#folder)).filter((name) => NAME.test(name))
    // one that cannot be opened (its log line says why) does not keep the others away
    await Promise.allSettled(names.map((name) => this.#account(name)))
    const known = [...this.#open.values()].filter((account) => account.isKnown)
    await Promise.all(known.map((account) => account.resume()))
    await Promise.allSettled(this.#settings.accounts.map((name) => this.login(name)))
  }

  /** @param {string} name @throws {Fault} unknown_account */
  get(name) {
    const account = this.#open.get(name)
    if (!account?.isKnown) {
      throw new Fault('unknown_account', 'There is no account of this name: begin its login with POST /accounts.')
    }
    return account
  }

  /** @param {string} name @param {string} [phone] */
  async login(name, phone) {
    if (!NAME.test(name)) {
      throw new Fault('invalid', 'An account name has up to 64 letters, digits, hyphens and underscores.')
    }
    const account = await this.#account(name)
    await account.login(phone)
    return account
  }

  /** The protocol's answer to `GET /health`. @param {string} [name] */
  health(name) {
    if (name !== undefined) return { connected: this.get(name).isConnected, state: this.get(name).state }
    const known = [...this.#open.values()].filter((account) => account.isKnown)
    const first = known.find((account) => account.name === DEFAULT) ?? known[0]
    if (!first) return { connected: false, state: 'logged_out' }
    if (known.length === 1) return { connected: first.isConnected, state: first.state }
    const worst = known.find((account) => !account.isConnected)
    return {
      connected: !worst,
      state: (worst ?? first).state,
      accounts: Object.fromEntries(
        known.map(({ name: each, isConnected, state }) => [each, { connected: isConnected, state }]),
      ),
    }
  }

  async stop() {
    await Promise.all([...this.#open.values()].map((account) => account.stop()))
  }

  /** @param {string} name */
  #account(name) {
    const opening = this.#opening.get(name) ?? this.#make(name)
    this.#opening.set(name, opening)
    opening.catch((error) => {
      this.#opening.delete(name)
      log('error', 'account not opened', { account: name, because: error.message })
    })
    return opening
  }

  async #make(name) {
    const account = await Account.open(name, join(this.#folder, name), this.#settings, this.#driver)
    this.#open.set(name, account)
    return account
  }
}
