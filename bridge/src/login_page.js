/** The page on which a person logs an account in. Whoever has its key may see the codes: 15 minutes. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { asSvg } from './qr.js'

const MINUTES = 15

const TEXTS = {
  ru: {
    title: 'Вход в WhatsApp',
    steps: 'WhatsApp на телефоне салона → Настройки → Связанные устройства → Привязка устройства',
    scan: 'Отсканируйте код.',
    type: 'Выберите «Связать по номеру телефона» и введите код:',
    waiting: 'Готовим код…',
    connected: 'Готово, WhatsApp подключён. Страницу можно закрыть.',
    over: 'Ссылка больше не действует. Попросите новую.',
    logged_out: 'WhatsApp завершил этот вход. Попросите новую ссылку.',
  },
  en: {
    title: 'WhatsApp login',
    steps: 'WhatsApp on the salon’s phone → Settings → Linked devices → Link a device',
    scan: 'Scan the code.',
    type: 'Choose “Link with phone number” and type this code:',
    waiting: 'Getting a code…',
    connected: 'Done: WhatsApp is connected. You may close this page.',
    over: 'This link is no longer valid. Ask for a new one.',
    logged_out: 'WhatsApp ended this login. Ask for a new link.',
  },
}

export class LoginLinks {
  /** @type {Map<string, {key: Buffer, until: number}[]>} by account */
  #links = new Map()

  /** @param {string} account @param {number} now milliseconds */
  make(account, now) {
    const key = randomBytes(24).toString('base64url')
    const until = now + MINUTES * 60_000
    const others = (this.#links.get(account) ?? []).filter((link) => link.until > now).slice(-9)
    this.#links.set(account, [...others, { key: Buffer.from(key), until }])
    return { key, expiresAt: new Date(until).toISOString() }
  }

  /** @param {string} account @param {string} key @param {number} now milliseconds */
  isValid(account, key, now) {
    const given = Buffer.from(key)
    return (this.#links.get(account) ?? []).some(
      (link) => link.until > now && link.key.length === given.length && timingSafeEqual(link.key, given),
    )
  }
}

/** What the page asks for every two seconds. @param {any} account as Account.describe() */
export function loginStatus({ state, qr, pairingCode }) {
  return { state, ...(qr && { svg: asSvg(qr) }), ...(pairingCode && { pairingCode }) }
}

/** @param {string} [languages] of Accept-Language @returns {{html: string, policy: string}} */
export function loginPage(languages = '') {
  const language = /^\s*ru\b/i.test(languages) ? 'ru' : 'en'
  const texts = TEXTS[language]
  const nonce = randomBytes(16).toString('base64')
  const policy = `default-src 'none'; connect-src 'self'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; frame-ancestors 'none'`
  const html = `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${texts.title}</title>
<style nonce="${nonce}">
body{font:18px/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem;text-align:center}
#qr{background:#fff;max-width:22rem;margin:1rem auto}#code{font:2.5rem monospace;letter-spacing:.2em}
</style></head><body><h1>${texts.title}</h1><p id="steps">${texts.steps}</p>
<p id="say" role="status">${texts.waiting}</p><div id="qr"></div><p id="code"></p>
<script nonce="${nonce}">
const texts = ${JSON.stringify(texts)}, at = (id) => document.getElementById(id)
async function look() {
  const url = location.pathname + '/status' + location.search
  const answer = await fetch(url).catch(() => null)
  const now = answer?.ok ? await answer.json() : {}
  const over = answer && !answer.ok
  const done = now.state === 'connected' || now.state === 'restricted' || now.state === 'logged_out'
  at('qr').innerHTML = now.svg || ''
  at('code').textContent = now.pairingCode ? now.pairingCode.slice(0, 4) + '-' + now.pairingCode.slice(4) : ''
  at('say').textContent = over ? texts.over : now.state === 'logged_out' ? texts.logged_out
    : done ? texts.connected : now.svg ? texts.scan : now.pairingCode ? texts.type : texts.waiting
  at('steps').hidden = over || done
  if (!over && !done) setTimeout(look, 2000)
}
look()
</script></body></html>`
  return { html, policy }
}
