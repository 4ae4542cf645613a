// Writes into cases.json where the WHATWG URL parser of Node leads from each case, as a browser
// that is on the login page would go: node record.mjs
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('cases.json', import.meta.url)
const page = 'https://id.example.com/login'
const ascii = text => text.replace(/[\u007f-\uffff]/g, c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'))

function lead(raw) {
  try {
    return new URL(raw, page).href
  } catch {
    return null // the browser goes nowhere
  }
}

const rows = JSON.parse(readFileSync(file, 'utf8')).map(({ raw, target }) => {
  const browser = lead(raw)
  if (target !== '' && lead(target) !== browser) throw new Error(`${raw} leads to ${browser}, ${target} to ${lead(target)}`)
  return '  ' + ascii(JSON.stringify({ raw, browser, target }))
})
writeFileSync(file, '[\n' + rows.join(',\n') + '\n]\n')
