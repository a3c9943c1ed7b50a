/** WhatsApp's status numbers (WAProto, WebMessageInfo.Status) and error codes. */

/** @type {Record<number, 'failed' | 'accepted' | 'delivered' | 'read'>} */
const STATUSES = { 0: 'failed', 2: 'accepted', 3: 'delivered', 4: 'read', 5: 'read' }

/** @param {unknown} status undefined for 1, pending, which says nothing */
export const statusOf = (status) => (typeof status === 'number' ? STATUSES[status] : undefined)

/** @param {any} said an update of a message, or an error of a query */
export function codeOf(said) {
  const code = Number(said?.messageStubParameters?.[0] ?? said?.data ?? said?.output?.statusCode)
  return Number.isInteger(code) && code > 0 ? code : undefined
}
