/**
 * What somebody wrote, in the protocol's words. Pure: no clock, no disk, no network.
 *
 * Field names are those of WhatsApp's protobuf (WAProto of Baileys).
 */

/** Wrappers with the real message inside (disappearing, once to be seen, with a caption, ...). */
const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'deviceSentMessage',
  'editedMessage',
  'lottieStickerMessage',
  'groupMentionedMessage',
  'botInvokeMessage',
  'associatedChildMessage',
]
/** Parts that come along with a message or between machines, and are nothing that anybody said. */
const SILENT = new Set([
  'senderKeyDistributionMessage',
  'fastRatchetKeySenderKeyDistributionMessage',
  'messageContextInfo',
  'protocolMessage',
  'keepInChatMessage',
  'pinInChatMessage',
  'pollUpdateMessage',
  'encReactionMessage',
  'encCommentMessage',
  'secretEncryptedMessage',
  'placeholderMessage',
])
const REVOKE = new Set([0, 'REVOKE'])
const EDIT = new Set([14, 'MESSAGE_EDIT'])

/**
 * @typedef {object} Said
 * @property {'text' | 'voice' | 'photo' | 'sticker' | 'reaction' | 'edited' | 'deleted' | 'other'} kind
 * @property {string | null} text what can be read: the text, a caption, an emoji, a chosen button
 * @property {string} [quotedMessageId] what it answers, reacts to, changes or takes back
 */

/**
 * @param {any} content the `message` of a WAMessage
 * @returns {Said | null} null for what nobody said (keys, syncs, receipts of machines)
 */
export function read(content) {
  const message = unwrap(content)
  if (!message) return null
  const protocol = message.protocolMessage
  if (protocol) return readProtocol(protocol)
  if (message.reactionMessage) {
    const { text, key } = message.reactionMessage
    return { kind: 'reaction', text: text ?? '', quotedMessageId: key?.id ?? undefined }
  }
  const quotedMessageId = quoted(message)
  const said = (kind, text) => ({ kind, text: text || null, ...(quotedMessageId && { quotedMessageId }) })
  const text = written(message)
  if (text !== undefined) return said('text', text)
  if (message.imageMessage) return said('photo', message.imageMessage.caption)
  if (message.audioMessage) return said('voice', null)
  if (message.stickerMessage) return said('sticker', null)
  const part = Object.keys(message).find((name) => message[name] && !SILENT.has(name))
  return part ? said('other', message[part]?.caption) : null
}

/**
 * Whose chat it is, by the two addresses of a message's key: one may be a phone, one a LID.
 *
 * @param {any} key of a WAMessage
 * @param {{phone?: string, lid?: string}} own digits of the account itself: what staff writes from
 *   the phone has the client in `remoteJid`, and may have the account beside it
 * @returns {{phone?: string, lid?: string} | null} null for groups, broadcasts, channels, oneself
 */
export function clientOf(key, own) {
  /** @type {{phone?: string, lid?: string}} */
  const client = {}
  for (const jid of [key?.remoteJid, key?.remoteJidAlt]) {
    const [, digits, server] = /^(\d+)(?:[:_]\d+)*@(.+)$/.exec(jid ?? '') ?? []
    if (!digits || digits === own.phone || digits === own.lid) continue
    if (digits.length < 5) return null // 0 is WhatsApp itself
    if (server === 's.whatsapp.net' || server === 'c.us' || server === 'hosted') client.phone ??= digits
    else if (server === 'lid' || server === 'hosted.lid') client.lid ??= digits
    else return null
  }
  return client.phone || client.lid ? client : null
}

/** @param {unknown} value unix seconds: a number, a text, or protobuf's 64-bit number */
export function seconds(value) {
  if (value && typeof value === 'object') {
    const { low = 0, high = 0 } = /** @type {{low?: number, high?: number}} */ (value)
    return high * 2 ** 32 + (low >>> 0)
  }
  return Number(value) || 0
}

/** Digits of a phone's or LID's JID, without device. @param {string | null | undefined} jid */
export const digitsOf = (jid) => /^(\d+)/.exec(jid ?? '')?.[1]

function unwrap(content) {
  let message = content
  for (let depth = 0; message && depth < 8; depth++) {
    const wrapper = WRAPPERS.find((name) => message[name]?.message)
    if (!wrapper) break
    message = message[wrapper].message
  }
  return message
}

function readProtocol({ type, key, editedMessage }) {
  if (!key?.id) return null
  if (REVOKE.has(type ?? 0)) return { kind: /** @type {const} */ ('deleted'), text: null, quotedMessageId: key.id }
  if (!EDIT.has(type)) return null
  const message = unwrap(editedMessage) ?? {}
  const caption = Object.values(message).find((part) => part?.caption)?.caption
  return {
    kind: /** @type {const} */ ('edited'),
    text: written(message) ?? caption ?? null,
    quotedMessageId: key.id,
  }
}

function written(message) {
  return (
    message.conversation ||
    message.extendedTextMessage?.text ||
    message.buttonsResponseMessage?.selectedDisplayText ||
    message.templateButtonReplyMessage?.selectedDisplayText ||
    message.listResponseMessage?.title ||
    message.interactiveResponseMessage?.body?.text ||
    undefined
  )
}

function quoted(message) {
  for (const part of Object.values(message)) {
    const id = part?.contextInfo?.stanzaId
    if (id) return id
  }
  return undefined
}
