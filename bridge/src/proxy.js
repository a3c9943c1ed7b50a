/** The way to WhatsApp where it is reached by a proxy only. Vernis itself is never asked through it. */
import { HttpsProxyAgent } from 'https-proxy-agent'
import { SocksProxyAgent } from 'socks-proxy-agent'

/**
 * @param {string | undefined} proxy as readSettings lets it pass; may hold a name and a password
 * @returns {{agent?: import('node:http').Agent, fetchAgent?: import('node:http').Agent}} for Baileys
 */
export function throughProxy(proxy) {
  if (!proxy) return {}
  // the proxy looks the names up: where WhatsApp is blocked, its names often are
  const url = new URL(proxy.replace(/^socks5:/i, 'socks5h:'))
  const agent = url.protocol === 'socks5h:' ? new SocksProxyAgent(url) : new HttpsProxyAgent(url)
  return { agent, fetchAgent: agent }
}
