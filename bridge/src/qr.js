/** A QR code as picture and as letters. */
import qrcode from 'qrcode-generator'

/** @param {string} text */
function modules(text) {
  const code = qrcode(0, 'L')
  code.addData(text)
  code.make()
  return code
}

/** @param {string} text @returns {string} an SVG with a white border */
export const asSvg = (text) => modules(text).createSvgTag({ cellSize: 4, margin: 16, scalable: true })

/** For a terminal: two modules in a letter. @param {string} text */
export function asLetters(text) {
  const code = modules(text)
  const count = code.getModuleCount()
  const isDark = (row, column) =>
    row >= 0 && column >= 0 && row < count && column < count && code.isDark(row, column)
  const lines = []
  for (let row = -2; row < count + 2; row += 2) {
    let line = ''
    for (let column = -2; column < count + 2; column++) {
      line += '█▄▀ '[(isDark(row, column) ? 1 : 0) + (isDark(row + 1, column) ? 2 : 0)]
    }
    lines.push(line)
  }
  return lines.join('\n')
}
