/**
 * `node --import` this: the process goes by a clock that somebody else turns, as a simulation does.
 * TOLD_CLOCK names a file that holds milliseconds since 1970. Timers run as ever.
 */
import { readFileSync } from 'node:fs'

const RealDate = Date
const told = () => Number(readFileSync(process.env.TOLD_CLOCK, 'utf8'))

globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length ? given : [told()]))
  }

  static now() {
    return told()
  }
}
