/**
 * A file of JSON lines that only grows, and is now and then replaced by a shorter one.
 *
 * `append` resolves when its record is on disk: a record whose promise resolved survives kill -9
 * and a loss of power. A last line that was cut off is dropped when the file is opened again.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

export class AppendLog {
  #path
  /** @type {import('node:fs/promises').FileHandle} */
  #file
  #size = 0
  #busy = false
  /** @type {{line?: string, records?: () => Iterable<unknown>, resolve: () => void, reject: (error: unknown) => void}[]} */
  #waiting = []
  /** @type {Promise<void>} */
  #idle = Promise.resolve()

  constructor(path, file, size) {
    this.#path = path
    this.#file = file
    this.#size = size
  }

  /**
   * @param {string} path its folder is made where it is missing, for the owner alone
   * @param {(record: any) => void} each called for every record of the file, oldest first
   * @throws {Error} where a line in the middle cannot be read: the file was damaged
   */
  static async open(path, each) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const content = await readFile(path).catch((error) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0)
      throw error
    })
    const size = readLines(content, path, each)
    const file = await open(path, content.length ? 'r+' : 'w+', 0o600)
    await file.chmod(0o600)
    if (size < content.length) await file.truncate(size)
    return new AppendLog(path, file, size)
  }

  /** Bytes on disk. */
  get size() {
    return this.#size
  }

  /** @param {unknown} record anything that JSON can say */
  append(record) {
    return this.#enqueue({ line: `${JSON.stringify(record)}\n` })
  }

  /**
   * The file becomes these records: at any moment the old or the new one is there, whole.
   *
   * @param {() => Iterable<unknown>} records called when its turn has come
   */
  replace(records) {
    return this.#enqueue({ records })
  }

  async close() {
    await this.#idle
    await this.#file.close()
  }

  #enqueue(work) {
    return /** @type {Promise<void>} */ (
      new Promise((resolve, reject) => {
        this.#waiting.push({ ...work, resolve, reject })
        if (!this.#busy) this.#idle = this.#run()
      })
    )
  }

  async #run() {
    this.#busy = true
    while (this.#waiting.length) {
      const count = this.#waiting.findIndex((work) => work.records)
      const batch = this.#waiting.splice(0, count === 0 ? 1 : count < 0 ? this.#waiting.length : count)
      try {
        await (batch[0].records ? this.#replace(batch[0].records) : this.#write(batch))
        for (const work of batch) work.resolve()
      } catch (error) {
        for (const work of batch) work.reject(error)
      }
    }
    this.#busy = false
  }

  async #write(batch) {
    const bytes = Buffer.from(batch.map((work) => work.line).join(''))
    try {
      await this.#file.write(bytes, 0, bytes.length, this.#size)
      await this.#file.datasync()
      this.#size += bytes.length
    } catch (error) {
      await this.#file.truncate(this.#size).catch(() => {})
      throw error
    }
  }

  async #replace(records) {
    const bytes = Buffer.from([...records()].map((record) => `${JSON.stringify(record)}\n`).join(''))
    const fresh = await open(`${this.#path}.new`, 'w+', 0o600)
    await fresh.write(bytes, 0, bytes.length, 0)
    await fresh.sync()
    await rename(`${this.#path}.new`, this.#path)
    await syncFolder(dirname(this.#path))
    await this.#file.close()
    this.#file = fresh
    this.#size = bytes.length
  }
}

/** Makes names in a folder (new, renamed or removed files) survive a loss of power. */
export async function syncFolder(path) {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** @returns {number} the bytes up to the end of the last whole line */
function readLines(content, path, each) {
  let start = 0
  let bad = -1
  for (let end = content.indexOf(10); end >= 0; start = end + 1, end = content.indexOf(10, start)) {
    let record
    try {
      record = JSON.parse(content.toString('utf8', start, end))
    } catch {
      if (bad < 0) bad = start
      continue
    }
    if (bad >= 0) {
      throw new Error(`${path} is damaged at byte ${bad}; restore it from a copy, or move it away to begin anew.`)
    }
    each(record)
  }
  return bad >= 0 ? bad : start
}
